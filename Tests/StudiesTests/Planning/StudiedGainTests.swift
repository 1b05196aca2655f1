import Foundation
@testable import Studies
import TestSupport
import Testing

/// What `plan` tells of the study examples/when-it-pays.
@Suite struct StudiedGainTests {
  /// The rows are those of the study's own table, to the last digit that it prints.
  @Test func theRowsAreTheStudys() throws {
    let file = Fixtures.url("../../examples/when-it-pays/gains.csv")
    let lines = try String(contentsOf: file, encoding: .utf8).split(separator: "\n").dropFirst()
    let rows = StudiedGain.all.flatMap { row in
      [("seen", row.seen), ("unseen", row.unseen)].map { name, gain in
        [
          "\(row.corpusTokens)", "\(Int(row.passes))", "\(row.layers)", name,
          String(format: "%.3f", gain.nats), String(format: "%.3f", gain.halfWidth), "\(row.seeds)",
        ].joined(separator: ",")
      }
    }
    #expect(rows == lines.map { String($0) })
    #expect(!rows.isEmpty)
  }

  @Test func theNearestRowIsNear() throws {
    for row in StudiedGain.all {
      let depth = Double(row.layers) / Double(StudiedGain.teacherLayers)
      let found = try #require(
        StudiedGain.nearest(corpusTokens: row.corpusTokens, passes: row.passes, depth: depth))
      #expect(found == row)
      #expect(row.isNear(corpusTokens: row.corpusTokens * 4, passes: row.passes / 2, depth: depth))
      #expect(!row.isNear(corpusTokens: row.corpusTokens * 5, passes: row.passes, depth: depth))
      #expect(!row.isNear(corpusTokens: row.corpusTokens, passes: row.passes * 2.1, depth: depth))
      #expect(
        !row.isNear(corpusTokens: row.corpusTokens, passes: row.passes, depth: depth + 0.2))
    }
  }
}
