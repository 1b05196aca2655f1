import Base
import TestSupport
import Testing

@testable import Text

/// Tables, scratch and threads give the ids that the definition gives, read literally.
@Suite struct WholeEncodingTests {
  /// Ids by dictionaries, and merges one by one in the order of their ranks.
  private struct Literal {
    private typealias Merge = TokenizerDefinition.Merge
    private let definition: TokenizerDefinition
    private var ids: [[UInt8]: Int32] = [:]
    private var merges: [Merge: (rank: Int, id: Int32)] = [:]

    init(_ definition: TokenizerDefinition) {
      self.definition = definition
      var bytes: [Int32: [UInt8]] = [:]
      for entry in definition.vocabulary {
        guard let spelled = ByteAlphabet.bytes(of: entry.content) else { continue }
        ids[spelled] = entry.id
        bytes[entry.id] = spelled
      }
      for (rank, merge) in definition.merges.enumerated() {
        guard let left = bytes[merge.left], let right = bytes[merge.right] else { continue }
        merges[merge] = ids[left + right].map { (rank, $0) }
      }
    }

    func encode(_ text: String) throws -> [Int32] {
      let normalized = Array(try definition.normalized(text).utf8)
      let pieces = try definition.pieces(of: normalized, 0..<normalized.count)
      return pieces.ranges.flatMap { encode(Array(pieces.text[$0])) }
    }

    private func encode(_ piece: [UInt8]) -> [Int32] {
      if definition.ignoresMerges, let id = ids[piece] { return [id] }
      var symbols = piece.compactMap { ids[[$0]] ?? definition.unknownID }
      while let best = lowest(symbols) {
        symbols[best.index] = best.id
        symbols.remove(at: best.index + 1)
      }
      return symbols
    }

    private func lowest(_ symbols: [Int32]) -> (index: Int, id: Int32)? {
      let found = symbols.indices.dropLast().compactMap { index in
        merges[Merge(left: symbols[index], right: symbols[index + 1])].map { (index, $0) }
      }
      return found.min { ($0.1.rank, $0.0) < ($1.1.rank, $1.0) }.map { ($0.0, $0.1.id) }
    }
  }

  @Test(arguments: TokenizerGoldenTests.names) func idsAreThoseOfTheDefinition(
    name: String
  ) throws {
    let tokenizer = try Fixtures.tokenizer(name)
    let (literal, added) = (Literal(tokenizer.definition), tokenizer.definition.addedTokens)
    var (generator, compared) = (SplitMix64(seed: 13), 0)
    while compared < 300 {
      let text = (0..<4).map { _ in generator.text() }.joined()
      guard !added.contains(where: { text.utf8.contains($0.content.utf8) }) else { continue }
      #expect(try tokenizer.encode(text) == literal.encode(text))
      compared += 1
    }
  }

  @Test func threadsChangeNoId() throws {
    let tokenizer = try Fixtures.tokenizer("llama3_style")
    var generator = SplitMix64(seed: 17)
    let words = (0..<500).map { _ in generator.text() }
    let text = Array(String(repeating: words.joined(separator: " "), count: 16).utf8)
    let pieces = try tokenizer.definition.pieces(of: text, 0..<text.count)
    let encoder = try BytePairEncoder(tokenizer.definition)
    func ids(threads: Int) -> [Int32] {
      var (ids, scratch): ([Int32], MergeScratch) = ([1, 2], MergeScratch())
      encoder.encode(pieces, into: &ids, using: &scratch, threads: threads)
      return ids
    }
    #expect(pieces.ranges.count > 1 << 15, "enough to be shared out")
    #expect(ids(threads: 3) == ids(threads: 1))
  }

  @Test func textsTogetherAreTextsAlone() throws {
    let tokenizer = try Fixtures.tokenizer("qwen2_style_nfc")
    var generator = SplitMix64(seed: 19)
    let texts = (0..<60).map { _ in generator.text() }
    for adds in [false, true] {
      #expect(
        try tokenizer.encode(texts, addingSpecialTokens: adds)
          == texts.map { try tokenizer.encode($0, addingSpecialTokens: adds) })
    }
    #expect(try tokenizer.encode([String]()) == [])
  }
}
