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
      guard !token.isSingleWord || WordBoundary.isAlone(found, in: text, range) else { continue }
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

  /// The match with the blanks around it that the token swallows, within the bounds.
  private func widened(
    _ match: Range<Int>, _ token: AddedToken, _ text: [UInt8], _ bounds: Range<Int>
  ) -> Range<Int> {
    var (start, end) = (match.lowerBound, match.upperBound)
    while token.stripsLeft, let before = text.scalar(before: start, in: bounds), before.isBlank {
      start -= before.utf8Count
    }
    while token.stripsRight, let after = text.scalar(at: end, in: bounds), after.isBlank {
      end += after.utf8Count
    }
    return start..<end
  }
}
