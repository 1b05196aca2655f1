import Foundation
import Testing

@testable import Shards

@Suite struct SparseCodecTests {
  private func codec(_ codec: CacheCodec, oldGrid: Bool = false) throws -> SparseCodec {
    var capture = TemporaryCache.capture(codec: codec, vocabularySize: 20)
    if oldGrid { capture.grid = nil }
    return SparseCodec(capture, tables: try CodingTables(calibrating: [], capture: capture))
  }

  @Test func levelsAreComparedOnTheirGrid() throws {
    let linear = try codec(.threshold(threshold: 0.05, temperature: 1))
    #expect(linear.mostLevel == 80 && linear.headroom == 80 && linear.argmaxCode(75) == 5)
    #expect(linear.certainty(40) == 40 && linear.isMore(3, than: 2) && !linear.isEntry(level: 0))
    let old = try codec(.topk(entries: 5, temperature: 1), oldGrid: true)
    #expect(old.argmaxCode(7) == 7 && old.certainty(7) == 66 && old.certainty(99) == 0)
    #expect(old.isMore(2, than: 3) && old.isEntry(level: 0) && old.headroom == 0)
    let top = try codec(.topk(entries: 5, temperature: 1))
    #expect(top.argmaxCode(4000) == 96 && top.certainty(2048) == 40 && top.mostLevel == 4096)
  }

  @Test func referencesAreCodesOfLogProbabilities() throws {
    let linear = try codec(.threshold(threshold: 0.05, temperature: 1))
    // docs/format.md: ⌊−16 ln(level / levels)⌋, and of none ⌊−16 ln τ⌋.
    #expect(linear.reference(80) == 0 && linear.reference(40) == 11)
    #expect(linear.reference(0) == Int(-16 * log(0.05)))
    let drawn = try codec(.sample(samples: 20, temperature: 1))
    #expect(drawn.reference(0) == Int(16 * log(20.0)) && drawn.reference(10) == 11)
    let top = try codec(.topk(entries: 5, temperature: 1))
    #expect(top.reference(0) == 0 && top.reference(2048) == 11)
    #expect(try codec(.topk(entries: 5, temperature: 1), oldGrid: true).reference(123) == 123)
  }

  @Test func theTailIsExpectedToFillTheRow() throws {
    let linear = try codec(.threshold(threshold: 0.05, temperature: 1))
    // What 60 of 80 levels leave holds 0.25 / 0.05 entries.
    #expect([60, 80, 100, 79].map { linear.expectedTail(mass: $0) } == [5, 0, 0, 0])
    #expect(linear.expectedTail(mass: 0) == 20)
    #expect(try codec(.sample(samples: 20, temperature: 1)).expectedTail(mass: 0) == 0)
  }

  @Test func contextsOfValuesStayBelowTwenty() throws {
    let linear = try codec(.threshold(threshold: 0.05, temperature: 1))
    #expect(
      [-5, 0, 20, 38, 80].map { linear.headLevelContext(left: $0, last: 0) }
        == [0, 0, 10, 19, 19])
    let old = try codec(.topk(entries: 5, temperature: 1), oldGrid: true)
    #expect([0, 8, 800].map { old.headLevelContext(left: 0, last: $0) } == [0, 1, 19])
    let top = try codec(.topk(entries: 5, temperature: 1))
    #expect([0, 15, 16, 4096].map { top.headLevelContext(left: 0, last: $0) } == [0, 3, 4, 19])
  }

  @Test func theBoundCoversWhatARecordTakes() throws {
    let linear = try codec(.threshold(threshold: 0.05, temperature: 1))
    #expect(linear.mostEntries == 24 && linear.maximumBytesPerRecord == 64 + 26 * 24)
    #expect(try codec(.topk(entries: 50, temperature: 1)).mostEntries == 20)
  }

  @Test func sequencesOfAnotherCodecAreRefused() throws {
    let sequences = try TemporaryCache.sequences(1, draws: 2)
    let capture = TemporaryCache.capture()
    let codec = SparseCodec(capture, tables: try CodingTables(calibrating: [], capture: capture))
    #expect(
      throws: ShardError.invalidSequence(
        reason: "it has 2 draws of its targets, the cache 1")
    ) { _ = try codec.encode(sequences[0]) }
    let dense = CachedSequence(
      text: sequences[0].text, targets: .dense(DenseTargets(vocabularySize: 300)))
    #expect(
      throws: ShardError.invalidSequence(
        reason: "its targets are not of this cache's codec and length")
    ) { _ = try codec.encode(dense) }
  }

  @Test func calibrationIsSpreadOverTheData() {
    #expect(CodingTables.calibrationSequences(recordCounts: []) == [])
    #expect(CodingTables.calibrationSequences(recordCounts: [9, 9]) == [0, 1])
    let many = CodingTables.calibrationSequences(
      recordCounts: [Int](repeating: 1024, count: 160))
    #expect(many == (0..<16).map { 10 * $0 + 5 })
    #expect(CodingTables.calibrationSequences(recordCounts: [1 << 20, 1 << 20, 1 << 20]) == [1])
  }
}
