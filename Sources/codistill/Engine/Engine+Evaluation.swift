import Distillation
import Foundation
import Models
import Reports
import Shards
import Text

extension Engine {
  /// Scores a text, or a cache's own sequences against its teacher.
  static func evaluate(_ request: EvaluationRequest) throws -> EvaluationSummary {
    let checkpoint = try Checkpoint.open(RunDirectory.modelPath(request.model))
    let model = try Decoder(checkpoint)
    let heldOut = try heldOut(request, checkpoint)
    let line = ProgressLine("evaluating", total: heldOut.predictionCount, unit: "tokens")
    let report = try heldOut.evaluate(model) { line.update(done: $0) }
    line.finish()
    return EvaluationSummary(report)
  }

  private static func heldOut(
    _ request: EvaluationRequest, _ checkpoint: Checkpoint
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
    return try HeldOutData(
      data, tokenizer: tokenizer, window: request.window ?? checkpoint.config.maxPositionEmbeddings)
  }

  /// The tokenizer that was named, or the model's own, if it has one.
  private static func tokenizer(
    _ request: EvaluationRequest, _ checkpoint: Checkpoint
  ) throws -> Tokenizer? {
    try request.tokenizer.map { try Tokenizer(source: $0) } ?? checkpoint.tokenizer()
  }
}

extension EvaluationSummary {
  fileprivate init(_ report: EvaluationReport) {
    self.init(
      tokens: report.tokens, nll: report.nll, perplexity: report.perplexity,
      nllByPosition: report.nllByPosition, kl: report.teacher?.kl,
      klIsLowerBound: report.teacher?.klIsLowerBound == true ? true : nil,
      klStderr: report.teacher?.klStandardError, top1Agreement: report.teacher?.top1Agreement,
      ece: report.calibrationError, acceptance: report.teacher?.acceptance,
      acceptanceUpperBound: report.teacher?.acceptanceUpperBound)
  }
}
