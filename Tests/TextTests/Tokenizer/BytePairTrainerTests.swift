import Base
import TestSupport
import Testing
import Text

@Suite struct BytePairTrainerTests {
  private func train(_ texts: [String], _ size: Int, pattern: String = PreTokenizerPattern.llama3)
    throws -> Tokenizer
  {
    var trainer = try BytePairTrainer(
      vocabularySize: size, specialTokens: ["<eos>"], pattern: pattern)
    for text in texts { try trainer.add(text) }
    return try trainer.train()
  }

  @Test func theMostFrequentPairIsJoinedFirst() throws {
    // Pairs: "lo" 5, "ow" 5, "we" 2, "er" 2. Of the first two "lo" has the smaller bytes.
    let tokenizer = try train(["low low low lower lower"], 256 + 3 + 1, pattern: #"\p{L}+| "#)
    #expect(tokenizer.bytes(of: 256) == Array("lo".utf8))
    #expect(tokenizer.bytes(of: 257) == Array("low".utf8))
    #expect(tokenizer.bytes(of: 258) == Array("er".utf8))
    #expect(tokenizer.decode([259]) == "<eos>")
    #expect(try tokenizer.encode("lower<eos>") == [257, 258, 259])
  }

  @Test func theOrderOfDocumentsMakesNoDifference() throws {
    var generator = SplitMix64(seed: 4)
    let texts = (0..<60).map { _ in generator.text() }
    let forward = try train(texts, 400)
    let backward = try train(texts.reversed(), 400)
    #expect(forward.fingerprint == backward.fingerprint)
  }

  @Test func whatWasLearntReadsAnyTextAndSurvivesSaving() throws {
    var generator = SplitMix64(seed: 6)
    let texts = (0..<80).map { _ in generator.text() }
    let tokenizer = try train(texts, 350)
    #expect(tokenizer.vocabularySize == 350)
    let saved = try Tokenizer(json: tokenizer.json(), source: "saved")
    #expect(saved.fingerprint == tokenizer.fingerprint)
    #expect(tokenizer.eosTokenID == 349 || tokenizer.eosTokenID == nil)
    for text in texts {
      let ids = try tokenizer.encode(text)
      #expect(Array(tokenizer.decode(ids).utf8) == Array(text.utf8))
      #expect(try saved.encode(text) == ids)
      #expect(ids.count <= text.utf8.count)
    }
  }

  @Test func repeatsOfOneCharacterAreCountedWithoutOverlap() throws {
    let tokenizer = try train(["aaaaaaaa aaaaaaaa"], 256 + 3 + 1)
    #expect(tokenizer.bytes(of: 256) == Array("aa".utf8))
    #expect(tokenizer.bytes(of: 257) == Array("aaaa".utf8))
    #expect(try tokenizer.encode("aaaaaaaa").count == 1)
  }

  @Test func trainingStopsWhenNothingOccursTwice() throws {
    #expect(try train(["abc"], 1000).vocabularySize == 257)
    #expect(try train([], 1000).vocabularySize == 257)
  }

  @Test func aVocabularyTooSmallForTheBytesIsRefused() {
    #expect(throws: TokenizerError.vocabularyTooSmall(requested: 256, minimum: 257)) {
      try train(["a"], 256)
    }
    #expect(throws: TokenizerError.self) { try train(["a"], 300, pattern: "(") }
    #expect(throws: TokenizerError.self) {
      try BytePairTrainer(vocabularySize: 300, specialTokens: ["<a>", "<a>"]).train()
    }
  }
}
