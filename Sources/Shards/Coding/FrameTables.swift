import CFrames

/// What the frames of a capture are read with, laid out for the C code that reads them.
final class FrameTables: Sendable {
  /// The levels that are told apart on the logarithmic grid, which has no end: the probabilities of
  /// all above are 0 in float32.
  private static let logarithmicLevels = 2048

  /// The tables; they never change.
  nonisolated(unsafe) let pointer: OpaquePointer

  /// The tables of a codec.
  init(_ codec: SparseCodec) throws(ShardError) {
    let (reading, ids) = (ReadingTables(codec.tables.symbols.tables), codec.tables)
    let levels = Self.levels(codec)
    let pointer = reading.heads.withUnsafeBufferPointer { heads in
      reading.layouts.withUnsafeBufferPointer { layouts in
        ids.order.withUnsafeBufferPointer { order in
          levels.withUnsafeBufferPointer { levels in
            cf_codec_create(
              Self.settings(codec),
              cf_tables(
                heads: heads.baseAddress, head_count: heads.count,
                layouts: layouts.baseAddress, layout_count: layouts.count,
                order: order.baseAddress, levels: levels.baseAddress,
                level_count: levels.count))
          }
        }
      }
    }
    guard let pointer else {
      throw .system(path: "coding tables", operation: "lay them out", reason: "out of memory")
    }
    self.pointer = pointer
  }

  deinit { cf_codec_free(pointer) }

  private static func settings(_ codec: SparseCodec) -> cf_settings {
    let firsts = codec.tables.firsts.map { UInt32($0) }
    return cf_settings(
      vocabulary: UInt32(codec.tables.vocabularySize),
      firsts: (firsts[0], firsts[1], firsts[2], firsts[3], firsts[4], firsts[5], firsts[6]),
      most_level: UInt32(codec.mostLevel), whole: UInt32(codec.headroom),
      is_ascending: codec.isAscending, reference_is_level: codec.grid == .logarithmic,
      has_tail: codec.sampledValue != nil, sampled: codec.sampledValue ?? 0,
      draws: UInt32(codec.draws), most_entries: UInt32(codec.mostEntries * codec.draws + 2))
  }

  private static func levels(_ codec: SparseCodec) -> [cf_level] {
    let count = codec.grid == .logarithmic ? logarithmicLevels : codec.mostLevel + 1
    return (0..<count).map { level in
      let certainty = codec.certainty(level)
      let expected = codec.expectedTail(mass: codec.headroom - level)
      return cf_level(
        value: codec.grid.value(level), reference: Int32(codec.reference(level)),
        certainty: UInt32(certainty),
        certainty_class: UInt32(CodingContext.certaintyClass(certainty)),
        next: context(
          CodingContext.headLevel, codec.headLevelContext(left: level, last: level)),
        expected: UInt32(expected),
        tail: context(CodingContext.tailCount, CodingContext.expectationClass(expected) * 3))
    }
  }

  private static func context(_ family: Int, _ index: Int) -> UInt32 {
    UInt32(CodingContext.other(family, index))
  }
}

/// The memory that a frame is read in, which the next one finds warm.
final class FrameScratch: Sendable {
  /// The memory; one thread has it at a time.
  nonisolated(unsafe) let pointer: OpaquePointer

  /// Memory for frames that are read with some tables; nil where there is none.
  init?(_ tables: FrameTables) {
    guard let pointer = cf_memory_create(tables.pointer) else { return nil }
    self.pointer = pointer
  }

  deinit { cf_memory_free(pointer) }
}
