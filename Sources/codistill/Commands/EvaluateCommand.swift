import ArgumentParser
import Capture
import Foundation
public import Measuring
import Models
import Reports
import Shards
import Text
import Training

extension OverlapRule: ExpressibleByArgument {}

/// `codistill evaluate`.
struct EvaluateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "evaluate",
    abstract:
      "Measure how well a model predicts a text; with a teacher or cache, how near it is to it.",
    discussion: """
      Each document is scored in windows of the model's context; the mean is over all predictions.
      A live teacher, or a dense cache, tells the percentiles of the KL too; sparse caches are right
      on average only. Acceptances say how many tokens of a draft speculative decoding would keep:
      drawn from the model, or its most probable ones, for a teacher that is sampled; where both are
      greedy it is the top-1 agreement. 'codistill draft' says whether that pays.

      Example:
        codistill evaluate --model runs/student --data texts/ --split held_out --held-out 0.02
        codistill evaluate --model runs/student --cache caches/held-out --json
        codistill evaluate --model runs/student --data texts/ --teacher runs/teacher \\
          --group-key language
        codistill evaluate --model runs/student --set seen=bible.jsonl --set unseen=code.jsonl
      """)

  @Option(help: "The model: a Hugging Face folder, a .gguf file or a run directory.")
  var model: String
  @OptionGroup var texts: DataOptions
  @Option(
    name: .customLong("set"), parsing: .singleValue,
    help: "A text with a name, NAME=PATH, in place of --data; repeatable: figures for each.")
  var sets: [NamedPath] = []
  @Option(help: "A cache: adds KL, agreement and calibration against its teacher.")
  var cache: String?
  @Option(help: "A teacher's model, run beside it: adds KL, agreement and acceptance.")
  var teacher: String?
  @Option(help: "The key of a JSON line that holds its group, such as language: adds each group.")
  var groupKey: String?
  @Option(help: "A tokenizer.json, or a folder with one (default: the model's).")
  var tokenizer: String?
  @Option(help: "The tokens of a window (default: the model's context).")
  var window: Int?
  @Option(help: "The most tokens to score, of documents taken by their hashes (default: all).")
  var tokens: Int?
  @Option(
    help: """
      Texts that the model's run trained on: refuse, remove or keep \
      (default: a cache is refused, texts are kept and counted).
      """)
  var overlap: OverlapRule?
  @OptionGroup var context: ContextOptions
  @OptionGroup var machine: MachineOptions
  @OptionGroup var format: OutputOptions

  func validate() throws {
    guard [!texts.data.isEmpty, !sets.isEmpty, cache != nil].count(where: \.self) == 1 else {
      throw ValidationError("evaluate takes either --data, --set or --cache")
    }
    if let name = sets.map(\.name).repeated {
      throw ValidationError("two sets are named '\(name)'; give each a name of its own")
    }
    guard cache == nil || (teacher == nil && groupKey == nil) else {
      throw ValidationError(
        "a cache has its teacher's targets and no groups; --teacher and --group-key take --data")
    }
    try Limits.within(2...(1 << 24), window, "--window")
    try Limits.within(Limits.tokens, tokens, "--tokens")
  }

  func run() throws {
    try InputPath.require(model, remedy: "check --model")
    if let cache { try InputPath.require(cache, remedy: "check --cache") }
    if let teacher { try InputPath.require(teacher, remedy: "check --teacher") }
    if let tokenizer { try InputPath.require(tokenizer, remedy: "check --tokenizer") }
    let named = try texts.cacheName()
    let cache = cache ?? named
    if let cache { try requireNoTextOptions(beside: cache) }
    if let named, teacher != nil || groupKey != nil {
      throw ValidationError("\(named): is a cache; --teacher and --group-key take texts")
    }
    let texts = try cache == nil ? configs() : []
    machine.apply()
    let scores = try evaluate(texts, cache: cache)
    guard sets.isEmpty else {
      return try Console.result(Answer(["sets": scores.map(\.answer)]), asJSON: format.json) {
        scores.map { "on \($0.name ?? ""):\n\n\($0.report.text)" }.joined(separator: "\n\n")
      }
    }
    try Console.result(scores[0].answer, asJSON: format.json) { scores[0].report.text }
  }

  /// The texts to score, by their names where they have some.
  private func configs() throws -> [(name: String?, data: DataConfig)] {
    func config(_ options: DataOptions) throws -> DataConfig {
      guard var data = try options.config(defaultSplit: .all, tokens: tokens) else {
        throw PreparationError.noData
      }
      data.groupKey = groupKey
      return data
    }
    guard !sets.isEmpty else { return [(nil, try config(texts))] }
    return try sets.map { set in
      try InputPath.require(set.path, remedy: "check --set")
      var options = texts
      options.data = [set.path]
      return (set.name, try config(options))
    }
  }

  /// Throws where options choose texts beside a cache: its own were chosen when it was built.
  private func requireNoTextOptions(beside cache: String) throws {
    let given = texts.given + (window == nil ? [] : ["--window"])
    guard given.isEmpty else {
      throw ValidationError(
        "\(cache): is a cache, whose documents and windows are those that it was built with; "
          + "leave out \(given.joined(separator: ", "))")
    }
  }
}

