import Distillation
import Foundation
import Models
import Reports
import Shards
import Tensors
import Text

extension Engine {
  /// Runs the teacher over texts and writes, or resumes, a cache.
  static func buildCache(_ request: CacheRequest) throws -> CacheBuildResult {
    guard request.precision.isSupported else {
      throw PreparationError.noBfloat16(remedy: "leave out --precision")
    }
    let checkpoint = try Checkpoint.open(request.teacher)
    guard let tokenizer = try checkpoint.tokenizer() else {
      throw PreparationError.noTokenizer(path: request.teacher)
    }
    let data = try request.data.load(tokenizer, length: request.data.sequenceLength)
    Console.note(data)
    let capture = request.capture(checkpoint, tokenizer, data)
    let teacher = try teacher(
      checkpoint, precision: request.precision, streaming: request.streamsLayers)
    let line = ProgressLine(
      "caching", total: data.predictionCount / request.share.count, unit: "tokens")
    let builder = CacheBuilder(
      teacher: teacher, sequences: data.sequences, capture: capture,
      isInterrupted: { Interruption.isRequested }, progress: { line.update(done: $0.tokens) })
    let began = ContinuousClock.now
    let outcome = try builder.build(
      directory: URL(filePath: request.output), share: request.share,
      appending: request.isAppending
    ) { Console.note("unit \($0) is being made by another process; going on with the others") }
    line.finish()
    return try summary(outcome, of: request, began: began)
  }

  /// What a capture came to, or the error that tells what is left to do.
  private static func summary(
    _ outcome: CacheBuilder.Outcome, of request: CacheRequest, began: ContinuousClock.Instant
  ) throws -> CacheBuildResult {
    let seconds = (ContinuousClock.now - began) / .seconds(1)
    switch outcome {
    case .interrupted: throw CommandError.interrupted(resume: CommandLineText.quoted)
    case .leftToOthers(let units):
      throw CommandError.leftToOthers(units: units.count, resume: CommandLineText.quoted)
    case .shareDone(let units, let sequences, let newTokens):
      return .share(
        ShareSummary(
          shardIndex: request.share.index, shardCount: request.share.count, units: units,
          sequences: sequences, newTokens: newTokens, seconds: seconds,
          tokensPerSecond: Double(newTokens) / seconds, cache: request.output))
    case .finished(let manifest, let newTokens):
      var summary = CacheSummary(manifest)
      summary.seconds = seconds
      summary.tokensPerSecond = Double(newTokens) / seconds
      summary.peakRssBytes = ProcessMemory.peakBytes
      return .cache(summary)
    }
  }
}

extension CacheRequest {
  fileprivate func capture(
    _ checkpoint: Checkpoint, _ tokenizer: Tokenizer, _ data: PackedData
  ) -> CaptureConfig {
    CaptureConfig(
      codec: codec == .dense
        ? .dense(temperature: temperature)
        : .threshold(threshold: threshold, temperature: temperature),
      vocabularySize: checkpoint.config.vocabSize,
      sequenceLength: self.data.sequenceLength ?? 512,
      sequencesPerShard: sequencesPerShard ?? 64, seed: UInt64(seed),
      teacher: CaptureConfig.Teacher(name: teacher, fingerprint: checkpoint.fingerprint),
      tokenizerSHA256: tokenizer.fingerprint, dataFingerprint: data.fingerprint,
      bosAdded: self.data.bos, eosAdded: self.data.eos,
      arithmetic: CaptureConfig.arithmetic(precision))
  }
}

extension Console {
  /// Tells what was left out of the data, where anything was.
  static func note(_ data: PackedData) {
    let parts = [
      (data.duplicatesDropped, "exact copies"), (data.outsideSplit, "of the other split"),
      (data.tooShort, "too short"), (data.emptyDocuments, "empty"),
      (data.emptyFiles, "empty files"),
    ].filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }
    let left = parts.isEmpty ? "" : "; left out: " + parts.joined(separator: ", ")
    Terminal.writeToStandardError(
      "\(data.documentCount) documents, \(Figures.count(data.predictionCount)) predictions\(left)\n"
    )
  }
}
