@testable import Measuring
import TestSupport
import Testing
import Text

@Suite struct DraftPromptsTests {
  private func document(_ tokens: [Int32], prompt: Int? = nil) -> PackedSequence {
    PackedSequence(
      tokens: tokens, fragments: [tokens.count],
      lossMask: prompt.map { prompt in (1..<tokens.count).map { $0 >= prompt } })
  }

  @Test func aRecordBeginsWithItsPromptAndATextWithItsFirstTokens() {
    let found = DraftPrompts(
      of: [document([1, 2, 3, 4, 5]), document([6, 7, 8, 9], prompt: 2), document([1, 2])],
      tokens: 3, count: 9)
    #expect(found.prompts == [[1, 2, 3], [6, 7]], "the last is too short")
    #expect(found.longestDocument == 5)
  }

  @Test func documentsAreTakenByTheirHashes() {
    let documents = (0..<20).map { document([Int32($0), 1, 2]) }
    let few = DraftPrompts(of: documents, tokens: 2, count: 5).prompts
    let many = DraftPrompts(of: documents, tokens: 2, count: 10).prompts
    #expect(few.count == 5 && many.count == 10 && Set(few).isSubset(of: many))
    #expect(few == few.sorted { $0[0] < $1[0] }, "in the order of the documents")
    #expect(few != documents.prefix(5).map { Array($0.tokens.prefix(2)) })
    let turned = DraftPrompts(of: documents.reversed(), tokens: 2, count: 5).prompts
    #expect(Set(turned) == Set(few), "whatever their order")
  }

  @Test func beginningsThatAreAlikeCountOnce() {
    let documents = [document([1, 2, 3]), document([1, 2, 4]), document([2, 2, 2])]
    #expect(DraftPrompts(of: documents, tokens: 2, count: 9).prompts == [[1, 2], [2, 2]])
  }
}
