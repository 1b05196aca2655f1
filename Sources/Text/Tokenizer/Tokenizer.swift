import Base
import Synchronization

/// A byte-level byte-pair tokenizer, as Hugging Face's tokenizer.json describes it.
///
/// Text passes added tokens, normalisation, splitting and merging, in this order; ids turn back
/// into exactly the bytes that they stand for. Values are immutable and may be shared between
/// threads.
///
/// ```swift
/// let tokenizer = try Tokenizer(contentsOf: "models/teacher")
/// let ids = try tokenizer.encode("Hello, world", addingSpecialTokens: true)
/// print(tokenizer.decode(ids, skippingSpecialTokens: true))  // Hello, world
/// ```
public struct Tokenizer: Sendable {
  /// The largest token id plus one: the width of the logits that fit.
  public let vocabularySize: Int
  /// The tokens that begin and end a text.
  package internal(set) var roles: TokenRoles
  /// SHA-256, in hexadecimal, of vocabulary, merges and pipeline, whatever file they came from.
  public var fingerprint: String { identity.fingerprint }

  private let identity: TokenizerIdentity
  let definition: TokenizerDefinition
  private let encoder: BytePairEncoder
  private let rawTokens: AddedTokenMatcher
  private let normalizedTokens: AddedTokenMatcher
  let decoder: TokenDecoder

  /// Compiles a definition; `roles` win over what the tokens' names suggest.
  init(_ definition: TokenizerDefinition, roles: TokenRoles = TokenRoles()) throws {
    self.definition = definition
    encoder = try BytePairEncoder(definition)
    vocabularySize = definition.vocabularySize
    identity = TokenizerIdentity(definition)
    decoder = TokenDecoder(definition)
    self.roles = roles.completed(by: definition)
    rawTokens = AddedTokenMatcher(
      definition.addedTokens.filter { !$0.isNormalized }.map { ($0, Array($0.content.utf8)) })
    normalizedTokens = AddedTokenMatcher(
      try definition.addedTokens.filter(\.isNormalized).map { token in
        (token, Array(try definition.normalized(token.content).utf8))
      })
  }

  /// The token ids of a text.
  ///
  /// Special tokens written out in the text become their ids either way; `addingSpecialTokens` adds
  /// those that the tokenizer's template puts around a text (Llama's BOS). The pieces of a long text
  /// are shared out to the threads of ``Parallel``.
  ///
  /// - Throws: `TokenizerError` when a pattern or a normalizer would take more time or memory than
  ///   the text's length allows.
  public func encode(_ text: String, addingSpecialTokens: Bool = false) throws -> [Int32] {
    let (bytes, template) = (Array(text.utf8), definition.template)
    var ids = addingSpecialTokens ? template.prefix : []
    ids.reserveCapacity(bytes.count / 3 + 4)
    var scratch = MergeScratch()
    for segment in try segments(rawTokens, bytes, 0..<bytes.count) {
      switch segment {
      case .token(let id): ids.append(id)
      case .text(let range): try encode(bytes, range, into: &ids, using: &scratch)
      }
    }
    return addingSpecialTokens ? ids + template.suffix : ids
  }

  /// The token ids of each of several texts, which are shared out to the threads of ``Parallel``.
  ///
  /// - Throws: what ``encode(_:addingSpecialTokens:)`` throws of the first text that it refuses.
  public func encode(
    _ texts: [String], addingSpecialTokens: Bool = false
  ) throws -> [[Int32]] {
    try Parallel.map(texts.count) { index in
      try encode(texts[index], addingSpecialTokens: addingSpecialTokens)
    }
  }

  /// The tokens with those that the template puts around them, but for a side that is there.
  ///
  /// - Returns: the ids, and whether both sides were added as they are.
  package func wrapped(_ ids: [Int32]) -> (ids: [Int32], isWhole: Bool) {
    let (prefix, suffix) = (definition.template.prefix, definition.template.suffix)
    let begins = !prefix.isEmpty && ids.starts(with: prefix)
    let ends = !suffix.isEmpty && ids.suffix(suffix.count).elementsEqual(suffix)
    return ((begins ? [] : prefix) + ids + (ends ? [] : suffix), !begins && !ends)
  }

  private func encode(
    _ bytes: [UInt8], _ range: Range<Int>, into ids: inout [Int32],
    using scratch: inout MergeScratch
  ) throws {
    let (text, bounds) = try normalized(bytes, range)
    for segment in try segments(normalizedTokens, text, bounds) {
      switch segment {
      case .token(let id): ids.append(id)
      case .text(let range):
        let pieces = try definition.pieces(of: text, range)
        encoder.encode(pieces, into: &ids, using: &scratch)
      }
    }
  }

  private func segments(
    _ matcher: AddedTokenMatcher, _ text: [UInt8], _ range: Range<Int>
  ) throws -> [AddedTokenMatcher.Segment] {
    if let segments = matcher.segments(of: text, range) { return segments }
    throw definition.invalid(
      "its added tokens take too many steps on a text of \(range.count) bytes")
  }

  private func normalized(
    _ bytes: [UInt8], _ range: Range<Int>
  ) throws -> ([UInt8], Range<Int>) {
    if definition.normalizers.isEmpty { return (bytes, range) }
    let text = try definition.normalized(String(decoding: bytes[range], as: UTF8.self))
    let normalized = Array(text.utf8)
    return (normalized, 0..<normalized.count)
  }

