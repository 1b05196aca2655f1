@testable import Capture
import Foundation
import Shards
import TestSupport
import Testing
import Text

@Suite struct CacheImporterTests {
  private static let words = "the cat saw a dog, and the dog ran to the old red barn by the sea "
  private let tokenizer: Tokenizer
  private let prompts: [ServedPrompt]

  init() throws {
    let tokenizer = try Tokenizer(
      contentsOf: Fixtures.url("tokenizers/llama3_style.json").path)
    self.tokenizer = tokenizer
    prompts = try (0..<9).map { number in
      let text = String(Self.words.dropFirst(number).prefix(20 + 5 * number))
      return ServedPrompt(
        text, tokens: try tokenizer.encode(text), entries: 8, vocabulary: 90, seed: number
      ) { tokenizer.decode([$0]) }
    }
  }

  private func settings() -> CacheImporter.Settings {
    let teacher = CaptureConfig.Teacher(name: "served", fingerprint: "unknown")
    var settings = CacheImporter.Settings(
      teacher: teacher, vocabularySize: tokenizer.vocabularySize)
    (settings.sequenceLength, settings.sequencesPerShard) = (10, 3)
    return settings
  }

  private func write(_ objects: [[String: Any]], to file: URL) throws {
    let lines = try objects.map { try ServedPrompt.line($0) }
    try Data(lines.joined(separator: "\n").utf8).write(to: file)
  }

  private func importer(
    _ file: URL, _ settings: CacheImporter.Settings? = nil
  ) -> CacheImporter {
    CacheImporter(
      paths: [file.path], tokenizer: tokenizer, settings: settings ?? self.settings())
  }

  /// Imports a file into a folder, and opens the cache.
  @discardableResult
  private func build(
    _ file: URL, in folder: URL, _ settings: CacheImporter.Settings? = nil
  ) throws -> CacheReader {
    let importer = importer(file, settings)
    guard case .finished = try importer.write(to: folder, try importer.survey()) else {
      throw CancellationError()
    }
    return try CacheReader(directory: folder)
  }

  @Test func theCacheHoldsWhatTheServerSaid() throws {
    try withTemporaryDirectory { folder in
      let file = folder.appending(path: "a.jsonl")
      try write(prompts.map(\.promptLogProbabilities), to: file)
      let cache = try build(file, in: folder.appending(path: "cache"))
      #expect(CacheVerifier.verify(folder.appending(path: "cache")).ok)
      let capture = cache.manifest.capture
      #expect(capture.codec == .topk(entries: 8, temperature: 1))
      #expect(capture.teacher.name == "served" && capture.tokenizerSHA256 == tokenizer.fingerprint)
      #expect(!capture.bosAdded && !capture.eosAdded)
      var packer = SequencePacker(length: 10)
      var packed = prompts.flatMap { packer.append($0.tokens) }
      packed += packer.finish().map { [$0] } ?? []
      try expectRows(cache, packed)
    }
  }

  private func expectRows(_ cache: CacheReader, _ packed: [PackedSequence]) throws {
    #expect(cache.count == packed.count)
    var rows = prompts.flatMap { prompt in
      prompt.rows.indices.map { (prompt.rows[$0], prompt.trueLogProbability($0)) }
    }[...]
    for (index, sequence) in packed.enumerated() {
      let cached = try cache.sequence(at: index)
      #expect(PackedSequence(cached.text) == sequence)
      guard case .sparse(let targets) = cached.targets else { throw CancellationError() }
      #expect(targets.isTruncated)
      for row in 0..<targets.count {
        let first = rows.popFirst()
        let (entries, next) = try #require(first)
        try expectRow(targets, row, entries.sorted { $0.id < $1.id })
        #expect(targets.argmax[row] == entries[0].id)
        // Rounding takes a grid's neighbours.
        #expect(abs(Double(targets.nextLogProbability[row]) - next) < 0.07)
        #expect(abs(targets.entropy[row] - 1.3754) < 0.13, "the entropy of 1/2 … 1/256, 1/256")
      }
    }
    #expect(rows.isEmpty)
  }

  private func expectRow(
    _ targets: SparseTargets, _ row: Int, _ expected: [(id: Int32, logProbability: Double)]
  ) throws {
    let entries = targets.entries(of: row)
    let found = Dictionary(uniqueKeysWithValues: zip(targets.ids[entries], targets.values[entries]))
    #expect(Set(found.keys).isSubset(of: Set(expected.map(\.id))))
    for (id, logProbability) in expected {
      guard let value = found[id] else {
        // A small one may have been rounded to none.
        #expect(logProbability < -3)
        continue
      }
      #expect(abs(log(Double(value)) - logProbability) < 0.3, "\(id)")
    }
  }

