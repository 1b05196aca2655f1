import Base
import Foundation
import Testing

@testable import Shards

struct CacheTests {
  static let codecs: [CacheCodec] = [
    .threshold(threshold: 0.05, temperature: 1), .threshold(threshold: 0.003, temperature: 2),
    .dense(temperature: 1), .dense(temperature: 3),
  ]

  @Test(arguments: codecs)
  func whatIsReadIsWhatWasWritten(codec: CacheCodec) throws {
    let cache = TemporaryCache()
    let sequences = try TemporaryCache.sequences(10, codec: codec)
    let manifest = try cache.write(sequences, capture: TemporaryCache.capture(codec: codec))
    let reader = try CacheReader(directory: cache.url)
    #expect(reader.manifest == manifest)
    #expect(reader.count == 10 && manifest.shards.map(\.sequences) == [3, 3, 3, 1])
    for index in [9, 0, 5, 3, 2, 7, 8, 1, 4, 6] {
      #expect(try reader.sequence(at: index) == sequences[index])
      #expect(try reader.text(at: index) == sequences[index].text)
      #expect(try reader.recordCount(at: index) == sequences[index].targets.count)
    }
    #expect(CacheVerifier.verify(cache.url) == VerificationReport(frames: 10, problems: []))
    #expect(throws: ShardError.noSuchSequence(index: 10, count: 10)) {
      try reader.sequence(at: 10)
    }
    let statistics = try reader.statistics()
    #expect(statistics.tokens == manifest.tokens)
    #expect(abs(statistics.meanMass - 1) < 0.02)
  }

  @Test func aWideVocabularyFits() throws {
    var teacher = SyntheticTeacher(vocabularySize: 202_048, seed: 1)
    let sequence = try teacher.sequence(ordinal: 0, count: 8)
    let capture = TemporaryCache.capture(vocabularySize: 202_048)
    let codec = try FrameCodec(
      capture, tables: CodingTables(calibrating: [sequence], capture: capture))
    let frame = try codec.encode(sequence)
    let payload = try ZstdFrame.decompress(frame.bytes, size: frame.payloadSize)
    #expect(try codec.decode(payload: payload, identity: sequence.identity) == sequence)
  }

  @Test func denseRowsAreTheTeachersDistribution() throws {
    var teacher = SyntheticTeacher(vocabularySize: 500, seed: 2)
    let logits = teacher.logits(exponent: 1.5)
    var rows = DenseTargets(vocabularySize: 500)
    try logits.withUnsafeBufferPointer {
      try rows.append(logits: $0, nextToken: 4, temperature: 2)
    }
    let (p, q) = (softmax(logits, temperature: 2), rows.probabilities(at: 0).map { Double($0) })
    #expect(abs(q.reduce(0, +) - 1) < 1e-5)
    let divergence = zip(p, q).reduce(0) { $0 + $1.0 * log($1.0 / $1.1) }
    #expect(divergence > -1e-6 && divergence < 1e-5)
    #expect(abs(Double(rows.nextLogProbability[0]) - log(softmax(logits)[4])) < 1e-5)
  }

  @Test func ranksGoByKindThenFrequencyThenID() throws {
    let capture = TemporaryCache.capture(vocabularySize: 10)
    let tables = try CodingTables(
      calibrating: [], text: [5, 5, 5, 5, 2, 7, 2, 9, -1, 99],
      kinds: [0, 0, 0, 0, 0, 1, 1, 1, 0, 0], capture: capture)
    #expect(tables.order == [2, 9, 0, 1, 3, 4, 8, 5, 7, 6])
    #expect(tables.ranks[5] == 0 && tables.ranks[8] == 6)
  }

  @Test func unusableSequencesAreRefused() throws {
    let cache = TemporaryCache()
    let good = try TemporaryCache.sequences(2)
    var writer = try cache.writer(good)
    var foreign = SparseTargets()
    for _ in 0..<5 {
      foreign.append(
        ids: [1], values: [0.123], argmax: 1, nextLogProbability: 0, entropy: 0)
    }
    let text = good[0].text
    let bad = [
      CachedSequence(text: text, targets: .sparse(foreign)),
      CachedSequence(text: text, targets: .sparse(SparseTargets())),
      CachedSequence(text: text, targets: .dense(DenseTargets(vocabularySize: 300))),
      CachedSequence(identity: 0, tokens: [1, 2], fragments: [3], targets: good[0].targets),
      CachedSequence(identity: 0, tokens: [1, 300], fragments: [2], targets: good[0].targets),
      CachedSequence(
        identity: 0, tokens: text.tokens, fragments: text.fragments, lossMask: [true],
        targets: good[0].targets),
    ]
    for sequence in bad {
      var caught = false
      do { try writer.append(sequence) } catch { caught = true }
      #expect(caught)
    }
    #expect(writer.nextSequence == 0)
  }

  @Test func aFullDiskIsNamed() throws {
    #expect(ShardError(.full(path: "/full/x")) == .diskFull(path: "/full/x"))
    #expect(throws: ShardError.self) { try OpenFile(reading: "/dev/full").size() }
    #expect(throws: ShardError.missing(path: "/nowhere/x")) {
      _ = try OpenFile(reading: "/nowhere/x")
    }
    #expect(throws: ShardError.self) {
      try TemporaryCache().write([], capture: TemporaryCache.capture())
    }
  }

  /// Any number of threads may read at once.
  @Test func readersAreSafeToShare() async throws {
    let cache = TemporaryCache()
    let sequences = try TemporaryCache.sequences(10)
    try cache.write(sequences)
    let reader = try CacheReader(directory: cache.url)
    try await withThrowingTaskGroup(of: Bool.self) { group in
      for task in 0..<40 {
        group.addTask { try reader.sequence(at: task % 10) == sequences[task % 10] }
      }
      for try await same in group { #expect(same) }
    }
  }

  @Test("case lfs-pointer: in the place of a cache's files", arguments: ["manifest.json", "shard"])
  func pointersAreNamed(name: String) throws {
    let cache = TemporaryCache()
    try cache.write(TemporaryCache.sequences(4))
    let file = try #require(try cache.contents().keys.sorted().first { $0.hasPrefix(name) })
    try Data("version https://git-lfs.github.com/spec/v1\noid sha256:ab\nsize 9\n".utf8)
      .write(to: cache.path(file))
    #expect {
      try CacheReader(directory: cache.url).sequence(at: 0)
    } throws: {
      "\($0)".contains("\(file): a Git LFS pointer") && "\($0)".contains("`git lfs pull` in ")
    }
  }
}
