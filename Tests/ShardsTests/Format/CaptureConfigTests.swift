import Foundation
import Testing

@testable import Shards

@Suite struct CaptureConfigTests {
  private func fault(_ change: (inout CaptureConfig) -> Void) -> ShardError? {
    var capture = TemporaryCache.capture()
    change(&capture)
    return #expect(throws: ShardError.self) { try capture.validate() }
  }

  @Test func settingsOutOfRangeAreNamed() {
    #expect(throws: Never.self) { try TemporaryCache.capture().validate() }
    #expect(
      fault { $0.sequenceLength = 0 }
        == .invalidSetting(name: "sequence_length", reason: "0 is outside 1…1048576"))
    #expect(
      fault { $0.sequencesPerShard = 1 << 21 }
        == .invalidSetting(
          name: "sequences_per_shard", reason: "2097152 is outside 1…1048576"))
    #expect(
      fault { $0.zstdLevel = 20 }
        == .invalidSetting(name: "zstd_level", reason: "20 is outside 1…19"))
    #expect(
      fault { $0.draws = 257 } == .invalidSetting(name: "draws", reason: "257 is outside 1…256"))
    #expect(
      fault { $0.vocabularySize = 1 }
        == .invalidSetting(name: "vocab_size", reason: "1 is outside 2…16777216"))
    #expect(fault { $0.codec = .dense(temperature: 200) } != nil)
    #expect(
      fault { $0.maturity = TeacherMaturity(firstStep: 5, sequencesPerStep: 1, steps: 5) } != nil)
  }

  @Test(arguments: [CacheCodec.topk(entries: 5, temperature: 1), .dense(temperature: 1)])
  func drawsThatWouldBeAlikeAreRefused(codec: CacheCodec) {
    let refusal = ShardError.invalidSetting(name: "draws", reason: "2 is outside 1…1")
    let found = fault {
      $0.codec = codec
      $0.draws = 2
    }
    #expect(found == refusal)
  }

  @Test func theGridFollowsTheCodec() {
    var capture = TemporaryCache.capture()
    #expect(capture.grid == nil && capture.valueGrid == .linear(levels: 80))
    capture.codec = .topk(entries: 3, temperature: 1)
    #expect(capture.grid == "arcsine-4096" && capture.valueGrid == .arcsine(levels: 4096))
    capture.grid = nil
    #expect(capture.valueGrid == .logarithmic && capture.formatVersion == 2)
  }

  @Test func keysAreThoseOfTheFormat() throws {
    var capture = TemporaryCache.capture()
    capture.maturity = TeacherMaturity(firstStep: 1, sequencesPerStep: 2, steps: 9)
    capture.teacherContext = 2048
    capture.budget = .entriesPerToken(8)
    let object = try JSONSerialization.jsonObject(with: JSONEncoder().encode(capture))
    let keys = try #require(object as? [String: Any]).keys.sorted()
    #expect(
      keys == [
        "arithmetic", "bos_added", "budget", "codec", "data_fingerprint", "draws", "eos_added",
        "maturity", "seed", "sequence_length", "sequences_per_shard", "teacher", "teacher_context",
        "tokenizer_sha256", "vocab_size", "zstd_level", "zstd_version",
      ])
    let copy = try JSONDecoder().decode(CaptureConfig.self, from: JSONEncoder().encode(capture))
    #expect(copy == capture)
  }

  @Test func partsNeedNotShareWhatBelongsToOneAlone() throws {
    let capture = TemporaryCache.capture()
    var other = capture
    other.seed = 99
    other.dataFingerprint = "cc"
    #expect(try capture.firstConflict(with: other) == nil)
    other.draws = 2
    let conflict = try #require(try capture.firstConflict(with: other))
    #expect(conflict == (key: "draws", found: "2", expected: "1"))
  }
}

@Suite struct CaptureFingerprintTests {
  @Test func theTeachersNameIsNoPartOfIt() throws {
    let capture = TemporaryCache.capture()
    var moved = capture
    moved.teacher.name = "/elsewhere/toy"
    #expect(try CaptureFingerprint(moved) == CaptureFingerprint(capture))
    for change in [
      { (other: inout CaptureConfig) in other.seed += 1 }, { $0.teacher.fingerprint = "00fe" },
      { $0.codec = .threshold(threshold: 0.06, temperature: 1) }, { $0.draws = 2 },
    ] as [(inout CaptureConfig) -> Void] {
      var other = capture
      change(&other)
      #expect(try CaptureFingerprint(other) != CaptureFingerprint(capture))
    }
  }

  @Test func digitsAreTheBytesInFileOrder() throws {
    #expect(CaptureFingerprint(number: 0x0102_0304_0506_0708).hexadecimal == "0807060504030201")
    let found = try CaptureFingerprint(TemporaryCache.capture())
    #expect(CaptureFingerprint(hexadecimal: found.hexadecimal) == found)
    for text in [
      "", "080706050403020", "08070605040302011", "080706050403020G", "080706050403020A",
    ] {
      #expect(CaptureFingerprint(hexadecimal: text) == nil)
    }
  }
}

@Suite struct TeacherMaturityTests {
  @Test func theShareIsThatOfTheUpdatesBefore() {
    let maturity = TeacherMaturity(firstStep: 10, sequencesPerStep: 4, steps: 20)
    #expect([0, 3, 4, 39, 40].map { maturity.step(of: $0) } == [10, 10, 11, 19, 20])
    #expect(maturity.share(of: 0) == 0.5 && maturity.share(of: 39) == 0.95)
    #expect(maturity.share(of: 4000) == 1)
  }

  @Test(arguments: [(0, 1, 0), (5, 1, 5), (-1, 1, 5), (0, 0, 5), (0, 1, (1 << 40) + 1)])
  func numbersThatAreNoTrainingAreRefused(first: Int, each: Int, steps: Int) {
    #expect(throws: ShardError.self) {
      try TeacherMaturity(firstStep: first, sequencesPerStep: each, steps: steps).validate()
    }
    #expect(throws: Never.self) {
      try TeacherMaturity(firstStep: 4, sequencesPerStep: 1, steps: 5).validate()
    }
  }
}
