import Shards

extension CacheSummary {
  /// What a cache's manifest says.
  init(_ manifest: CacheManifest) {
    let capture = manifest.capture
    (sequences, tokens) = (manifest.sequences, manifest.tokens)
    (bytes, bytesPerToken) = (manifest.bytes, manifest.bytesPerToken)
    (codec, threshold) = (capture.codec.name, capture.codec.threshold)
    if case .topk(let entries, _) = capture.codec { self.entries = entries }
    if case .sample(let samples, _) = capture.codec { self.samples = samples }
    draws = capture.draws
    temperature = capture.codec.temperature
    (vocabSize, sequenceLength) = (capture.vocabularySize, capture.sequenceLength)
    (teacher, teacherSha256) = (capture.teacher.name, capture.teacher.fingerprint)
    (tokenizerSha256, dataSha256) = (capture.tokenizerSHA256, capture.dataFingerprint)
    teacherContext = manifest.parts.compactMap(\.capture.teacherContext).min()
    maturity = capture.maturity.map {
      Maturity(
        firstStep: $0.firstStep, lastStep: $0.step(of: manifest.parts[0].sequences - 1),
        steps: $0.steps, sequencesPerStep: $0.sequencesPerStep)
    }
    (seed, shards, parts) = (capture.seed, manifest.shards.count, manifest.parts.count)
  }
}
