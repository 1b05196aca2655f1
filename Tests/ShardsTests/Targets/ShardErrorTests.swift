import Base
import Foundation
import Testing

@testable import Shards

@Suite struct ShardErrorTests {
  @Test func missingUnitsAreNamedInRuns() {
    func text(_ units: [Int]) -> String {
      ShardError.unitsMissing(path: "c", units: units, of: 99).description
    }
    #expect(
      text([2, 5, 6, 7, 9]).hasPrefix("c: 5 of 99 units are missing or damaged (2, 5–7, 9);"))
    #expect(text([3, 4]).contains("(3–4)"))
    let many = text(Array(stride(from: 0, to: 40, by: 2)))
    #expect(many.contains("(0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, …)"))
  }

  @Test func everyErrorIsOneLineWithWhatToDo() {
    let errors: [ShardError] = [
      .missing(path: "p"), .unfinished(path: "p"), .notACache(path: "p", found: "f"),
      .locked(path: "p"), .partTwice(path: "p", earlier: "q"), .otherBytes(path: "p"),
      .corrupt(path: "p", reason: "r"), .damagedSpool(path: "p", reason: "r"),
      .unsupportedVersion(path: "p", version: 9), .diskFull(path: "p"),
      .otherArithmetic(path: "p", found: "a", expected: "b"),
      .captureMismatch(path: "p", key: "seed", found: "1", expected: "2"),
      .incompatible(path: "p", key: "seed", found: "1", other: "2"),
      .system(path: "p", operation: "read it", reason: "r"),
    ]
    for error in errors {
      #expect(error.description.hasPrefix("p: ") && !error.description.contains("\n"))
      #expect(error.description.contains(";") || error.description.contains("run again"))
    }
    #expect(Set(errors.map(\.description)).count == errors.count)
  }

  @Test func otherDataMayBeAppended() {
    func text(_ key: String) -> String {
      ShardError.captureMismatch(path: "p", key: key, found: "1", expected: "2").description
    }
    #expect(text("data_fingerprint").hasSuffix("or --append to add data to a finished cache"))
    #expect(!text("seed").contains("--append"))
  }

  @Test func errorsOfFilesBecomeErrorsOfCaches() {
    #expect(ShardError(.missing(path: "a")) == .missing(path: "a"))
    #expect(
      ShardError(.unwritable(path: "a", reason: "no"))
        == .system(path: "a", operation: "write it", reason: "no"))
    #expect(
      ShardError(.interrupted(path: "a"))
        == .system(path: "a", operation: "read it", reason: "the process was stopped"))
    errno = ENOSPC
    #expect(ShardError.last("rename it", "a") == .diskFull(path: "a"))
    errno = EACCES
    #expect(
      ShardError.last("rename it", "a")
        == .system(path: "a", operation: "rename it", reason: "Permission denied"))
  }

  @Test func settingsOutOfRangeSayTheRange() {
    #expect(throws: ShardError.invalidSetting(name: "level", reason: "20 is outside 1…19")) {
      try ShardError.check(20, "level", within: 1...19)
    }
    #expect(
      throws: ShardError.invalidSetting(name: "vocab_size", reason: "1 is outside 2…16777216")
    ) { try ShardError.check(vocabularySize: 1) }
    #expect(throws: Never.self) { try ShardError.check(vocabularySize: 1 << 24) }
  }
}
