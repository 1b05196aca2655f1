import Base
import TestSupport
import Testing
import Text

@Suite struct SequencePackerTests {
  private func pack(_ documents: [[Int32]], _ length: Int, firstCounted: [Int] = [])
    -> [PackedSequence]
  {
    var packer = SequencePacker(length: length)
    var sequences: [PackedSequence] = []
    for (index, document) in documents.enumerated() {
      let first = index < firstCounted.count ? firstCounted[index] : 0
      sequences += packer.append(document, firstCounted: first)
    }
    if let last = packer.finish() { sequences.append(last) }
    #expect(packer.finish() == nil)
    return sequences
  }

  @Test func aCutRepeatsTheTokenAtTheCut() {
    let sequences = pack([[1, 2, 3, 4, 5], [6, 7, 8]], 3)
    #expect(
      sequences == [
        PackedSequence(tokens: [1, 2, 3, 4], fragments: [4]),
        PackedSequence(tokens: [4, 5, 6, 7, 8], fragments: [2, 3]),
      ])
    #expect(sequences[1].inputs == [4, 6, 7])
    #expect(sequences[1].labels == [5, 7, 8])
    #expect(sequences[1].positions == [0, 0, 1])
  }

  @Test func everyPredictionOfEveryDocumentIsMadeOnceAndInOrder() {
    var generator = SplitMix64(seed: 12)
    for _ in 0..<200 {
      let documents = (0..<Int.random(in: 0...9, using: &generator)).map { _ in
        (0..<Int.random(in: 0...40, using: &generator)).map { _ in
          Int32.random(in: 0..<1000, using: &generator)
        }
      }
      let length = Int.random(in: 1...20, using: &generator)
      let sequences = pack(documents, length)
      let expected = documents.flatMap { zip($0, $0.dropFirst()).map { [$0, $1] } }
      #expect(sequences.flatMap { zip($0.inputs, $0.labels).map { [$0, $1] } } == expected)
      #expect(sequences.dropLast().allSatisfy { $0.predictionCount == length })
      #expect(sequences.allSatisfy { $0.fragments.reduce(0, +) == $0.tokens.count })
      #expect(sequences.allSatisfy { $0.fragments.allSatisfy { $0 >= 2 } && $0.lossMask == nil })
      #expect((sequences.last?.predictionCount ?? 1) >= 1)
    }
  }

  @Test func onlyPredictionsOfTheCompletionCount() {
    // The second document: tokens 5 6 | 7 8, so the labels 7 and 8 count, 6 does not.
    let sequences = pack([[1, 2, 3], [5, 6, 7, 8]], 4, firstCounted: [0, 2])
    #expect(sequences.map(\.lossMask) == [[true, true, false, true], nil])
    #expect(sequences[1].labels == [8])
  }

  @Test func theDigestSeesEveryPart() {
    let sequence = PackedSequence(tokens: [1, 2, 3, 4], fragments: [2, 2])
    var variants = [sequence, sequence, sequence, sequence]
    variants[1].tokens[3] = 5
    variants[2].fragments = [4]
    variants[3].lossMask = [true, false]
    let digests = variants.map { variant in
      var digest = SequenceDigest()
      digest.append(variant)
      return digest.hexadecimal()
    }
    #expect(Set(digests).count == 4)
    var two = SequenceDigest()
    two.append(sequence)
    two.append(sequence)
    #expect(!digests.contains(two.hexadecimal()))
  }
}
