import Capture
import Shards

/// What was made again of a damaged cache. (`cache repair`)
struct RepairSummary: Encodable {
  /// Whether every byte is as it was written, or as the manifest now says.
  var ok: Bool
  /// The numbers of the shards that were made again.
  var repaired: [Int]
  /// Whether the coding tables were made again.
  var tables: Bool
  /// What is still wrong, one line each.
  var problems: [String]
  /// The places that are still damaged.
  var damaged: [VerificationReport.Damage]

  /// What a repair came to.
  init(_ mended: CacheBuilder.Mended) {
    (repaired, tables, ok) = (mended.units, mended.tables, mended.report.ok)
    (problems, damaged) = (mended.report.problems, mended.report.damaged)
  }

  /// The summary for people.
  var text: String {
    let count = repaired.count
    let made = "\(count) shard\(count == 1 ? "" : "s")\(tables ? " and the tables" : "") made again"
    return ok ? made + "; the cache is whole" : ([made] + problems).joined(separator: "\n")
  }
}
