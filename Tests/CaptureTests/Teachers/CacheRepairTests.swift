@testable import Capture
import Foundation
import Models
import Shards
import Tensors
import TestRuns
import TestSupport
import Testing
import Text

/// A damaged cache gets the bytes that it had, from the teacher and the data.
@Suite struct CacheRepairTests {
  private let sequences = Tiny.sequences(13, predictions: 40)

  private func builder(
    _ sequences: [PackedSequence]? = nil, changed: (inout CaptureConfig) -> Void = { _ in }
  ) throws -> CacheBuilder {
    let sequences = sequences ?? self.sequences
    var capture = TinyCache(teacher: "text_top2_tied").capture
    capture.vocabularySize = 128
    var digest = SequenceDigest()
    for sequence in sequences { digest.append(sequence) }
    capture.dataFingerprint = digest.hexadecimal()
    changed(&capture)
    return CacheBuilder(
      teacher: try Tiny.decoder("text_top2_tied"), sequences: sequences, capture: capture)
  }

  /// Builds a cache, spoils it, and expects the repair to undo just that.
  private func expectRepair(
    units: [Int], tables: Bool = false, sourceLocation: SourceLocation = #_sourceLocation,
    _ spoil: (URL) throws -> Void
  ) throws {
    try withTemporaryDirectory { folder in
      _ = try builder().build(directory: folder)
      #expect(CacheVerifier.verify(folder).ok, sourceLocation: sourceLocation)
      let whole = try contents(of: folder)
      try spoil(folder)
      #expect(!CacheVerifier.verify(folder).ok, sourceLocation: sourceLocation)
      let mended = try #require(try builder().repair(directory: folder, force: false))
      #expect(mended.report.ok, "\(mended.report.problems)", sourceLocation: sourceLocation)
      #expect(mended.units == units, sourceLocation: sourceLocation)
      #expect(mended.tables == tables, sourceLocation: sourceLocation)
      #expect(try contents(of: folder) == whole, sourceLocation: sourceLocation)
    }
  }

  private func flip(_ file: URL, at share: Double = 0.5) throws {
    var bytes = try Data(contentsOf: file)
    bytes[Int(share * Double(bytes.count))] ^= 8
    try bytes.write(to: file)
  }

  @Test func damagedAndMissingShardsAreMadeAgain() throws {
    try expectRepair(units: [0, 2, 3]) { folder in
      try flip(folder.appending(path: "shard-00000.kd.zst"))
      try flip(folder.appending(path: "shard-00002.kd.zst"), at: 0.99)
      try FileManager.default.removeItem(at: folder.appending(path: "shard-00003.kd.zst"))
    }
  }

  @Test func swappedShardsAreMadeAgain() throws {
    try expectRepair(units: [0, 1]) { folder in
      let (a, b) = (
        folder.appending(path: "shard-00000.kd.zst"), folder.appending(path: "shard-00001.kd.zst")
      )
      let (first, second) = (try Data(contentsOf: a), try Data(contentsOf: b))
      try second.write(to: a)
      try first.write(to: b)
    }
  }

  @Test func damagedTablesAreMadeAgain() throws {
    try expectRepair(units: [1], tables: true) { folder in
      try flip(folder.appending(path: "tables-000.zst"))
      try flip(folder.appending(path: "shard-00001.kd.zst"))
    }
    try expectRepair(units: [], tables: true) { folder in
      try FileManager.default.removeItem(at: folder.appending(path: "tables-000.zst"))
    }
  }

  @Test("case small-cache: tables of caches from before are made again as they were")
  func olderTablesAreMadeAgain() throws {
    try withTemporaryDirectory { folder in
      let builder = try builder()
      let answers = try #require(try builder.calibrated()).allAnswers
      let older = try builder.tables(of: answers, records: nil)
      #expect(try older != builder.tables(of: answers, records: 13 * 40))
      _ = try builder.build(directory: folder, Calibration(tables: older))
      let whole = try contents(of: folder)
      try FileManager.default.removeItem(at: folder.appending(path: "tables-000.zst"))
      let mended = try #require(try builder.repair(directory: folder, force: false))
      #expect(mended.tables && mended.report.ok)
      #expect(try contents(of: folder) == whole)
    }
  }

  @Test(arguments: [0.0, 0.13, 0.3, 0.5, 0.77, 0.99])
  func damagedSumsAndManifestsAreMadeAgain(share: Double) throws {
    try expectRepair(units: []) { try flip($0.appending(path: "SHA256SUMS"), at: share) }
    try expectRepair(units: []) { try flip($0.appending(path: "manifest.json"), at: share) }
    try expectRepair(units: [2]) { folder in
      try FileManager.default.removeItem(at: folder.appending(path: "manifest.json"))
      try FileManager.default.removeItem(at: folder.appending(path: "SHA256SUMS"))
      try flip(folder.appending(path: "shard-00002.kd.zst"), at: share)
    }
  }

