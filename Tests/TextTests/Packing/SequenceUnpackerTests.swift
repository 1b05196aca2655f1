import Testing

@testable import Text

/// Documents come out of sequences as they went in.
@Suite struct SequenceUnpackerTests {
  private func unpack(_ sequences: [PackedSequence]) -> [[Int32]] {
    var unpacker = SequenceUnpacker()
    var documents = sequences.flatMap {
      unpacker.append(tokens: $0.tokens, fragments: $0.fragments)
    }
    if let last = unpacker.finish() { documents.append(last) }
    return documents
  }

  @Test(arguments: [1, 2, 3, 7, 16, 1000])
  func packedDocumentsComeOutAgain(length: Int) {
    var next: Int32 = 0
    let documents = [5, 2, 40, 3, 3, 17, 2].map { count in
      (0..<count).map { _ in
        next += 1
        return next
      }
    }
    var packer = SequencePacker(length: length)
    var sequences = documents.flatMap { packer.append($0) }
    if let last = packer.finish() { sequences.append(last) }
    #expect(unpack(sequences) == documents)
  }

  @Test func nothingGivesNothing() { #expect(unpack([]).isEmpty) }
}