extension EvaluateCommand {
  /// What was measured on a text or a cache.
  private struct Score {
    /// The name of the text, where there are several.
    let name: String?
    let report: EvaluationReport
    /// The marks that documents had already.
    let present: PresentMarks
    /// The context of a model that was let read more at once.
    let context: Int?

    var answer: Answer {
      Answer(
        EvaluationFigures(report),
        [
          "set": name, "bosAlreadyThere": present.bosAlreadyThere,
          "eosAlreadyThere": present.eosAlreadyThere, "context": context,
        ])
    }
  }

  /// Scores texts, alone or against a teacher beside them, or the sequences of a cache.
  ///
  /// All are opened before the first is scored.
  private func evaluate(
    _ texts: [(name: String?, data: DataConfig)], cache: String?
  ) throws -> [Score] {
    let padded = try Checkpoint.open(Checkpoint.path(ofModel: model))
    let tokenizer = try padded.tokenizer(at: tokenizer, inPlaceOfThatOf: model)
    let checkpoint = padded.cut(to: tokenizer)
    let other = try teacher.map {
      try Checkpoint.teacher(at: $0, of: checkpoint, at: model, tokenizer)
    }
    let shapes = [checkpoint.config] + [other?.config].compactMap { $0 }
    try MemoryShortage.check(
      "the model", needs: shapes.reduce(0) { $0 + MemoryNeed.weights($1) })
    let places = cache == nil ? texts.map { ($0.name, Optional($0.data)) } : [(nil, nil)]
    let opened = try places.map { name, data in
      let heldOut = try heldOut(data, cache: cache, checkpoint, tokenizer, beside: other)
        .apart(fromTextsOf: model, tokenizer, overlap ?? (cache == nil ? .keep : .refuse))
      if let passedOver = PassedOverFiles(heldOut.passedOver) { Console.note(passedOver.note) }
      let context = try contextNote(
        [(model, checkpoint), (teacher ?? "", other)], heldOut, isCache: cache != nil)
      try MemoryShortage.check(
        "the model, with windows of \(heldOut.longestWindow) tokens,",
        needs: MemoryNeed.evaluation(
          shapes, window: heldOut.longestWindow, at: heldOut.windowCount))
      return (name, heldOut, context)
    }
    let decoder = try Decoder(checkpoint)
    let live = try other.map { try Decoder($0) }
    return try opened.map { name, heldOut, context in
      let line = ProgressLine(
        "evaluating\(name.map { " on \($0)" } ?? "")", total: heldOut.predictionCount,
        unit: "tokens")
      let report = try heldOut.evaluate(decoder, teacher: live) { line.update(done: $0) }
      line.finish()
      if let note = heldOut.present.note { Console.note(note) }
      return Score(name: name, report: report, present: heldOut.present, context: context)
    }
  }

  /// The least context of the models that read more, with a warning for each; nil where none does.
  private func contextNote(
    _ models: [(path: String, checkpoint: Checkpoint?)], _ heldOut: HeldOutData, isCache: Bool
  ) throws -> Int? {
    var least: Int?
    for case (let path, let checkpoint?) in models {
      let limit = checkpoint.config.maxPositionEmbeddings
      let note = try checkpoint.config.contextNote(
        reading: heldOut.longestContext(above: limit), path, isAllowed: context.beyondContext,
        isCache ? .cache(allowing: "--beyond-context") : .option("--window"))
      guard let note else { continue }
      Console.warning(note)
      least = min(limit, least ?? limit)
    }
    return least
  }

