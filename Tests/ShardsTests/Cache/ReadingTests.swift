import Foundation
import Testing

@testable import Shards

@Suite struct ReadingTests {
  /// Tokens that do not belong to the identity that frame and index state, as a careless tool
  /// would leave them: every hash is right.
  @Test func tokensOfAnotherIdentityAreNoticed() throws {
    let cache = TemporaryCache()
    var sequences = try TemporaryCache.sequences(5)
    let wrong = sequences[4]
    var tokens = wrong.tokens
    tokens[0] = (tokens[0] + 1) % Int32(TemporaryCache.vocabularySize)
    sequences[4] = CachedSequence(
      text: SequenceTokens(
        identity: wrong.identity, tokens: tokens, fragments: wrong.fragments,
        lossMask: wrong.lossMask), draws: wrong.draws)
    try cache.write(sequences)
    let reader = try CacheReader(directory: cache.url)
    for index in 0..<4 { _ = try reader.sequence(at: index) }
    for read in [{ _ = try reader.sequence(at: 4) }, { _ = try reader.text(at: 4) }] {
      let error = #expect(throws: ShardError.self) { try read() }
      #expect(error?.description.contains("shard-00001.kd.zst") == true)
      #expect(error?.description.contains("frame 1: its identity is not") == true)
    }
  }

  /// A sequence in the place of another has randomness that is not its own.
  @Test func exchangedSequencesAreNoticed() throws {
    let cache = TemporaryCache()
    var sequences = try TemporaryCache.sequences(2)
    sequences.swapAt(0, 1)
    try cache.write(sequences)
    let reader = try CacheReader(directory: cache.url)
    #expect(throws: ShardError.self) { try reader.sequence(at: 0) }
    #expect(throws: ShardError.self) { try reader.text(at: 1) }
  }

  @Test(arguments: [1, 6, 9, 100])
  func fewShardsAreKeptOpen(frameLimit: Int) throws {
    let cache = TemporaryCache()
    let manifest = try cache.write(try TemporaryCache.sequences(12))  // Four shards of three.
    let codec = try FrameCodec(
      manifest.capture, tables: CodingTables(directory: cache.url, capture: manifest.capture))
    let recent = RecentShards(frameLimit: frameLimit)
    var opened: [Int] = []
    func visit(_ number: Int) throws {
      let file = try recent.file(number) { () throws(ShardError) in
        opened.append(number)
        return try ShardFile(
          cache.path("shard-0000\(number).kd.zst").path, limits: codec.limits)
      }
      #expect(file.index.firstSequence == 3 * number)
    }
    for number in [0, 0, 1, 1, 2, 3, 2, 1, 0] { try visit(number) }
    switch frameLimit {
    case 1: #expect(opened == [0, 1, 2, 3, 2, 1, 0])
    case 6: #expect(opened == [0, 1, 2, 3, 1, 0])
    case 9: #expect(opened == [0, 1, 2, 3, 0])
    default: #expect(opened == [0, 1, 2, 3])
    }
  }
}
