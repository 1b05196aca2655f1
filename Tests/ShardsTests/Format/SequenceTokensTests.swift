import Testing

@testable import Shards

@Suite struct SequenceTokensTests {
  private func fault(
    _ tokens: [Int32], _ fragments: [Int], mask: [Bool]? = nil
  ) -> ShardError? {
    let text = SequenceTokens(identity: 0, tokens: tokens, fragments: fragments, lossMask: mask)
    return #expect(throws: ShardError.self) { try text.validate(vocabularySize: 10) }
  }

  /// By hand: SHA-256 of 3, 4, 2 as u64, the tokens as i32, the fragments as u64.
  @Test func theIdentityIsThatOfTheFormat() {
    let identity = SequenceTokens.identity(ordinal: 3, tokens: [7, 1, 9, 2], fragments: [2, 2])
    #expect(identity == 5_118_057_198_115_769_134)
  }

  @Test func recordsAreTokensThatHaveASuccessor() {
    let text = SequenceTokens(identity: 0, tokens: [1, 2, 3, 4, 5], fragments: [2, 3])
    #expect(text.recordCount == 3)
    let sequence = CachedSequence(
      text: text, targets: .sparse(SparseTargets()))
    #expect(sequence.tokens == [1, 2, 3, 4, 5] && sequence.fragments == [2, 3])
    #expect(sequence.draws.count == 1 && sequence.lossMask == nil)
  }

  @Test func textsThatDoNotFitAreRefused() {
    let lengths = ShardError.invalidSequence(
      reason: "its fragments do not add up to its tokens")
    #expect(fault([1, 2, 3], [2]) == lengths)
    #expect(fault([1, 2, 3], [2, 1]) == lengths)
    #expect(fault([1, 2], [.max, 2]) == lengths)
    let ids = ShardError.invalidSequence(
      reason: "a token id lies outside the vocabulary of 10")
    #expect(fault([1, 10], [2]) == ids)
    #expect(fault([-1, 1], [2]) == ids)
    #expect(
      fault([1, 2, 3], [3], mask: [true])
        == .invalidSequence(reason: "its loss mask is not as long as its records"))
  }
}
