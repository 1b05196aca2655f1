import Base

/// Byte-pair merging: turns one piece of text into token ids.
///
/// Starting from single bytes, the adjacent pair with the lowest rank is joined, the leftmost first
/// among equals, until none is left (Sennrich et al. 2016; tokenizers' order of merges).
struct BytePairEncoder: Sendable {
  /// The bytes of each token that pieces can become.
  var tokens: TokenTable
  /// The merges by pair.
  var merges: MergeTable
  /// The id of each single byte, −1 where the vocabulary has none.
  var byteIDs: [Int32]
  /// By id: whether a piece that spells exactly this token becomes this token.
  var isWhole: [Bool]
  /// The token for a byte that the vocabulary lacks; without it the byte is dropped.
  var unknownID: Int32?
  /// Whether neighbouring unknown bytes make one unknown token.
  var fusesUnknown: Bool

  /// The most symbols for which a plain scan for the lowest rank is faster than a heap.
  private static let scanLimit = 48

  /// The pieces that a thread encodes at a time, and the least that several threads are used for.
  private static let run = 1 << 13
  private static let sharedPieces = 1 << 15

  /// Appends the ids of a text's pieces; those of a long text are encoded by several threads.
  func encode(
    _ pieces: PreTokenizer.Pieces, into ids: inout [Int32], using scratch: inout MergeScratch,
    threads: Int = Parallel.availableThreads
  ) {
    let ranges = pieces.ranges
    guard ranges.count >= Self.sharedPieces, threads > 1 else {
      return encode(pieces.text, ranges[...], into: &ids, using: &scratch)
    }
    let starts = Array(stride(from: 0, to: ranges.count, by: Self.run))
    let parts = Parallel.map(starts.count, threads: threads) { number in
      var (part, scratch) = ([Int32](), MergeScratch())
      part.reserveCapacity(2 * Self.run)
      let end = min(starts[number] + Self.run, ranges.count)
      encode(pieces.text, ranges[starts[number]..<end], into: &part, using: &scratch)
      return part
    }
    for part in parts { ids += part }
  }

  private func encode(
    _ text: [UInt8], _ pieces: ArraySlice<Range<Int>>, into ids: inout [Int32],
    using scratch: inout MergeScratch
  ) {
    let span = text.span
    for piece in pieces { encode(span.extracting(piece), into: &ids, using: &scratch) }
  }

  /// Appends the ids of a piece.
  func encode(_ piece: Span<UInt8>, into ids: inout [Int32], using scratch: inout MergeScratch) {
    if let id = tokens.id(of: piece), isWhole[Int(id)] { return ids.append(id) }
    merge(piece, into: &ids, using: &scratch)
  }

  /// Appends the ids that merging alone gives, the whole piece being a token or not.
  func merge(_ piece: Span<UInt8>, into ids: inout [Int32], using scratch: inout MergeScratch) {
    scratch.symbols.removeAll(keepingCapacity: true)
    for index in 0..<piece.count { append(piece[index], to: &scratch.symbols) }
    if scratch.symbols.count <= Self.scanLimit {
      scratch.mergeByScanning(merges)
    } else {
      scratch.mergeByHeap(merges)
    }
    ids += scratch.symbols
  }

  private func append(_ byte: UInt8, to symbols: inout [Int32]) {
    let id = byteIDs[Int(byte)]
    if id >= 0 { return symbols.append(id) }
    guard let unknownID, !(fusesUnknown && symbols.last == unknownID) else { return }
    symbols.append(unknownID)
  }
}

/// Compiling the tables of merging.
extension BytePairEncoder {
  /// The tables of a definition; refuses a token or id that comes twice.
  init(_ definition: TokenizerDefinition) throws {
    let contents = try definition.contentTable()
    let spelled = definition.vocabulary.compactMap { entry in
      ByteAlphabet.bytes(of: entry.content).map { (bytes: $0, id: entry.id) }
    }
    self.init(
      tokens: TokenTable(capacity: spelled.count),
      merges: MergeTable(capacity: definition.merges.count),
      byteIDs: [Int32](repeating: -1, count: 256),
      isWhole: [Bool](repeating: definition.ignoresMerges, count: definition.vocabularySize),
      unknownID: definition.unknownID, fusesUnknown: definition.fusesUnknown)
    for (bytes, id) in spelled {
      _ = tokens.insert(bytes, id)
      if bytes.count == 1 { byteIDs[Int(bytes[0])] = id }
    }
    try addMerges(of: definition, contents)
    if !definition.ignoresMerges { findWholeTokens(spelled) }
  }

  private mutating func addMerges(of definition: TokenizerDefinition, _ contents: TokenTable) throws
  {
    var (entries, joined) = ([Int](repeating: 0, count: definition.vocabularySize), [UInt8]())
    for (number, entry) in definition.vocabulary.enumerated() { entries[Int(entry.id)] = number }
    for (rank, merge) in definition.merges.enumerated() {
      joined.removeAll(keepingCapacity: true)
      contents.append(key: entries[Int(merge.left)], to: &joined)
      contents.append(key: entries[Int(merge.right)], to: &joined)
      guard let id = contents.id(of: joined.span) else {
        throw TokenizerError.merge(
          source: definition.source, index: rank, reason: "makes no token of the vocabulary")
      }
      merges[merge.left, merge.right] = MergeTable.Merge(rank: Int32(rank), id: id)
    }
  }

