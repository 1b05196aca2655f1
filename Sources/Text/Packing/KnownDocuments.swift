/// Documents that are in a cache already, by hashes of their tokens.
///
/// A document of which windows were left out, because its prompt covers them, is not known again.
public struct KnownDocuments: Sendable {
  private var hashes: Set<UInt64> = []
  private var unpacker = SequenceUnpacker()

  /// None yet.
  public init() {}

  /// Takes in the documents of the next sequence, as it was packed.
  public mutating func read(tokens: [Int32], fragments: [Int]) {
    // Two documents that only seem to go on at a window's edge are known by themselves, too.
    if let open = unpacker.open { hashes.insert(TokenHash.of(open)) }
    if let first = fragments.first { hashes.insert(TokenHash.of(tokens.prefix(first))) }
    for document in unpacker.append(tokens: tokens, fragments: fragments) {
      hashes.insert(TokenHash.of(document))
    }
  }

  /// Takes in the last document.
  public mutating func finish() {
    if let last = unpacker.finish() { hashes.insert(TokenHash.of(last)) }
  }

  /// Takes in a document.
  public mutating func insert(_ tokens: [Int32]) { hashes.insert(TokenHash.of(tokens)) }

  /// Takes in those of another collection.
  public mutating func formUnion(_ other: KnownDocuments) { hashes.formUnion(other.hashes) }

  /// Whether a document is known.
  public func contains(_ tokens: [Int32]) -> Bool { hashes.contains(TokenHash.of(tokens)) }
}