  private func heldOut(
    _ data: DataConfig?, cache path: String?, _ checkpoint: Checkpoint, _ tokenizer: Tokenizer?,
    beside teacher: Checkpoint?
  ) throws -> HeldOutData {
    if let path {
      let cache = try CacheReader(directory: URL(filePath: path))
      try cache.requireMatch(
        vocabulary: checkpoint.config.vocabSize, tokenizer: tokenizer, path: path)
      return try HeldOutData(cache, tokens: tokens)
    }
    guard let data else { throw PreparationError.noData }
    guard let tokenizer else { throw PreparationError.noTokenizer(path: model) }
    guard tokenizer.vocabularySize <= checkpoint.config.vocabSize else {
      throw PreparationError.tokenizerTooLarge(
        tokenizer: tokenizer.vocabularySize, student: checkpoint.config.vocabSize)
    }
    let contexts = [checkpoint, teacher].compactMap { $0?.config.maxPositionEmbeddings }
    return try HeldOutData(data, tokenizer: tokenizer, window: window ?? contexts.min() ?? 512)
  }
}

extension EvaluationReport {
  /// The measurements for people, with a table of the groups where there are any.
  var text: String {
    var table = Table([.words("measure"), .numbers("value")])
    table.append(["tokens", "\(tokens)"])
    table.append([documentsAreFragments ? "fragments" : "documents", "\(scoredDocuments)"])
    table.append(["NLL (nats/token)", figure(nll, nllStandardError)])
    table.append(["perplexity", Figures.decimal(perplexity, places: 2)])
    if let own = teacher?.nll { table.append(["the teacher's own NLL", figure(own)]) }
    for row in teacher?.divergenceRows ?? [] { table.append(row) }
    table.append(["calibration error", Figures.percent(calibrationError)])
    for row in teacher?.acceptanceRows ?? [] { table.append(row) }
    return ([table.text, legend] + (groups.isEmpty ? [] : ["", groupTable.text]))
      .joined(separator: "\n")
  }

  /// The meaning of ±, or the reason why there is none.
  private var legend: String {
    let unit = documentsAreFragments ? "fragment" : "document"
    return scoredDocuments > 1
      ? "±: the standard error over \(unit)s" : "one \(unit) tells no standard error"
  }

  private var groupTable: Table {
    let hasTeacher = groups.contains { $0.kl != nil }
    var table = Table(
      [.words("group"), .numbers("tokens"), .numbers("NLL")]
        + (hasTeacher ? [.numbers("teacher's"), .numbers("KL"), .numbers("top-1")] : []))
    for group in groups {
      let comparison = [
        group.teacherNll.map { figure($0) }, group.kl.map { figure($0) },
        group.top1Agreement.map(Figures.percent),
      ]
      table.append(
        [group.name, "\(group.tokens)", figure(group.nll)]
          + (hasTeacher ? comparison.map { $0 ?? "" } : []))
    }
    return table
  }
}

extension TeacherComparison {
  /// The distance of the model from its teacher.
  fileprivate var divergenceRows: [[String]] {
    let percentiles = [
      ("KL, median", klMedian), ("KL, 95 % below", kl95), ("KL, 99 % below", kl99),
      ("KL, 99.9 % below", kl999),
    ]
    let error = top1StandardError.map { " ± " + Figures.percent($0) } ?? ""
    return [
      [
        klIsLowerBound ? "KL to the teacher at least" : "KL to the teacher",
        figure(kl, klStandardError),
      ]
    ] + percentiles.compactMap { name, value in value.map { [name, figure($0)] } }
      + [["top-1 agreement", Figures.percent(top1Agreement) + error]]
  }

  /// The shares of a draft's tokens that the teacher would accept.
  fileprivate var acceptanceRows: [[String]] {
    let rows = [
      ("acceptance, sampled draft", acceptance, acceptanceStandardError),
      ("acceptance, sampled draft, at least", acceptanceLowerBound, nil),
      ("acceptance, sampled draft, at most", acceptanceUpperBound, nil),
      ("acceptance, greedy draft", greedyAcceptance, greedyAcceptanceStandardError),
      ("acceptance, greedy draft, at least", greedyAcceptanceLowerBound, nil),
      ("acceptance, greedy draft, at most", greedyAcceptanceUpperBound, nil),
    ]
    return rows.compactMap { name, value, error in
      value.map { [name, Figures.percent($0) + (error.map { " ± " + Figures.percent($0) } ?? "")] }
    }
  }
}

/// A figure with its standard error, if that is known.
private func figure(_ value: Double, _ error: Double? = nil) -> String {
  Figures.decimal(value, places: 4)
    + (error.map { " ± " + Figures.decimal($0, places: 4) } ?? "")
}
