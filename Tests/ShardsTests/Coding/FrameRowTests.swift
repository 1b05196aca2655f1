import Testing

@testable import Shards

@Suite struct FrameRowTests {
  private func codec(_ codec: CacheCodec, draws: Int = 1) throws -> SparseCodec {
    let capture = TemporaryCache.capture(codec: codec, draws: draws, vocabularySize: 20)
    return SparseCodec(capture, tables: try CodingTables(calibrating: [], capture: capture))
  }

  private func targets(
    _ ids: [Int32], _ values: [Float], argmax: Int32 = 3
  ) -> SparseTargets {
    var rows = SparseTargets()
    rows.append(ids: ids, values: values, argmax: argmax, nextLogProbability: 0, entropy: 0)
    return rows
  }

  @Test func rowsAreTakenApart() throws {
    let codec = try codec(.threshold(threshold: 0.125, temperature: 1))
    let rows = targets([1, 3, 7, 9], [0.125, 0.5, 0.25, 0.125])
    var row = FrameRow(mostEntries: 16)
    try row.load(0, of: rows, codec)
    #expect(row.argmax.id == 3 && row.argmax.level == 32)
    #expect(row.headCount == 1 && row.tailCount == 2)
    #expect((0..<3).map { row.entries[$0].id } == [7, 1, 9] && row.entries[0].level == 16)
  }

  @Test func rowsThatNoSamplerGaveAreRefused() throws {
    let threshold = try codec(.threshold(threshold: 0.125, temperature: 1))
    let top = try codec(.topk(entries: 3, temperature: 1))
    func reason(_ rows: SparseTargets, _ codec: SparseCodec) -> String? {
      var row = FrameRow(mostEntries: 16)
      return #expect(throws: FrameProblem.self) { try row.load(0, of: rows, codec) }?.reason
    }
    let fault = "the targets at position 0 are not those of a sampler of this cache"
    #expect(reason(targets([3], [0.123]), threshold) == fault, "off the grid")
    #expect(reason(targets([3, 20], [0.5, 0.25]), threshold) == fault, "no id")
    #expect(reason(targets([7, 3], [0.25, 0.5]), threshold) == fault, "not ascending")
    #expect(reason(targets([3], [1], argmax: 20), threshold) == fault)
    #expect(reason(targets([5], [0.5]), top) == fault, "without its argmax")
    #expect(
      reason(targets([0, 1, 2, 3, 4], [Float](repeating: 0.5, count: 5)), top) == fault,
      "more than k and one")
  }

  @Test func drawsMayDifferInWhatIsSampledAlone() throws {
    let codec = try codec(.threshold(threshold: 0.125, temperature: 1), draws: 2)
    var row = FrameRow(mostEntries: 32)
    try row.load(0, of: targets([3, 7, 9], [0.5, 0.25, 0.125]), codec)
    #expect(throws: Never.self) {
      try row.load(further: 0, of: targets([2, 3, 7], [0.125, 0.5, 0.25]), codec)
    }
    let other = #expect(throws: FrameProblem.self) {
      try row.load(further: 0, of: targets([3, 7], [0.5, 0.375]), codec)
    }
    #expect(other?.reason == "the draws at position 0 differ in what is certain")
    #expect(throws: FrameProblem.self) {
      try row.load(further: 0, of: targets([2], [0.5], argmax: 2), codec)
    }
  }

  @Test func rowsHaveRoomForSoManyEntries() throws {
    var row = FrameRow(mostEntries: 16)
    try row.setHead(1)
    #expect(throws: FrameProblem.self) { try row.setTail(16) }
    #expect(throws: FrameProblem.self) { try row.setTail(-1) }
    #expect(throws: FrameProblem.self) { try row.setHead(17) }
  }
}
