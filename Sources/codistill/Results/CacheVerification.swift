/// Whether a cache is whole. (`cache verify`)
struct CacheVerification: Encodable {
  /// Whether every byte is as it was written.
  var ok: Bool
  /// The frames that were checked.
  var frames: Int
  /// What is wrong, one line each.
  var problems: [String]

  /// The verdict for people.
  var text: String {
    ok ? "\(frames) frames, all whole" : problems.joined(separator: "\n")
  }
}