  /// Marks the tokens that merging their own bytes gives, so that most words need no merging.
  private mutating func findWholeTokens(_ tokens: [(bytes: [UInt8], id: Int32)]) {
    var (scratch, ids) = (MergeScratch(), [Int32]())
    for (bytes, id) in tokens {
      ids.removeAll(keepingCapacity: true)
      merge(bytes.span, into: &ids, using: &scratch)
      isWhole[Int(id)] = ids.count == 1 && ids[0] == id
    }
  }
}

/// A map from a pair of adjacent ids to the rank of their merge and the id it makes.
struct MergeTable: Sendable {
  /// The merge of a pair; the lowest rank is joined first.
  struct Merge: Equatable {
    var rank: Int32
    var id: Int32
    /// The answer for a pair that does not merge.
    static let none = Merge(rank: .max, id: -1)
  }

  /// A pair of ids, or `free`, and its merge, side by side in memory.
  private struct Slot {
    var pair: UInt64
    var merge: Merge
  }

  private static let free = UInt64.max
  // At random, so that pairs cannot be made to collide.
  private let seed = UInt64.random(in: 0...UInt64.max)
  private var slots: [Slot]

  /// A table with room for `capacity` pairs.
  init(capacity: Int) {
    var size = 16
    while size < 2 * capacity { size *= 2 }
    slots = [Slot](repeating: Slot(pair: Self.free, merge: .none), count: size)
  }

  /// The merge of a pair, or `none`; setting replaces.
  subscript(left: Int32, right: Int32) -> Merge {
    get { slots[slot(of: Self.key(left, right))].merge }
    set {
      let key = Self.key(left, right)
      slots[slot(of: key)] = Slot(pair: key, merge: newValue)
    }
  }

  private static func key(_ left: Int32, _ right: Int32) -> UInt64 {
    UInt64(UInt32(bitPattern: left)) << 32 | UInt64(UInt32(bitPattern: right))
  }

  private func slot(of key: UInt64) -> Int {
    let mask = slots.count - 1
    let product = (key ^ seed).multipliedFullWidth(by: 0x9E37_79B9_7F4A_7C15)
    var slot = Int(truncatingIfNeeded: product.high ^ product.low) & mask
    while case let pair = slots[slot].pair, pair != Self.free, pair != key {
      slot = (slot + 1) & mask
    }
    return slot
  }
}

/// The working memory of merging, kept from piece to piece.
struct MergeScratch {
  /// The piece's symbols: bytes' ids at first, the result at the end.
  var symbols: [Int32] = []
  private var found: [MergeTable.Merge] = []
  private var next: [Int32] = []
  private var previous: [Int32] = []
  private var heap = Heap<UInt64>()

  /// Joins pairs by looking through all ranks each time: quadratic, and the fastest when short.
  mutating func mergeByScanning(_ merges: MergeTable) {
    found.removeAll(keepingCapacity: true)
    for index in symbols.indices.dropLast() {
      found.append(merges[symbols[index], symbols[index + 1]])
    }
    while let best = lowest() {
      symbols[best] = found[best].id
      symbols.remove(at: best + 1)
      found.remove(at: best)
      if best < found.count { found[best] = merges[symbols[best], symbols[best + 1]] }
      if best > 0 { found[best - 1] = merges[symbols[best - 1], symbols[best]] }
    }
  }

  private func lowest() -> Int? {
    var (best, rank) = (-1, Int32.max)
    for index in found.indices where found[index].rank < rank {
      (best, rank) = (index, found[index].rank)
    }
    return best < 0 ? nil : best
  }

  /// Joins pairs through a heap over a linked list: O(n log n), for pieces of any length.
  mutating func mergeByHeap(_ merges: MergeTable) {
    link()
    for index in symbols.indices.dropLast() { push(index, merges) }
    while let entry = heap.popMinimum() {
      let (rank, index) = (Int32(entry >> 32), Int(entry & 0xFFFF_FFFF))
      guard symbols[index] >= 0, next[index] >= 0 else { continue }
      let right = Int(next[index])
      let merge = merges[symbols[index], symbols[right]]
      // An entry whose pair has changed since is stale; the new pair has its own.
      guard merge.rank == rank else { continue }
      symbols[index] = merge.id
      unlink(right)
      if previous[index] >= 0 { push(Int(previous[index]), merges) }
      push(index, merges)
    }
    symbols.removeAll { $0 < 0 }
  }

  private mutating func link() {
    let count = Int32(symbols.count)
    next = (1...count).map { $0 < count ? $0 : -1 }
    previous = (-1..<count - 1).map { $0 }
  }

  private mutating func unlink(_ index: Int) {
    let (before, after) = (previous[index], next[index])
    symbols[index] = -1
    next[Int(before)] = after
    if after >= 0 { previous[Int(after)] = before }
  }

  private mutating func push(_ index: Int, _ merges: MergeTable) {
    guard next[index] >= 0 else { return }
    let rank = merges[symbols[index], symbols[Int(next[index])]].rank
    guard rank != .max else { return }
    heap.push(UInt64(UInt32(rank)) << 32 | UInt64(index))
  }
}
