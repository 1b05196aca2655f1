import Foundation
import Testing

@testable import Shards

@Suite("case small-cache: tables pay for themselves") struct SmallCacheTablesTests {
  private static let size = 2000
  private let capture = TemporaryCache.capture(vocabularySize: size)
  /// Kinds that say nothing of what is expected, as costly to store as any.
  private let kinds = (0..<size).map { UInt8(($0 * 7919) % 6) }

  private func sequences(_ count: Int) throws -> [CachedSequence] {
    var teacher = SyntheticTeacher(vocabularySize: Self.size, seed: 5)
    return try (0..<count).map { try teacher.sequence(ordinal: $0, count: 40) }
  }

  private func bytes(
    of sequences: [CachedSequence], records: Int?
  ) throws -> (tables: CodingTables, stored: Int, frames: Int) {
    let tables = try CodingTables(
      calibrating: sequences, records: records, kinds: kinds, capture: capture)
    let codec = try FrameCodec(capture, tables: tables)
    let frames = try sequences.map { sequence in
      let frame = try codec.encode(sequence)
      let payload = try ZstdFrame.decompress(frame.bytes, size: frame.payloadSize)
      #expect(try codec.decode(payload: payload, identity: frame.identity) == sequence)
      return frame.bytes.count
    }
    return (tables, try TablesFile.encode(tables).count, frames.reduce(0, +))
  }

  @Test func aSmallCacheIsShorterAsAWhole() throws {
    let sequences = try sequences(24)
    let records = sequences.reduce(0) { $0 + $1.text.recordCount }
    let (small, plain) = (
      try bytes(of: sequences, records: records), try bytes(of: sequences, records: nil)
    )
    #expect(small.stored < plain.stored / 2, "\(small.stored) of \(plain.stored)")
    #expect(small.stored + small.frames < (plain.stored + plain.frames) * 9 / 10)
    #expect(small.tables.kinds.allSatisfy { $0 == 0 }, "kinds that say nothing were kept")
  }

  @Test func aLargeCacheHasATableForEachContext() throws {
    let sequences = try sequences(24)
    let (large, plain) = (
      try bytes(of: sequences, records: 1 << 40), try bytes(of: sequences, records: nil)
    )
    #expect(large.tables.octaves == plain.tables.octaves)
    #expect(large.frames <= plain.frames * 101 / 100)
    // Fewer records than were counted are as many.
    let few = try bytes(of: sequences, records: 1)
    let all = sequences.reduce(0) { $0 + $1.text.recordCount }
    #expect(try few.tables == bytes(of: sequences, records: all).tables)
  }

  @Test func neighboursAreJoinedWhereThatIsShorter() throws {
    let often = [SymbolCount(symbol: 0, count: 700), SymbolCount(symbol: 1, count: 300)]
    let alike = [SymbolCount(symbol: 0, count: 55), SymbolCount(symbol: 1, count: 45)]
    let other = [SymbolCount(symbol: 1, count: 40), SymbolCount(symbol: 9, count: 900)]
    let groups = TableGroup.groups(of: [(3, often), (5, alike), (6, other)], weight: 16)
    #expect(groups.map(\.contexts) == [[3, 5], [6]])
    #expect(groups[0].counts.map(\.count) == [755, 345])
    #expect(groups[1].counts == other)
    #expect(groups[0].tables.map(\.context) == [3, 5])
    #expect(groups[0].tables[0].frequencies == groups[0].tables[1].frequencies)
    // The same is worth tables of its own if it comes ten thousand times as often.
    let apart = TableGroup.groups(of: [(3, often), (5, alike), (6, other)], weight: 160_000)
    #expect(apart.map(\.contexts) == [[3], [5], [6]])
    // One number is not worth a table.
    let rare = TableGroup.groups(of: [(3, [SymbolCount(symbol: 4, count: 1)])], weight: 16)
    #expect(rare[0].tables.isEmpty && rare[0].length == 8 * 256)
  }

  @Test func logarithmsAreThoseOfTheLibrary() {
    for value in [1, 2, 3, 5, 7, 16, 100, 4095, 4096, 65_537, 1 << 40, .max] {
      let exact = log2(Double(value)) * 256
      #expect(abs(Double(FixedLogarithm.of(value)) - exact) <= 1.001, "\(value)")
    }
  }
}
