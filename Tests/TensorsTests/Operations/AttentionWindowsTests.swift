import TestSupport
import Testing

@testable import Tensors

@Suite struct AttentionWindowsTests {
  @Test func tilesEndWithDocuments() {
    let windows = AttentionWindows(starts: [0, 0, 2, 2, 2], ends: [1, 2, 3, 4, 5])
    #expect(windows.tiles.map(\.rows) == [0..<2, 2..<5])
    #expect(windows.tiles.map(\.keys) == [0..<2, 2..<5])
    #expect(windows.islands == [0..<1, 1..<2])
  }

  @Test func tilesOfOneDocumentAreOneIsland() {
    let starts = [Int32](repeating: 0, count: 130)
    let windows = AttentionWindows(starts: starts, ends: Array(1...130))
    #expect(windows.tiles.map(\.rows) == [0..<64, 64..<128, 128..<130])
    #expect(windows.tiles.map(\.keys) == [0..<64, 0..<128, 0..<130])
    #expect(windows.islands == [0..<3])
  }

  @Test func noQueries() {
    let windows = AttentionWindows(starts: [], ends: [])
    #expect(windows.tiles.isEmpty && windows.islands.isEmpty)
  }

  @Test(arguments: [[40, 100, 7, 64], [1, 1, 200]], [nil, 13, 64] as [Int?])
  func everyRowIsInOneTileAndEveryKeyInOneIsland(documents: [Int], chunk: Int?) {
    let example = AttentionCase("", documents: documents, chunk: chunk)
    let windows = AttentionWindows(starts: example.starts, ends: example.ends)
    #expect(windows.tiles.flatMap(\.rows) == Array(0..<example.starts.count))
    #expect(windows.islands.flatMap(\.self) == Array(windows.tiles.indices))
    for tile in windows.tiles {
      for row in tile.rows {
        #expect(tile.keys.contains(Int(windows.starts[row])))
        #expect(tile.keys.contains(Int(windows.ends[row]) - 1))
      }
    }
    let keys = windows.islands.map { island in Set(windows.tiles[island].flatMap(\.keys)) }
    #expect(keys.reduce(0) { $0 + $1.count } == Set(keys.flatMap(\.self)).count)
  }
}
