import Foundation
import Testing
import Text

@Suite struct PackedDataTests {
  let folder: TemporaryFolder
  let tokenizer: Tokenizer

  init() throws {
    folder = try TemporaryFolder()
    tokenizer = try Fixtures.tokenizer("llama3_style")
  }

  /// A JSON-lines file of texts.
  @discardableResult
  private func write(_ texts: [String], _ name: String = "d.jsonl") throws -> String {
    let lines = try texts.map { try JSONEncoder().encode(["text": $0]) + Data("\n".utf8) }
    return try folder.write(lines.flatMap { $0 }, name)
  }

  private var texts: [String] { (0..<50).map { "document number \($0), with words" } }

  @Test func documentsAreTokenisedAndPackedInOrder() throws {
    let path = try write(["Hello world", "12345"])
    let data = try PackedData.load(paths: [path], tokenizer: tokenizer, length: 1000)
    let ids = try ["Hello world", "12345"].map { try tokenizer.encode($0) }
    #expect(
      data.sequences == [PackedSequence(tokens: ids[0] + ids[1], fragments: ids.map(\.count))])
    #expect(data.documentCount == 2)
    #expect(data.tokenCount == ids[0].count + ids[1].count)
    #expect(data.predictionCount == data.tokenCount - 2)
    #expect(data.fingerprint.count == 64)
  }

  @Test func documentsApartKnowTheirDocumentAndGroup() throws {
    let lines = [
      #"{"text": "one, two, three, four, five, six, seven", "language": "en"}"#,
      #"{"text": "eins, zwei", "language": "de"}"#, #"{"text": ""}"#, #"{"text": "x, y"}"#,
    ]
    let path = try folder.write(Array(lines.joined(separator: "\n").utf8), "g.jsonl")
    func load(apart: Bool) throws -> [PackedSequence] {
      try PackedData.load(
        paths: [path], tokenizer: tokenizer, length: 8, groupKey: "language",
        documentsApart: apart
      ).sequences
    }
    let apart = try load(apart: true)
    let origins = apart.map(\.origin)
    #expect(origins.first??.source == path + ":1")
    let first = DocumentOrigin(index: 0, group: "en", source: path + ":1")
    #expect(origins.count { $0 == first } > 1, "the first document takes several windows")
    #expect(origins.drop { $0 == first }.count { $0 == first } == 0)
    #expect(Set(origins.compactMap(\.?.index)) == [0, 1, 2])
    #expect(origins.last == DocumentOrigin(index: 2, group: "other", source: path + ":4"))
    #expect(apart.allSatisfy { $0.fragments.count == 1 })
    #expect(try load(apart: false).allSatisfy { $0.origin == nil })
  }

  @Test func bosAndEosGoAroundEachDocument() throws {
    let path = try write(["a"])
    let data = try PackedData.load(
      paths: [path], tokenizer: tokenizer, length: 8, marks: DocumentMarks(bos: 480, eos: 482))
    #expect(data.sequences.map(\.tokens) == [[480, 64, 482]])
  }

  @Test("case double-bos: what a document begins or ends with already is not added")
  func marksThatAreThereAreCounted() throws {
    let lines = [
      #"{"text":"<|begin_of_text|>a<tool>"}"#, #"{"text":"b<|im_end|>"}"#,
      #"{"prompt":"<|begin_of_text|>a","completion":"b"}"#, #"{"text":"b"}"#,
    ]
    let path = try folder.write(Array(lines.joined(separator: "\n").utf8), "r.jsonl")
    let begin = try #require(tokenizer.id(of: "<|begin_of_text|>"))
    let ends = try ["<|im_end|>", "<tool>"].map { try #require(tokenizer.id(of: $0)) }
    let (a, b) = (try tokenizer.encode("a"), try tokenizer.encode("b"))
    let data = try PackedData.load(
      paths: [path], tokenizer: tokenizer, length: 50,
      marks: DocumentMarks(bos: begin, eos: ends[0], ends: ends), documentsApart: true)
    #expect(
      data.sequences.map(\.tokens) == [
        [begin] + a + [ends[1]], [begin] + b + [ends[0]], [begin] + a + b + [ends[0]],
        [begin] + b + [ends[0]],
      ])
    #expect(data.present.bos == 2 && data.present.eos == 2)
    #expect(data.present.note?.hasPrefix("2 began with BOS, 2 ended with an end token") == true)
    let plain = try PackedData.load(paths: [path], tokenizer: tokenizer, length: 50)
    #expect(plain.present.note == nil, "nothing was asked for")
  }

  @Test func promptsAreMasked() throws {
    let line = #"{"prompt":"Hello","completion":" world"}"#
    let path = try folder.write(Array(line.utf8), "p.jsonl")
    let data = try PackedData.load(
      paths: [path], tokenizer: tokenizer, length: 100, marks: DocumentMarks(bos: 480, eos: 482))
    let (prompt, completion) = (try tokenizer.encode("Hello"), try tokenizer.encode(" world"))
    #expect(data.sequences.map(\.tokens) == [[480] + prompt + completion + [482]])
    #expect(
      data.sequences[0].lossMask
        == prompt.map { _ in false } + completion.map { _ in true } + [true])
  }

  private func prompted(_ lengths: [(prompt: Int, completion: Int)]) throws -> String {
    let lines = lengths.enumerated().map { number, length in
      #"{"prompt":"\#(number) \#(String(repeating: "a b ", count: length.prompt))","completion":"#
        + #""\#(String(repeating: "c d ", count: length.completion))"}"#
    }
    return try folder.write(Array(lines.joined(separator: "\n").utf8), "long.jsonl")
  }

  @Test("case masked-step: windows that a prompt covers whole are left out and named")
  func windowsWithoutACountedPredictionAreLeftOut() throws {
    let path = try prompted([(40, 1), (1, 1), (40, 1), (40, 1), (40, 1)])
    for apart in [false, true] {
      let data = try PackedData.load(
        paths: [path], tokenizer: tokenizer, length: 16, documentsApart: apart)
      #expect(data.sequences.allSatisfy { $0.countedCount > 0 })
      let whole = try PackedData.load(paths: [path], tokenizer: tokenizer, length: 10_000)
      let counted = data.sequences.reduce(0) { $0 + $1.countedCount }
      #expect(counted == whole.sequences.reduce(0) { $0 + $1.countedCount })
      #expect(data.uncounted.count > 4 && data.uncounted.documents == 4)
      #expect(data.uncounted.sources == [1, 3, 4].map { "\(path):\($0)" })
      #expect(data.uncounted.description.contains("and 1 more"))
    }
  }

  @Test("case all-masked-step: data of which nothing counts are an error that names file and line")
  func nothingThatCounts() throws {
    let path = try prompted([(4, 1)])
    #expect {
      try PackedData.load(paths: [path], tokenizer: tokenizer, length: 2, tokenLimit: 4)
    } throws: { error in
      guard case .nothingCounts(1, let sources) = error as? DocumentError else { return false }
      return sources == ["\(path):1"]
    }
  }

  @Test func partsOfTheSplitNeverShareADocument() throws {
    let path = try write(texts + texts.prefix(7))
    func load(_ split: Split) throws -> PackedData {
      try PackedData.load(
        paths: [path], tokenizer: tokenizer, length: 64, split: split, heldOutFraction: 0.25)
    }
    let (train, heldOut, all) = (try load(.train), try load(.heldOut), try load(.all))
    #expect(train.documentCount + heldOut.documentCount == 50)
    #expect(all.documentCount == 50)
    #expect(all.duplicatesDropped == 7)
    #expect(train.outsideSplit == heldOut.documentCount)
    #expect(heldOut.documentCount > 0)
    #expect(train.predictionCount + heldOut.predictionCount == all.predictionCount)
    #expect(Set([train, heldOut, all].map(\.fingerprint)).count == 3)
    #expect(try load(.train).fingerprint == train.fingerprint)
  }

  @Test func theLimitIsMetExactlyAndCutsADocument() throws {
    let path = try write(texts)
    for limit in [1, 10, 63, 64, 65, 200] {
      let data = try PackedData.load(
        paths: [path], tokenizer: tokenizer, length: 16, tokenLimit: limit)
      #expect(data.predictionCount == limit)
    }
    let whole = try PackedData.load(paths: [path], tokenizer: tokenizer, length: 16)
    let same = try PackedData.load(
      paths: [path], tokenizer: tokenizer, length: 16, tokenLimit: whole.predictionCount)
    #expect(whole.fingerprint == same.fingerprint)
  }

  /// The tokens of each document of a sample, in its order.
  private func sample(_ paths: [String], _ limit: Int?, split: Split = .all) throws -> [[Int32]] {
    let data = try PackedData.load(
      paths: paths, tokenizer: tokenizer, length: 1000, split: split, heldOutFraction: 0.1,
      tokenLimit: limit, documentsApart: true)
    return data.sequences.map(\.tokens)
  }

  @Test("case first-documents: a limit takes documents spread over the data, in its order")
  func aLimitTakesASpreadSample() throws {
    let path = try write((0..<200).map { "document number \($0), with words" })
    let all = try sample([path], nil)
    // The one that is cut has no place.
    let places = try sample([path], 1000).compactMap { all.firstIndex(of: $0) }
    #expect(places.count > 10 && places == places.sorted())
    // The first documents would all lie in the first third.
    let thirds = (0..<3).map { third in places.count { $0 * 3 / 200 == third } }
    #expect(thirds.allSatisfy { $0 > 0 }, "\(places)")
  }

  @Test("case first-documents: a smaller sample is within a larger one")
  func aSmallerSampleIsWithinALargerOne() throws {
    let path = try write(texts)
    let limits = [1, 7, 40, 41, 100, 10_000]
    let samples = try limits.map { try sample([path], $0) }
    for (small, large) in zip(samples, samples.dropFirst()) {
      #expect(small.allSatisfy { cut in large.contains { $0.starts(with: cut) } })
      #expect(small.count { cut in !large.contains(cut) } <= 1, "one document is cut")
    }
  }

  @Test("case first-documents: the sample does not depend on the order of files, nor on copies")
  func theSampleDoesNotDependOnTheOrder() throws {
    let one = try write(Array(texts[..<25]), "1.jsonl")
    let two = try write(Array(texts[25...]) + Array(texts[..<10]), "2.jsonl")
    let (there, back) = (try sample([one, two], 100), try sample([two, one], 100))
    #expect(Set(there) == Set(back) && there != back)
    #expect(try sample([one, two, one], 100) == there)
  }

  @Test("case first-documents: the sample of all documents is not the held-out part")
  func theSampleIsNotTheHeldOutPart() throws {
    let path = try write((0..<400).map { "document number \($0), with words" })
    let heldOut = Set(try sample([path], nil, split: .heldOut))
    let some = try sample([path], 1000)
    let shared = some.count { heldOut.contains($0) }
    #expect(some.count > 20 && shared * 2 < some.count, "\(shared) of \(some.count)")
  }

  @Test func whatALimitLeavesOutIsCounted() throws {
    let path = try write(texts + ["a"])
    let data = try PackedData.load(
      paths: [path], tokenizer: tokenizer, length: 16, tokenLimit: 30)
    #expect(data.documentCount + data.beyondLimit + data.tooShort == 51)
    #expect(data.beyondLimit > 30)
  }

  @Test func whatGivesNoSequenceIsAnError() throws {
    let empty = try folder.write([], "empty.txt")
    #expect(throws: DocumentError.empty(paths: [empty])) {
      try PackedData.load(paths: [empty], tokenizer: tokenizer, length: 8)
    }
    let short = try write(["a", "b"], "short.jsonl")
    #expect(throws: DocumentError.nothingToPredict(documents: 2)) {
      try PackedData.load(paths: [short], tokenizer: tokenizer, length: 8)
    }
    let one = try write(["one document"], "one.jsonl")
    #expect(throws: DocumentError.emptySplit(.heldOut, documents: 1, fraction: 0)) {
      try PackedData.load(paths: [one], tokenizer: tokenizer, length: 8, split: .heldOut)
    }
    #expect(throws: DocumentError.notPositive(name: "the sequence length", value: 0)) {
      try PackedData.load(paths: [one], tokenizer: tokenizer, length: 0)
    }
    #expect(throws: DocumentError.heldOutFraction(1.5)) {
      try PackedData.load(paths: [one], tokenizer: tokenizer, length: 8, heldOutFraction: 1.5)
    }
  }

  @Test func emptyFilesBesideFullOnesAreCounted() throws {
    try folder.write([], "a.txt")
    try write(["Hello world", ""], "b.jsonl")
    let data = try PackedData.load(paths: [folder.url.path], tokenizer: tokenizer, length: 8)
    #expect(data.emptyFiles == 1)
    #expect(data.emptyDocuments == 1)
    #expect(data.documentCount == 1)
  }
}