  /// The text of token ids, with U+FFFD for bytes that are not UTF-8; unknown ids are left out.
  public func decode(_ ids: [Int32], skippingSpecialTokens: Bool = false) -> String {
    var bytes: [UInt8] = []
    for id in ids where !(skippingSpecialTokens && decoder.isSpecial(id)) {
      bytes += decoder.bytes(of: id)
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// The bytes that a token stands for; none for an id without a token.
  public func bytes(of id: Int32) -> [UInt8] { Array(decoder.bytes(of: id)) }

  /// Whether the id is a special token, which decoding may leave out.
  package func isSpecial(_ id: Int32) -> Bool { decoder.isSpecial(id) }

  /// The id of the token that is spelled `content`: an added token's text or a piece's, or nil.
  public func id(of content: String) -> Int32? {
    definition.id(ofAdded: content) ?? encoder.tokens.id(of: Array(content.utf8).span)
  }
}

extension TokenizerDefinition {
  /// The bytes that normalisation may make of each; NFKD makes 11 of 1, all else published fewer.
  private static let growth = 64
  /// The bytes that a normalised text may have in any case.
  private static let smallText = 65_536

  /// The text after all steps of normalisation.
  func normalized(_ text: String) throws -> String {
    let limit = Self.smallText + Self.growth * text.utf8.count
    return try TokenizerError.naming(source) { () throws(PatternError) in
      var text = text
      for normalizer in normalizers {
        text = try normalizer.apply(to: text, limit: limit)
      }
      return text
    }
  }

  /// The pieces of a text.
  func pieces(of text: [UInt8], _ range: Range<Int>) throws -> PreTokenizer.Pieces {
    try TokenizerError.naming(source) { () throws(PatternError) in
      try preTokenizer.pieces(of: text, range)
    }
  }
}

extension Tokenizer {
  /// A warning for the use of this tokenizer with a model that was trained with another one.
  ///
  /// - Parameters:
  ///   - own: The model's own tokenizer.
  ///   - model: The name of the model.
  /// - Returns: The number of ids that stand for other text, as one phrase; nil where all mean the
  ///   same.
  package func note(inPlaceOf own: Tokenizer, of model: String) -> String? {
    guard fingerprint != own.fingerprint else { return nil }
    let count = max(vocabularySize, own.vocabularySize)
    let others = (0..<Int32(count)).count { bytes(of: $0) != own.bytes(of: $0) }
    guard others > 0 else { return nil }
    return "\(others) of \(count) ids stand for other text than in the tokenizer of \(model)"
  }
}

extension Tokenizer {
  /// The kind of token that each id is, by its bytes: a small number that caches group ids by.
  ///
  /// Letters in lower case 0, after a space 1; beginning with a capital 2, after a space 3; letters
  /// beyond ASCII 4; all else, ids without a token included, 5.
  public func kinds(vocabularySize: Int) -> [UInt8] {
    (0..<vocabularySize).map { Self.kind(of: decoder.bytes(of: Int32($0))) }
  }

  /// The kind of one token.
  static func kind(of bytes: ArraySlice<UInt8>) -> UInt8 {
    let isSpaced = bytes.first == UInt8(ascii: " ")
    let letters = bytes.dropFirst(isSpaced ? 1 : 0)
    guard let first = letters.first else { return 5 }
    if letters.contains(where: { $0 >= 128 }) { return 4 }
    let lower = UInt8(ascii: "a")...UInt8(ascii: "z")
    let upper = UInt8(ascii: "A")...UInt8(ascii: "Z")
    guard letters.allSatisfy({ lower.contains($0) || upper.contains($0) }) else { return 5 }
    return (lower.contains(first) ? 0 : 2) + (isSpaced ? 1 : 0)
  }
}

/// The fingerprint of a definition; it is computed when it is first asked for.
final class TokenizerIdentity: Sendable {
  private let definition: TokenizerDefinition
  private let known = Mutex<String?>(nil)

  /// The identity of a definition.
  init(_ definition: TokenizerDefinition) { self.definition = definition }

  /// SHA-256, in hexadecimal.
  var fingerprint: String {
    known.withLock { known in
      let value = known ?? definition.fingerprint()
      known = value
      return value
    }
  }
}

/// The bytes of every token, laid end to end.
struct TokenDecoder: Sendable {
  private var ends: [Int] = [0]
  private var text: [UInt8] = []
  private var special: [Bool]

  /// The bytes of a definition's tokens: added tokens literally, the others through the alphabet.
  init(_ definition: TokenizerDefinition) {
    var tokens = [[UInt8]](repeating: [], count: definition.vocabularySize)
    special = [Bool](repeating: false, count: tokens.count)
    for entry in definition.vocabulary {
      tokens[Int(entry.id)] = ByteAlphabet.bytes(of: entry.content) ?? Array(entry.content.utf8)
    }
    for token in definition.addedTokens {
      tokens[Int(token.id)] = Array(token.content.utf8)
      special[Int(token.id)] = token.isSpecial
    }
    for token in tokens {
      text += token
      ends.append(text.count)
    }
  }

  /// The bytes of a token; none for an id without one.
  func bytes(of id: Int32) -> ArraySlice<UInt8> {
    guard special.indices.contains(Int(id)) else { return [] }
    return text[ends[Int(id)]..<ends[Int(id) + 1]]
  }

  /// Whether decoding may leave the token out.
  func isSpecial(_ id: Int32) -> Bool {
    special.indices.contains(Int(id)) && special[Int(id)]
  }
}
