import Capture
import Foundation
import Measuring
import Models
import Reports
import Shards
import Text
import Training

extension Engine {
  /// Scores a text, alone or against a teacher beside it, or a cache's own sequences.
  static func evaluate(_ request: EvaluationRequest) throws -> EvaluationSummary {
    let padded = try Checkpoint.open(modelPath(request.model))
    let tokenizer = try tokenizer(request, padded)
    if request.tokenizer != nil { try tell(tokenizer, inPlaceOfThatOf: padded, request.model) }
    let checkpoint = withoutPadding(padded, tokenizer)
    let other = try request.teacher.map { try liveTeacher($0, request, of: checkpoint) }
    let shapes = [checkpoint.config] + [other?.config].compactMap { $0 }
    try requireRoom("the model", for: shapes.reduce(0) { $0 + MemoryNeed.weights($1) })
    let (heldOut, notes) = try apart(
      try heldOut(request, checkpoint, beside: other), request, checkpoint)
    for note in notes { Console.note(note) }
    if let passedOver = PassedOverFiles(heldOut.passedOver) { Console.note(passedOver.note) }
    let context = try contextNote(
      [(request.model, checkpoint), (request.teacher ?? "", other)], heldOut, request)
    try requireRoom(
      "the model, with windows of \(heldOut.longestWindow) tokens,",
      for: MemoryNeed.evaluation(shapes, window: heldOut.longestWindow, at: heldOut.windowCount))
    let model = try Decoder(checkpoint)
    let teacher = try other.map { try Decoder($0) }
    let line = ProgressLine("evaluating", total: heldOut.predictionCount, unit: "tokens")
    let report = try heldOut.evaluate(model, teacher: teacher) { line.update(done: $0) }
    line.finish()
    if let note = heldOut.present.note { Console.note(note) }
    var summary = EvaluationSummary(report)
    summary.note(heldOut.present)
    summary.context = context
    return summary
  }

  /// The context of the first model that reads more, of which a warning tells; nil where none does.
  private static func contextNote(
    _ models: [(path: String, checkpoint: Checkpoint?)], _ heldOut: HeldOutData,
    _ request: EvaluationRequest
  ) throws -> Int? {
    var context: Int?
    for case (let path, let checkpoint?) in models {
      let limit = checkpoint.config.maxPositionEmbeddings
      let note = try checkpoint.config.contextNote(
        reading: heldOut.longestContext(above: limit), path, isAllowed: request.beyondContext,
        request.cache == nil ? .option("--window") : .cache(allowing: "--beyond-context"))
      guard let note else { continue }
      Console.warning(note)
      context = min(limit, context ?? limit)
    }
    return context
  }

  private static func heldOut(
    _ request: EvaluationRequest, _ checkpoint: Checkpoint, beside teacher: Checkpoint?
  ) throws -> HeldOutData {
    if let path = request.cache {
      if request.data != nil {
        throw CommandError.mismatch(
          "--cache scores the cache's own sequences; leave out --data, or cache that text")
      }
      let cache = try CacheReader(directory: URL(filePath: path))
      try cache.requireMatch(
        vocabulary: checkpoint.config.vocabSize, tokenizer: try tokenizer(request, checkpoint),
        path: path)
      return try HeldOutData(cache, tokens: request.tokens)
    }
    guard var data = request.data else { throw PreparationError.noData }
    data.tokens = request.tokens
    guard let tokenizer = try tokenizer(request, checkpoint) else {
      throw PreparationError.noTokenizer(path: request.model)
    }
    guard tokenizer.vocabularySize <= checkpoint.config.vocabSize else {
      throw PreparationError.tokenizerTooLarge(
        tokenizer: tokenizer.vocabularySize, student: checkpoint.config.vocabSize)
    }
    let contexts = [checkpoint, teacher].compactMap { $0?.config.maxPositionEmbeddings }
    return try HeldOutData(
      data, tokenizer: tokenizer, window: request.window ?? contexts.min() ?? 512)
  }

  /// The texts apart from those that the model's run trained on, and what is to be known of them.
  private static func apart(
    _ heldOut: HeldOutData, _ request: EvaluationRequest, _ checkpoint: Checkpoint
  ) throws -> (heldOut: HeldOutData, notes: [String]) {
    let trained: [TrainedText]
    do {
      trained = try RunDirectory.trainedTexts(ofModel: request.model)
    } catch {
      let note =
        "what \(request.model) trained on cannot be read, so that it may have seen this text"
      return (heldOut, ["\(note): \(error)"])
    }
    guard !trained.isEmpty else { return (heldOut, []) }
    return try heldOut.apart(
      from: trained, tokenizer: try tokenizer(request, checkpoint), request.overlap,
      key: "--overlap")
  }

  /// The teacher, if its ids mean the same as the model's.
  private static func liveTeacher(
    _ path: String, _ request: EvaluationRequest, of model: Checkpoint
  ) throws -> Checkpoint {
    let padded = try Checkpoint.open(modelPath(path))
    let checkpoint = withoutPadding(padded, try padded.tokenizer() ?? tokenizer(request, model))
    let (student, teacher) = (model.config.vocabSize, checkpoint.config.vocabSize)
    guard student == teacher else {
      throw PreparationError.vocabulary(student: student, cache: teacher, path: path)
    }
    let tokenizers = (try tokenizer(request, model), try checkpoint.tokenizer())
    if let own = tokenizers.0, let other = tokenizers.1, own.fingerprint != other.fingerprint {
      throw CommandError.mismatch(
        "\(path): has another tokenizer than \(request.model); give a teacher with the same one")
    }
    return checkpoint
  }

  /// The tokenizer that was named, or the model's own, if it has one.
  private static func tokenizer(
    _ request: EvaluationRequest, _ checkpoint: Checkpoint
  ) throws -> Tokenizer? {
    try request.tokenizer.map { try Tokenizer(source: $0).following(checkpoint.named) }
      ?? checkpoint.tokenizer()
  }
}
