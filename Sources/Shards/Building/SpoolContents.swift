import Base

/// What lies in a spool: where each sequence is, and what a cache of them needs to know first.
struct SpoolContents {
  /// A sequence's frame in the file.
  private struct Entry {
    let offset, stored, payload, records: Int
    let identity: UInt64
  }

  /// The SHA-256 of the texts in order, as a part's `data_fingerprint` has it.
  private(set) var digest = ""
  /// The first tokens, as many as tables count.
  private var tokens: [Int32] = []
  private var entries: [Entry] = []
  private let path: String
  private let codec: FrameCodec

  /// Reads a spool up to a place, and checks every frame of it.
  init(
    _ path: String, codec: FrameCodec, end: SequenceSpool.Position, threads: Int
  ) throws(ShardError) {
    (self.path, self.codec) = (path, codec)
    try findEntries(end)
    var digest = DataDigest()
    for batch in batches(from: 0, of: 64 * threads) {
      for sequence in try sequences(batch, threads: threads) {
        digest.append(sequence.text)
        guard tokens.count < CodingTables.countedTokens else { continue }
        tokens += sequence.tokens
      }
    }
    self.digest = digest.hexadecimal
  }

  private mutating func findEntries(_ end: SequenceSpool.Position) throws(ShardError) {
    let file = try OpenFile(reading: path)
    var offset = 0
    while offset < end.bytes {
      var header = ByteReader(try file.read(at: offset, count: SequenceSpool.headerSize))
      guard let stored = try? header.integer(UInt32.self),
        let payload = try? header.integer(UInt32.self),
        let records = try? header.integer(UInt32.self),
        let identity = try? header.integer(UInt64.self), payload <= codec.maximumPayload,
        offset + SequenceSpool.headerSize + Int(stored) <= end.bytes
      else { throw damage("a record of it has an impossible size") }
      entries.append(
        Entry(
          offset: offset + SequenceSpool.headerSize, stored: Int(stored), payload: Int(payload),
          records: Int(records), identity: identity))
      offset += SequenceSpool.headerSize + Int(stored)
    }
    guard entries.count == end.sequences else { throw damage("it has other counts than its run") }
  }

  /// The numbers of the sequences from one on, in runs.
  func batches(from first: Int, of size: Int) -> [Range<Int>] {
    stride(from: first, to: entries.count, by: size).map { $0..<min(entries.count, $0 + size) }
  }

  /// Some sequences with their targets.
  func sequences(
    _ numbers: some RandomAccessCollection<Int>, threads: Int
  ) throws(ShardError) -> [CachedSequence] {
    let file = try OpenFile(reading: path)
    var frames: [(entry: Entry, bytes: [UInt8])] = []
    for number in numbers {
      let entry = entries[number]
      frames.append((entry, try file.read(at: entry.offset, count: entry.stored)))
    }
    let (codec, found) = (codec, frames)
    let decoded = Parallel.map(found.count, threads: threads) { index -> CachedSequence? in
      let (entry, bytes) = found[index]
      guard let payload = try? ZstdFrame.decompress(bytes, size: entry.payload) else { return nil }
      return try? codec.decode(payload: payload, identity: entry.identity)
    }
    let whole = decoded.compactMap { $0 }
    guard whole.count == decoded.count else {
      throw damage("a frame of it is not what was written")
    }
    return whole
  }

  /// The coding tables, calibrated on sequences spread over all; nil where the codec has none.
  func tables(_ capture: CaptureConfig, kinds: [UInt8]?) throws(ShardError) -> CodingTables? {
    guard capture.codec.isSparse else { return nil }
    let chosen = CodingTables.calibrationSequences(recordCounts: entries.map(\.records))
    return try CodingTables(
      calibrating: try sequences(chosen, threads: 1),
      records: entries.reduce(0) { $0 + $1.records }, text: tokens, kinds: kinds, capture: capture)
  }

  private func damage(_ reason: String) -> ShardError {
    .damagedSpool(path: path, reason: reason)
  }
}