  @Test func allLayoutsGiveTheSameBytes() throws {
    try withTemporaryDirectory { folder in
      let layouts = [
        prompts.map(\.promptLogProbabilities), prompts.map { $0.echo(asIDs: false) },
        prompts.map { $0.echo(asIDs: true) },
      ]
      let caches = try layouts.enumerated().map { number, lines in
        let file = folder.appending(path: "\(number).jsonl")
        try write(lines, to: file)
        try build(file, in: folder.appending(path: "cache\(number)"))
        return try contents(of: folder.appending(path: "cache\(number)"))
      }
      #expect(caches[0].count >= 4)
      #expect(caches[1] == caches[0] && caches[2] == caches[0])
    }
  }

  @Test func anImportThatWasStoppedGoesOnToTheSameBytes() throws {
    try withTemporaryDirectory { folder in
      let file = folder.appending(path: "a.jsonl")
      try write(prompts.map(\.promptLogProbabilities), to: file)
      try build(file, in: folder.appending(path: "whole"))
      let stopped = folder.appending(path: "stopped")
      let importer = importer(file)
      let survey = try importer.survey()
      var attempts = 0
      while case .interrupted(let sequences) = try withThreadCount(
        1, { try importer.write(to: stopped, survey, isInterrupted: { true }) })
      {
        attempts += 1
        #expect(sequences > 0)
        guard attempts < 100 else { break }
      }
      #expect(attempts > 2)
      let whole = try contents(of: folder.appending(path: "whole"))
      #expect(try contents(of: stopped) == whole)
      guard case .finished(_, let newTokens) = try importer.write(to: stopped, survey) else {
        throw CancellationError()
      }
      #expect(newTokens == 0, "it is there already")
    }
  }

  @Test func otherAnswersToTheSameTextsAreAnotherCache() throws {
    try withTemporaryDirectory { folder in
      let (file, cache) = (folder.appending(path: "a.jsonl"), folder.appending(path: "cache"))
      try write(prompts.map(\.promptLogProbabilities), to: file)
      let stopped = folder.appending(path: "stopped")
      try build(file, in: cache)
      let first = importer(file)
      _ = try withThreadCount(1) {
        try first.write(to: stopped, try first.survey(), isInterrupted: { true })
      }
      let again = prompts.enumerated().map { number, prompt in
        ServedPrompt(
          tokenizer.decode(prompt.tokens), tokens: prompt.tokens, entries: 8, vocabulary: 90,
          seed: number + 100
        ) { tokenizer.decode([$0]) }
      }
      try write(again.map(\.promptLogProbabilities), to: file)
      let second = importer(file)
      for place in [cache, stopped] {
        let error = #expect(throws: ShardError.self) {
          try second.write(to: place, try second.survey())
        }
        #expect("\(error as Any)".contains("rows"))
      }
    }
  }

  @Test func theSurveyTellsWhatIsThere() throws {
    try withTemporaryDirectory { folder in
      let file = folder.appending(path: "a.jsonl")
      try write(prompts.map { $0.echo(asIDs: true) }, to: file)
      let survey = try importer(file).survey()
      #expect(survey.texts == 9 && survey.entries == 8 && survey.unidentified == 0)
      #expect(survey.predictions == prompts.reduce(0) { $0 + $1.rows.count })
      #expect(survey.longest == prompts.map(\.rows.count).max())
      #expect(survey.cut == prompts.count { $0.rows.count > 10 } && survey.cut > 0)
      var settings = settings()
      settings.sequenceLength = nil
      #expect(try importer(file, settings).survey().cut == 0)
      let cache = try build(file, in: folder.appending(path: "cache"), settings)
      #expect(cache.manifest.capture.sequenceLength == survey.longest)
    }
  }

  @Test func fewerEntriesAreTheLikeliest() throws {
    try withTemporaryDirectory { folder in
      let file = folder.appending(path: "a.jsonl")
      try write(prompts.map(\.promptLogProbabilities), to: file)
      var settings = settings()
      settings.entries = 2
      let cache = try build(file, in: folder.appending(path: "cache"), settings)
      guard case .sparse(let targets) = try cache.sequence(at: 0).targets else {
        throw CancellationError()
      }
      for row in 0..<3 {
        #expect(
          targets.ids[targets.entries(of: row)]
            == prompts[0].rows[row].prefix(2).map(\.id).sorted()[...])
      }
      settings.entries = 9
      #expect(throws: ScoredTextError.self) { try importer(file, settings).survey() }
    }
  }

  @Test func nothingIsWrittenOfFilesThatChangeOrAreWrong() throws {
    try withTemporaryDirectory { folder in
      let (file, cache) = (folder.appending(path: "a.jsonl"), folder.appending(path: "cache"))
      try write(prompts.map(\.promptLogProbabilities), to: file)
      let importer = importer(file)
      let survey = try importer.survey()
      try write(prompts.dropLast().map(\.promptLogProbabilities), to: file)
      #expect(throws: ScoredTextError.self) { try importer.write(to: cache, survey) }
      #expect(!FileManager.default.fileExists(atPath: cache.path))
      try write([["prompt_logprobs": [NSNull()], "prompt_token_ids": [1]]], to: file)
      #expect(throws: ScoredTextError.self) { try importer.survey() }
    }
  }
}
