import Distillation
import Foundation
import Models
import Reports
import Shards
import Tensors
import Text

extension Engine {
  /// Runs the teacher over texts and writes, or resumes, a cache.
  static func buildCache(_ request: CacheRequest) throws -> CacheSummary {
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
    var teacher = try Decoder(checkpoint)
    teacher.precision = request.precision
    let builder = CacheBuilder(
      teacher: teacher, sequences: data.sequences, capture: capture,
      kinds: tokenizer.kinds(vocabularySize: capture.vocabularySize))
    let line = ProgressLine("caching", total: data.predictionCount, unit: "tokens")
    let began = ContinuousClock.now
    let outcome = try builder.build(
      directory: URL(filePath: request.output), isInterrupted: { Interruption.isRequested }
    ) { line.update(done: $0.tokens) }
    line.finish()
    switch outcome {
    case .interrupted: throw CommandError.interrupted(resume: CommandLineText.quoted)
    case .finished(let manifest, let newTokens):
      let seconds = (ContinuousClock.now - began) / .seconds(1)
      var summary = CacheSummary(manifest)
      summary.seconds = seconds
      summary.tokensPerSecond = Double(newTokens) / seconds
      summary.peakRssBytes = ProcessMemory.peakBytes
      return summary
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
