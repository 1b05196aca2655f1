import Base

/// A token that is found in the text before any splitting (the special tokens and the like).
struct AddedToken: Sendable, Equatable {
  /// The token's id.
  var id: Int32
  /// The text that it stands for, literally.
  var content: String
  /// Whether it counts only where no word character touches it.
  var isSingleWord = false
  /// Whether it swallows the blanks before it.
  var stripsLeft = false
  /// Whether it swallows the blanks after it.
  var stripsRight = false
  /// Whether it is looked for after normalisation rather than in the raw text.
  var isNormalized = false
  /// Whether decoding may leave it out.
  var isSpecial = true
}

extension AddedToken {
  /// The token of one element of `added_tokens`.
  init(_ node: JSONNode) throws {
    let id = try node.required("id").integer()
    guard let id = Int32(exactly: id), TokenizerDefinition.ids.contains(id) else {
      throw TokenizerError.vocabulary(
        source: node.source, reason: "an added token has the id \(id), out of range")
    }
    self.id = id
    content = try node.required("content").text()
    isSingleWord = try node.flag("single_word", absent: false)
    stripsLeft = try node.flag("lstrip", absent: false)
    stripsRight = try node.flag("rstrip", absent: false)
    isSpecial = try node.flag("special", absent: false)
    isNormalized = try node.flag("normalized", absent: !isSpecial)
  }

  /// The element of `added_tokens` for this token.
  var json: JSONValue {
    [
      "id": .int(Int(id)), "content": .string(content), "single_word": .bool(isSingleWord),
      "lstrip": .bool(stripsLeft), "rstrip": .bool(stripsRight),
      "normalized": .bool(isNormalized), "special": .bool(isSpecial),
    ]
  }
}

/// Finds added tokens in text: the leftmost first, the longest at each place.
struct AddedTokenMatcher: Sendable {
  /// A part of the text: a token found in it, or what lies between two.
  enum Segment: Equatable {
    case token(Int32)
    case text(Range<Int>)
  }

  private var tokens: [AddedToken] = []
  private var startsToken = [Bool](repeating: false, count: 256)
  /// From a node of the trie and a byte to the next node; node 0 is the root.
  private var edges: [UInt64: Int] = [:]
  /// By node: the index of the token that ends there, or −1.
  private var endings: [Int] = [-1]

  /// A matcher of tokens by the bytes that each has in the text to be searched.
  init(_ tokens: [(token: AddedToken, bytes: [UInt8])]) {
    for (token, bytes) in tokens where !bytes.isEmpty {
      var node = 0
      for byte in bytes { node = step(from: node, over: byte) }
      endings[node] = self.tokens.count
      startsToken[Int(bytes[0])] = true
      self.tokens.append(token)
    }
  }

  private mutating func step(from node: Int, over byte: UInt8) -> Int {
    let edge = UInt64(node) << 8 | UInt64(byte)
    if let next = edges[edge] { return next }
    edges[edge] = endings.count
    endings.append(-1)
    return endings.count - 1
  }

  /// The steps through the trie for each byte of text: long tokens that begin alike would take as
  /// many as the longest has bytes.
  private static let stepsPerByte = 16
  /// The steps that the shortest text has.
  private static let fewestSteps = 65_536

  /// The tokens in `text[range]` and the stretches between them, none of these empty; nil when
  /// that takes too many steps.
  func segments(of text: [UInt8], _ range: Range<Int>) -> [Segment]? {
    guard !tokens.isEmpty else { return range.isEmpty ? [] : [.text(range)] }
    var (segments, start, position) = ([Segment](), range.lowerBound, range.lowerBound)
    var steps = Self.fewestSteps + Self.stepsPerByte * range.count
    while position < range.upperBound {
      guard steps > 0 else { return nil }
      guard startsToken[Int(text[position])],
        let (token, end) = longest(text, position, range, &steps)
      else {
        position += 1
        continue
      }
      let found = position..<end
      position = end
      guard !token.isSingleWord || Self.isAlone(found, in: text, range) else { continue }
      let swallowed = widened(found, token, text, start..<range.upperBound)
      if start < swallowed.lowerBound { segments.append(.text(start..<swallowed.lowerBound)) }
      segments.append(.token(token.id))
      (start, position) = (swallowed.upperBound, max(position, swallowed.upperBound))
    }
    if start < range.upperBound { segments.append(.text(start..<range.upperBound)) }
    return segments
  }

  private func longest(
    _ text: [UInt8], _ start: Int, _ range: Range<Int>, _ steps: inout Int
  ) -> (AddedToken, end: Int)? {
    var (node, best, end) = (0, -1, start)
    for index in start..<range.upperBound {
      guard let next = edges[UInt64(node) << 8 | UInt64(text[index])] else { break }
      node = next
      steps -= 1
      if endings[node] >= 0 { (best, end) = (endings[node], index + 1) }
    }
    return best < 0 ? nil : (tokens[best], end)
  }

  /// Whether no word character touches the match.
  private static func isAlone(
    _ match: Range<Int>, in text: [UInt8], _ bounds: Range<Int>
  ) -> Bool {
    let before = text.scalar(before: match.lowerBound, in: bounds).map(YoungCharacters.all.twin)
    let after = text.scalar(at: match.upperBound, in: bounds).map(YoungCharacters.all.twin)
    return before?.isWordCharacter != true && after?.isWordCharacter != true
  }

  /// The match with the blanks around it that the token swallows, within the bounds.
  private func widened(
    _ match: Range<Int>, _ token: AddedToken, _ text: [UInt8], _ bounds: Range<Int>
  ) -> Range<Int> {
    var (start, end) = (match.lowerBound, match.upperBound)
    while token.stripsLeft, let before = text.scalar(before: start, in: bounds),
      before.properties.isWhitespace
    {
      start -= UTF8.width(before)
    }
    while token.stripsRight, let after = text.scalar(at: end, in: bounds),
      after.properties.isWhitespace
    {
      end += UTF8.width(after)
    }
    return start..<end
  }
}

extension Unicode.Scalar {
  /// Whether regular expressions count this as a word character (UTS 18, Annex C).
  fileprivate var isWordCharacter: Bool {
    switch properties.generalCategory {
    case .nonspacingMark, .spacingMark, .enclosingMark, .decimalNumber, .connectorPunctuation: true
    default: properties.isAlphabetic || properties.isJoinControl
    }
  }
}

extension [UInt8] {
  /// The scalar that starts at an offset of valid UTF-8, or nil at the end of the bounds.
  fileprivate func scalar(at start: Int, in bounds: Range<Int>) -> Unicode.Scalar? {
    guard bounds.contains(start) else { return nil }
    var (decoder, iterator) = (UTF8(), self[start..<bounds.upperBound].makeIterator())
    guard case .scalarValue(let scalar) = decoder.decode(&iterator) else { return nil }
    return scalar
  }

  /// The scalar that ends at an offset of valid UTF-8, or nil at the start of the bounds.
  fileprivate func scalar(before end: Int, in bounds: Range<Int>) -> Unicode.Scalar? {
    var start = end - 1
    while start > bounds.lowerBound, self[start] & 0xC0 == 0x80 { start -= 1 }
    return start < bounds.lowerBound ? nil : scalar(at: start, in: bounds.lowerBound..<end)
  }
}
