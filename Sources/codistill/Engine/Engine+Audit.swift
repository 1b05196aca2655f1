import Foundation
import Measuring
import Models
import Reports
import Shards
import Text
import Training

extension Engine {
  /// Measures a cache by its teacher or by a dense cache of the same data.
  static func audit(_ request: AuditRequest) throws -> AuditReport {
    let cache = try CacheReader(directory: URL(filePath: request.cache))
    let capture = cache.manifest.capture
    let (source, tokenizer) = try source(request, capture)
    let kinds = tokenizer.map { $0.kinds(vocabularySize: capture.vocabularySize) }
    let line = ProgressLine("auditing", total: nil, unit: "tokens")
    defer { line.finish() }
    return try CacheAudit(cache, source: source, settings: request.settings, kinds: kinds)
      .run { done, total in line.update(done: done, news: "of \(Figures.count(total))") }
  }

  private static func source(
    _ request: AuditRequest, _ capture: CaptureConfig
  ) throws -> (LogitsSource, Tokenizer?) {
    if let path = request.reference { return (try dense(path, capture), nil) }
    if request.teacher == nil, !capture.codec.isSparse {
      return (try dense(request.cache, capture), nil)
    }
    let path = request.teacher ?? capture.teacher.name
    guard request.teacher != nil || FileManager.default.fileExists(atPath: path) else {
      throw AuditError.noReference(teacher: path)
    }
    var checkpoint = try Checkpoint.open(modelPath(path))
    let (found, expected) = (checkpoint.fingerprint, capture.teacher.fingerprint)
    guard found == expected else {
      throw AuditError.otherTeacher(path: path, found: found, expected: expected)
    }
    // A cache has the ids of the tokenizer alone, its teacher may have rows beyond them.
    if capture.vocabularySize < checkpoint.config.vocabSize {
      checkpoint = checkpoint.withVocabulary(capture.vocabularySize)
    }
    try requireRoom(
      "the teacher",
      for: MemoryNeed.evaluation([checkpoint.config], window: capture.sequenceLength, at: 1))
    return (.teacher(try Models.Decoder(checkpoint)), try checkpoint.tokenizer())
  }

  private static func dense(_ path: String, _ capture: CaptureConfig) throws -> LogitsSource {
    let reader = try CacheReader(directory: URL(filePath: path))
    let found = reader.manifest.capture
    guard !found.codec.isSparse else {
      throw AuditError.notDense(path: path, codec: found.codec.name)
    }
    guard found.teacher.fingerprint == capture.teacher.fingerprint else {
      throw AuditError.otherTeacher(
        path: path, found: found.teacher.fingerprint, expected: capture.teacher.fingerprint)
    }
    return .dense(reader)
  }
}
