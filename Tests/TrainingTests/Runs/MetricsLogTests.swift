import Foundation
import TestSupport
import Testing
@testable import Training

@Suite struct MetricsLogTests {
  private func record(_ step: Int) -> MetricsRecord {
    var record = MetricsRecord(step: step, tokens: step * 1024)
    record.softLoss = 1.5
    record.heldOutNll = step == 2 ? .nan : nil
    return record
  }

  @Test func linesAreObjectsWithSnakeCaseKeys() throws {
    try withTemporaryDirectory { folder in
      let log = MetricsLog(path: folder.path + "/metrics.jsonl")
      try log.append(record(1))
      try log.append(record(2))
      let text = try String(contentsOfFile: log.path, encoding: .utf8)
      #expect(
        text == """
          {"soft_loss":1.5,"step":1,"tokens":1024}
          {"held_out_nll":"nan","soft_loss":1.5,"step":2,"tokens":2048}

          """)
      let records = try log.records()
      #expect(records[0] == record(1))
      #expect(records[1].heldOutNll?.isNaN == true)
    }
  }

  @Test func anAbsentLogIsEmpty() throws {
    let log = MetricsLog(path: "/nowhere/metrics.jsonl")
    #expect(try log.records().isEmpty)
    try log.truncate(pastStep: 0)
  }

  @Test func resumingRemovesLaterAndTornLines() throws {
    try withTemporaryDirectory { folder in
      let log = MetricsLog(path: folder.path + "/metrics.jsonl")
      for step in [1, 3, 4, 5] { try log.append(record(step)) }
      let bytes = try Data(contentsOf: URL(filePath: log.path))
      try bytes.dropLast(7).write(to: URL(filePath: log.path))
      #expect(try log.records().map(\.step) == [1, 3, 4])
      try log.truncate(pastStep: 3)
      #expect(try Data(contentsOf: URL(filePath: log.path)) == bytes.prefix(2 * 41))
      try log.append(record(4))
      #expect(try log.records().map(\.step) == [1, 3, 4])
    }
  }

  @Test func aLineOfAnotherKindIsNamed() throws {
    try withTemporaryDirectory { folder in
      let log = MetricsLog(path: folder.path + "/metrics.jsonl")
      try log.append(record(1))
      try (Data(contentsOf: URL(filePath: log.path)) + Data("{}\n".utf8))
        .write(to: URL(filePath: log.path))
      #expect(
        throws: RunError.corrupt(path: log.path, reason: "line 2 is no record of metrics")
      ) { try log.records() }
    }
  }
}
