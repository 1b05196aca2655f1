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
