import Testing

@testable import Text

/// case append-overlap: every document of a cache is known, however windows cut them.
@Suite struct KnownDocumentsTests {
  /// Documents that end as others begin, so that at a window's edge they seem to go on.
  private static let documents = (0..<40).map { number -> [Int32] in
    let own = (0..<(2 + number * 7 % 50)).map { Int32(100 * number + $0 + 2) }
    return [1] + own + [1]
  }

  @Test(
    "case append-overlap: whatever the length of a window",
    arguments: [4, 5, 8, 16, 27, 1000])
  func allAreKnown(length: Int) {
    var packer = SequencePacker(length: length)
    var sequences = Self.documents.flatMap { packer.append($0) }
    if let last = packer.finish() { sequences.append(last) }
    var known = KnownDocuments()
    for sequence in sequences { known.read(tokens: sequence.tokens, fragments: sequence.fragments) }
    known.finish()
    #expect(Self.documents.allSatisfy(known.contains))
    #expect(!known.contains([2, 1, 3]) && !known.contains(Self.documents[3] + [7]))
  }
}
