/// The keys that each query may attend to: one run of keys per query.
///
/// A causal mask, chunks, document boundaries, left padding and a key-value cache all come down to
/// the same thing: query n sees keys `starts[n] ..< ends[n]`. Neither bound ever decreases.
public struct AttentionWindows: Sendable {
  /// Some consecutive queries and all the keys that any of them sees.
  struct Tile: Sendable {
    let rows: Range<Int>
    let keys: Range<Int>
  }

  /// The most queries that share a tile; memory is this many rows of scores.
  private static let tileRows = 64

  let starts, ends: [Int32]
  let tiles: [Tile]
  /// Runs of tiles that share no key with other runs, so that they can be added up in parallel.
  let islands: [Range<Int>]

  /// The windows of each query, in key coordinates.
  package init(starts: [Int32], ends: [Int32]) {
    precondition(starts.count == ends.count, "\(starts.count) starts, \(ends.count) ends")
    self.starts = starts
    self.ends = ends
    tiles = Self.tiles(starts, ends)
    islands = Self.islands(tiles)
  }

  private static func tiles(_ starts: [Int32], _ ends: [Int32]) -> [Tile] {
    var (tiles, first) = ([Tile](), 0)
    for row in starts.indices.map({ $0 + 1 }) {
      let closes =
        row == starts.count || row - first == tileRows || starts[row] >= ends[row - 1]
      guard closes else { continue }
      tiles.append(Tile(rows: first..<row, keys: Int(starts[first])..<Int(ends[row - 1])))
      first = row
    }
    return tiles
  }

  private static func islands(_ tiles: [Tile]) -> [Range<Int>] {
    var (islands, first) = ([Range<Int>](), 0)
    for index in tiles.indices.dropFirst()
    where tiles[index].keys.lowerBound >= tiles[index - 1].keys.upperBound {
      islands.append(first..<index)
      first = index
    }
    return tiles.isEmpty ? [] : islands + [first..<tiles.count]
  }
}
