import Reports

/// What `cache build` has made: a cache, or a worker's share of one.
enum CacheBuildResult {
  /// The cache is complete.
  case cache(CacheSummary)
  /// The share is complete; the cache is committed later.
  case share(ShareSummary)

  /// Prints the result.
  func print(asJSON: Bool) throws {
    switch self {
    case .cache(let summary): try Console.result(summary, asJSON: asJSON) { summary.text }
    case .share(let summary): try Console.result(summary, asJSON: asJSON) { summary.text }
    }
  }
}

/// A worker's share of a cache. (`cache build --shard-index`)
struct ShareSummary: Encodable {
  /// The worker's number, from 0.
  var shardIndex: Int
  /// The number of workers.
  var shardCount: Int
  /// The units of the share, all of them stored.
  var units: Int
  /// The sequences in these units.
  var sequences: Int
  /// The predictions that this attempt made.
  var newTokens: Int
  /// The seconds of running the teacher and writing.
  var seconds: Double
  /// The predictions made per second.
  var tokensPerSecond: Double
  /// The cache's folder.
  var cache: String

  /// The summary for people.
  var text: String {
    "worker \(shardIndex) of \(shardCount): \(units) units, \(sequences) sequences stored;"
      + " when all workers have ended, run: "
      + CommandLineText.command("cache", "commit", cache)
  }
}
