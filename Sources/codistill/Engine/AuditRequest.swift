import Measuring

/// What a cache is audited by, and how.
struct AuditRequest {
  /// The cache's folder.
  var cache: String
  /// The teacher's checkpoint; nil takes the one that the cache names.
  var teacher: String?
  /// A dense cache of the same data to read instead of running the teacher.
  var reference: String?
  /// What is measured.
  var settings: AuditSettings
}
