import Capture
import Foundation
import Models
import Reports
import Shards
import Tensors
import Text
import Training

extension Engine {
  /// Runs the teacher over texts and writes, or resumes, a cache.
  static func buildCache(
    _ request: CaptureRequest, into target: CacheTarget
  ) throws -> CacheBuildResult {
    let directory = URL(filePath: target.output)
    let present = target.isAppending ? try? CacheReader(directory: directory) : nil
    var open: OpenCapture
    do {
      open = try Self.open(request) { try $0(present?.documents()) }
    } catch DocumentError.nothingNew(let documents) {
      guard let present else { throw DocumentError.nothingNew(documents: documents) }
      // An append that was killed when all was written has left something to tidy up.
      _ = try? PartBuilder.commit(directory: directory, threads: 1)
      Console.note(
        "all \(documents) documents are in \(target.output) already: nothing was added")
      return .cache(CacheSummary(present.manifest))
    }
    let tokenizer = try open.checkpoint.tokenizer()
    if let note = try present?.note(of: open.data, tokenizer: tokenizer, path: target.output) {
      Console.note(note)
    }
    let capture = open.capture
    let marks = present?.manifest.note(addingBOS: capture.bosAdded, addingEOS: capture.eosAdded)
    if let marks { Console.warning("\(target.output): \(marks)") }
    try spend(&open, in: directory)
    let line = ProgressLine(
      "caching", total: open.data.predictionCount / target.share.count, unit: "tokens")
    let builder = CacheBuilder(
      teacher: open.teacher, sequences: open.data.sequences, capture: open.capture,
      kinds: open.kinds, isInterrupted: { Interruption.isRequested },
      progress: { line.update(done: $0.tokens) })
    let began = ContinuousClock.now
    let outcome = try builder.build(
      directory: directory, share: target.share, appending: target.isAppending,
      onLeft: { Console.note("unit \($0) is being made by another process; going on without it") })
    line.finish()
    return try result(outcome, of: target, began: began, open.data.present)
  }

  /// What a capture came to, or the error that tells what is left to do.
  private static func result(
    _ outcome: CacheBuilder.Outcome, of target: CacheTarget, began: ContinuousClock.Instant,
    _ present: PresentMarks
  ) throws -> CacheBuildResult {
    let seconds = (ContinuousClock.now - began) / .seconds(1)
    switch outcome {
    case .interrupted: throw CommandError.interrupted(resume: CommandLineText.quoted)
    case .leftToOthers(let units):
      throw CommandError.leftToOthers(units: units.count, resume: CommandLineText.quoted)
    case .shareDone(let units, let sequences, let newTokens):
      return .share(
        ShareSummary(
          shardIndex: target.share.index, shardCount: target.share.count, units: units,
          sequences: sequences, newTokens: newTokens, seconds: seconds,
          tokensPerSecond: Double(newTokens) / seconds, cache: target.output))
    case .finished(let manifest, let newTokens):
      var summary = CacheSummary(manifest)
      summary.seconds = seconds
      summary.tokensPerSecond = Double(newTokens) / seconds
      summary.peakRssBytes = ProcessMemory.peakBytes
      if present.bos > 0 { summary.bosAlreadyThere = present.bos }
      if present.eos > 0 { summary.eosAlreadyThere = present.eos }
      return .cache(summary)
    }
  }

  /// Makes the damaged files of a cache again.
  static func repairCache(
    _ request: CaptureRequest, at cache: String, force: Bool
  ) throws -> RepairSummary {
    let directory = URL(filePath: cache)
    var open = try open(request) { try data(of: directory, $0) }
    try spend(&open, in: directory)
    let builder = CacheBuilder(
      teacher: open.teacher, sequences: open.data.sequences, capture: open.capture,
      kinds: open.kinds, isInterrupted: { Interruption.isRequested })
    let mended = try ConcurrentProgress.show("verifying", unit: "shards") { progress in
      try builder.repair(directory: directory, force: force, progress: { progress($0, $1) })
    }
    guard let mended else { throw CommandError.interrupted(resume: CommandLineText.quoted) }
    return RepairSummary(mended)
  }
}

extension Engine {
  /// The data of the part of a cache that was made of them; a part that was appended has not got the
  /// documents of those before it.
  private static func data(
    of directory: URL, _ read: (KnownDocuments?) throws -> PackedData
  ) throws -> PackedData {
    let whole = try read(nil)
    let parts = (try? CacheReader.parts(in: directory)) ?? []
    guard !parts.contains(where: { $0.capture.dataFingerprint == whole.fingerprint }) else {
      return whole
    }
    for (number, part) in parts.enumerated().dropFirst() {
      // Where an earlier part is damaged, too, that one is to be repaired first.
      let before = try? CacheReader(directory: directory, parts: number).documents()
      guard let before, let left = try? read(before) else { continue }
      if left.fingerprint == part.capture.dataFingerprint { return left }
    }
    return whole
  }
}

extension Console {
  /// Tells what was left out of the data, where anything was.
  static func note(_ data: PackedData) {
    if let passedOver = data.passedOverNote { note(passedOver) }
    let parts =
      [
        (data.duplicatesDropped, "exact copies"), (data.outsideSplit, "of the other split"),
        (data.beyondLimit, "beyond the limit, by hash"), (data.tooShort, "too short"),
        (data.emptyDocuments, "empty"),
        (data.emptyFiles, "empty files"),
      ].filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }
      + (data.uncounted.count > 0 ? [data.uncounted.description] : [])
    let left = parts.isEmpty ? "" : "; left out: " + parts.joined(separator: ", ")
    Terminal.tell(
      "\(data.documentCount) documents, \(Figures.count(data.predictionCount)) predictions\(left)")
    if let note = data.present.note { Console.note(note) }
  }
}
