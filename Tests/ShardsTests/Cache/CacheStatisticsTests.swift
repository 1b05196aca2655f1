import Foundation
import Testing

@testable import Shards

@Suite struct CacheStatisticsTests {
  private func statistics(
    _ codec: CacheCodec, limit: Int = 64
  ) throws -> (found: CacheStatistics, sequences: [CachedSequence], bytes: Int) {
    let cache = TemporaryCache()
    let sequences = try TemporaryCache.sequences(9, codec: codec)
    let manifest = try cache.write(sequences, capture: TemporaryCache.capture(codec: codec))
    let found = try CacheReader(directory: cache.url).statistics(limit: limit)
    return (found, sequences, manifest.bytes)
  }

  @Test func meansAreThoseOfTheRows() throws {
    let (found, sequences, bytes) = try statistics(.threshold(threshold: 0.05, temperature: 1))
    var (rows, entries, mass, entropy, next) = (0.0, 0.0, 0.0, 0.0, 0.0)
    for case .sparse(let targets) in sequences.map(\.targets) {
      rows += Double(targets.count)
      entries += Double(targets.ids.count)
      for value in targets.values { mass += Double(value) }
      for value in targets.entropy { entropy += Double(value) }
      for value in targets.nextLogProbability { next -= Double(value) }
    }
    #expect(Double(found.tokens) == rows && abs(found.entriesPerToken - entries / rows) < 1e-12)
    #expect(abs(found.meanMass - mass / rows) < 1e-12)
    #expect(abs(found.meanEntropy - entropy / rows) < 1e-12)
    #expect(abs(found.meanNextTokenNLL - next / rows) < 1e-12)
    #expect(found.planes.map(\.name) == CacheStatistics.PlaneName.allCases)
    let planes = found.planes.reduce(0) { $0 + $1.bytesPerToken } * rows
    #expect(planes > 0 && planes < Double(bytes))
  }

  @Test func wholeDistributionsHaveNoPlanes() throws {
    let (found, _, _) = try statistics(.dense(temperature: 1))
    #expect(found.planes.isEmpty && found.entriesPerToken == 300 && found.meanMass == 1)
  }

  @Test func aSampleIsSpreadEvenly() throws {
    let (found, sequences, _) = try statistics(.topk(entries: 4, temperature: 1), limit: 3)
    let counts = [0, 3, 6].map { sequences[$0].targets.count }
    #expect(found.tokens == counts.reduce(0, +))
  }
}

@Suite struct VerificationReportTests {
  @Test func damageIsKeptOnce() {
    var report = VerificationReport(frames: 2)
    #expect(report.ok && report.damagedUnits == [])
    let place = VerificationReport.Damage(file: "s", unit: 4, frame: 1)
    let found = report.attempt(place) { () throws(ShardError) -> Int in
      throw .missing(path: "s")
    }
    #expect(found == nil && !report.ok)
    report.note("again", at: place)
    #expect(report.damaged == [place] && report.problems.count == 2)
    #expect(report.attempt(place) { () throws(ShardError) in 7 } == 7)
    #expect(report.problems.count == 2)
    var all = VerificationReport(frames: 1)
    all.note("tables", at: .init(file: "t"))
    all.note("other", at: .init(file: "u", unit: 1))
    all.add(report)
    #expect(all.frames == 3 && all.damagedUnits == [1, 4] && all.problems.count == 4)
  }
}