  @Test func eachPartIsMendedWithItsData() throws {
    try withTemporaryDirectory { folder in
      let other = Tiny.sequences(6, predictions: 40, seed: 5)
      _ = try builder().build(directory: folder)
      _ = try builder(other).build(directory: folder, appending: true)
      let whole = try contents(of: folder)
      for name in ["shard-00001.kd.zst", "shard-00004.kd.zst", "tables-001.zst"] {
        try flip(folder.appending(path: name))
      }
      let first = try #require(try builder().repair(directory: folder, force: false))
      #expect(first.units == [1] && !first.tables)
      #expect(first.report.damagedUnits == [4])
      let second = try #require(try builder(other).repair(directory: folder, force: false))
      #expect(second.units == [0] && second.tables && second.report.ok)
      #expect(try contents(of: folder) == whole)
      #expect(throws: ShardError.self) {
        try builder(Tiny.sequences(6, seed: 6)).repair(directory: folder, force: false)
      }
      #expect(try contents(of: folder) == whole)
    }
  }

  @Test func otherSettingsTouchNothing() throws {
    try withTemporaryDirectory { folder in
      _ = try builder().build(directory: folder)
      for name in ["shard-00001.kd.zst", "manifest.json"] {
        try flip(folder.appending(path: name), at: 0.3)
        let spoiled = try contents(of: folder)
        #expect(throws: ShardError.self) {
          try builder(changed: { $0.seed = 99 }).repair(directory: folder, force: true)
        }
        var left = try contents(of: folder)
        left["cache.lock"] = nil
        #expect(left == spoiled)
      }
    }
  }

  /// Bytes that the teacher's settings do not give any more never replace those that were there.
  @Test func anotherArithmeticIsRefusedUnlessForced() throws {
    try withTemporaryDirectory { folder in
      _ = try builder(changed: { $0.arithmetic = ["products": "an abacus"] })
        .build(directory: folder)
      let whole = try contents(of: folder)
      try flip(folder.appending(path: "shard-00001.kd.zst"))
      let error = #expect(throws: ShardError.self) {
        try builder().repair(directory: folder, force: false)
      }
      #expect(error?.description.contains("an abacus") == true)
      // The same bytes come out here, so that there is nothing to record.
      let mended = try #require(try builder().repair(directory: folder, force: true))
      #expect(mended.units == [1] && mended.report.ok)
      #expect(try contents(of: folder) == whole)
    }
  }

  /// A teacher that computes otherwise under the same name stands in for another machine.
  @Test func bytesOfAnotherMachineAreRecorded() throws {
    try withTemporaryDirectory { folder in
      _ = try builder().build(directory: folder)
      let whole = try contents(of: folder)
      try flip(folder.appending(path: "shard-00001.kd.zst"))
      let spoiled = try contents(of: folder)
      func otherwise(_ arithmetic: [String: String]?) throws -> CacheBuilder {
        let teacher = try Tiny.decoder("text_top2_tied")
        teacher.parameters.withValues { for index in $0.indices { $0[index] *= 1.01 } }
        var capture = TinyCache(teacher: "text_top2_tied").capture
        capture.vocabularySize = 128
        capture.dataFingerprint = try CacheReader(directory: folder).manifest.capture
          .dataFingerprint
        if let arithmetic { capture.arithmetic = arithmetic }
        return CacheBuilder(teacher: teacher, sequences: sequences, capture: capture)
      }
      try whole["shard-00001.kd.zst"]?.write(to: folder.appending(path: "shard-00001.kd.zst"))
      let (honest, liar) = (try otherwise(["products": "abacus"]), try otherwise(nil))
      try spoiled["shard-00001.kd.zst"]?.write(to: folder.appending(path: "shard-00001.kd.zst"))
      let error = #expect(throws: ShardError.self) {
        try liar.repair(directory: folder, force: true)
      }
      #expect(error?.description.contains("other bytes") == true)
      #expect(try contents(of: folder)["shard-00001.kd.zst"] == spoiled["shard-00001.kd.zst"])

      let mended = try #require(try honest.repair(directory: folder, force: true))
      #expect(mended.units == [1] && mended.report.ok)
      let manifest = try CacheReader(directory: folder).manifest
      #expect(manifest.parts[0].foreignShards?.map(\.file) == ["shard-00001.kd.zst"])
      #expect(manifest.parts[0].foreignShards?[0].arithmetic == ["products": "abacus"])
    }
  }

  @Test func whatIsWholeIsLeftAlone() throws {
    try withTemporaryDirectory { folder in
      _ = try builder().build(directory: folder)
      let whole = try contents(of: folder)
      let mended = try #require(try builder().repair(directory: folder, force: false))
      #expect(mended.units == [] && !mended.tables && mended.report.ok)
      #expect(try contents(of: folder) == whole)
    }
  }

  /// The data's fingerprint in a manifest is what a cache's own tokens add up to.
  @Test func fingerprintsOfDataAgree() {
    var (packed, cached) = (SequenceDigest(), DataDigest())
    for sequence in Tiny.sequences(9) {
      packed.append(sequence)
      cached.append(
        SequenceTokens(
          identity: 0, tokens: sequence.tokens, fragments: sequence.fragments,
          lossMask: sequence.lossMask))
    }
    #expect(packed.hexadecimal() == cached.hexadecimal)
  }
}
