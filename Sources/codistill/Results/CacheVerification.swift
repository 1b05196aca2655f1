import Shards

/// Whether a cache is whole. (`cache verify`)
struct CacheVerification: Encodable {
  /// Whether every byte is as it was written.
  var ok: Bool
  /// The frames that were checked.
  var frames: Int
  /// What is wrong, one line each.
  var problems: [String]
  /// The damaged places: file, number of the shard, frame.
  var damaged: [VerificationReport.Damage]

  /// What a check found.
  init(_ report: VerificationReport) {
    (ok, frames) = (report.ok, report.frames)
    (problems, damaged) = (report.problems, report.damaged)
  }

  /// The verdict for people.
  var text: String {
    ok ? "\(frames) frames, all whole" : problems.joined(separator: "\n")
  }
}
