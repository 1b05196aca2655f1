import Foundation
import Testing

@testable import Shards

/// Top-k values: a finer grid, and never more than 1 together.
@Suite struct TruncatedRowTests {
  private static let grid = ValueGrid.arcsine(levels: ValueGrid.arcsineLevels)

  /// Rows as teachers give them and as they should not: the k largest, which leave the rest.
  private static let rows: [[Double]] = [
    [0.55, 0.2, 0.11, 0.03], [0.9999, 0.00009], [1, 1e-12, 1e-13], [0.5, 0.5], [0.25, 0.25, 0.5],
    Array(repeating: 1.0 / 4096, count: 4096), Array(repeating: 0.02, count: 50),
    [0.4, 0.3, 0.3 - 1e-7], [0.999_999_9], [0.6, 0.400_000_4],
  ]

  @Test("case topk-sum: the values of a row are at most 1 together, in any order", arguments: rows)
  func sumsStayBelowOne(row: [Double]) {
    let random = AddressedRandom(seed: 5)
    let argmax = row.indices.max { row[$0] < row[$1] } ?? 0
    for draw in 0..<50 {
      let values = TruncatedRow.values(row, argmax: argmax) {
        random.uniform(sequence: 1, position: draw, purpose: .valueRounding, index: $0)
      }
      #expect(values.reduce(0) { $0 + Double($1) } <= 1)
      #expect(values.sorted().reduce(0) { $0 + Double($1) } <= 1)
      #expect(values[argmax] > 0 && values.allSatisfy { Self.grid.exactLevel($0) != nil })
    }
  }

  @Test("case topk-grid: every level is found again, and no step is wider than its angle")
  func levelsAreFoundAgain() {
    for level in 0...ValueGrid.arcsineLevels {
      #expect(Self.grid.exactLevel(Self.grid.value(level)) == level)
    }
    let steps = (1...ValueGrid.arcsineLevels).map {
      Double(Self.grid.value($0)) - Double(Self.grid.value($0 - 1))
    }
    #expect(steps.allSatisfy { $0 > 0 && $0 <= Self.grid.resolution + 1e-7 })
  }

  @Test("case topk-grid: KL by a row and its bucket is right on average to 1e-4 nats")
  func divergencesAreRight() {
    let random = AddressedRandom(seed: 9)
    let (row, student) = ([0.62, 0.3, 0.05, 0.01], [0.3, 0.2, 0.2, 0.1])
    func divergence(_ values: [Double]) -> Double {
      let rest = 1 - values.reduce(0, +)
      return zip(values + [rest], student + [0.2]).reduce(0) {
        $0 + ($1.0 > 0 ? $1.0 * log($1.0 / $1.1) : 0)
      }
    }
    let count = 20_000
    let errors = (0..<count).map { draw in
      divergence(
        TruncatedRow.values(row, argmax: 0) {
          random.uniform(sequence: 2, position: draw, purpose: .valueRounding, index: $0)
        }.map(Double.init)) - divergence(row)
    }
    #expect(abs(errors.reduce(0, +) / Double(count)) < 1e-4)
  }

  @Test("case topk-grid: a cache says on which grid its values lie; version 2 had another")
  func capturesNameTheirGrid() throws {
    var capture = TemporaryCache.capture(codec: .topk(entries: 5, temperature: 1))
    #expect(capture.grid == "arcsine-4096" && capture.formatVersion == 3)
    #expect(capture.valueGrid == Self.grid)
    let encoded = try JSONEncoder().encode(capture)
    #expect(try JSONDecoder().decode(CaptureConfig.self, from: encoded) == capture)
    var object = try #require(JSONSerialization.jsonObject(with: encoded) as? [String: Any])
    object["grid"] = "cubic"
    let unknown = try JSONDecoder().decode(
      CaptureConfig.self, from: JSONSerialization.data(withJSONObject: object))
    #expect(throws: ShardError.self) { try unknown.validate() }
    object["grid"] = nil
    let old = try JSONDecoder().decode(
      CaptureConfig.self, from: JSONSerialization.data(withJSONObject: object))
    #expect(old.valueGrid == .logarithmic && old.formatVersion == 2)
    #expect(try old.firstConflict(with: capture)?.key == "grid")
    capture.codec = .threshold(threshold: 0.05, temperature: 1)
    #expect(capture.grid == nil && capture.formatVersion == 2)
  }
}
