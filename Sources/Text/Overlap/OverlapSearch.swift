import Foundation

/// A search for some texts in others, which are read once, and for the share of each that is there.
///
/// A text is known by its shingles, all runs of 24 letters and digits. One that is too short to
/// have any is known by its tokens: a whole document by all of them, a fragment of one by runs of
/// eight, and not at all if it has fewer. Of very many texts a part of the shingles stands for all,
/// chosen by hash, at least one of each: memory is bounded but for that one.
package struct OverlapSearch {
  /// The share from which on a text is a near copy.
  package static let near = 0.5
  /// The most shingles that are kept: with those read, a hundred megabytes.
  private static let limit = 1 << 22
  /// The number of tokens that are read at once.
  private static let pieceLength = 1 << 20
  /// The tokens that are read once more with the next piece, so that no shingle is lost between.
  private static let overlap = 256
  /// The number of tokens in a run.
  private static let runLength = 8

  private let text: ComparedText
  /// The hashes that are kept of each text, in order, and where each text's begin.
  private let hashes: [UInt64]
  private let bounds: [Int]
  /// The different hashes in ascending order, a filter of them, and which were read.
  private let known: [UInt64]
  private let filter: [UInt64]
  private var isFound: [Bool]
  /// The tokens of the longest document that is looked for as a whole.
  private let longestWhole: Int
  /// Whether runs of tokens are looked for, too.
  private let hasRuns: Bool
  /// Whether a part of the shingles stands for all.
  package let isSampled: Bool

  /// A search for some texts, each in one or several parts.
  ///
  /// - Parameters:
  ///   - texts: the tokens of each text's parts.
  ///   - areFragments: whether parts are cut from documents, as a cache has them, or whole ones.
  ///   - tokenizer: the tokenizer of the tokens; nil finds copies token by token only.
  ///   - limit: the most shingles that are kept.
  package init(
    for texts: [[[Int32]]], areFragments: Bool = false, tokenizer: Tokenizer?, limit: Int? = nil
  ) {
    let text = ComparedText(tokenizer: tokenizer)
    let mask = Self.mask(for: texts, text, limit: limit ?? Self.limit)
    var (hashes, bounds, longest, hasRuns) = ([UInt64](), [0], 0, false)
    for parts in texts {
      var own: [UInt64] = []
      for part in parts {
        let symbols = text.symbols(part)
        if symbols.count < text.shingleLength {
          let plain = text.plainTokens(part)
          if areFragments {
            hasRuns = true
            Self.forEachRun(of: plain) { own.append($0) }
          } else if !plain.isEmpty {
            longest = max(longest, plain.count)
            own.append(TokenHash.of(plain))
          }
        } else {
          Self.forEachShingle(of: symbols, length: text.shingleLength) { own.append($0) }
        }
      }
      let kept = own.filter { $0 & mask == 0 }
      hashes += kept.isEmpty ? own.min().map { [$0] } ?? [] : kept
      bounds.append(hashes.count)
    }
    self.text = text
    self.hashes = hashes
    self.bounds = bounds
    longestWhole = longest
    self.hasRuns = hasRuns
    isSampled = mask != 0
    known = Set(hashes).sorted()
    var filter = [UInt64](repeating: 0, count: Self.filterWords(known.count))
    for hash in known { filter[Self.word(hash, filter.count)] |= Self.bit(hash) }
    self.filter = filter
    isFound = [Bool](repeating: false, count: known.count)
  }

  /// The mask under which about as many of some texts' hashes are 0 as a limit allows.
  private static func mask(
    for texts: [[[Int32]]], _ text: ComparedText, limit: Int
  ) -> UInt64 {
    let tokens = texts.reduce(0) { $0 + $1.reduce(0) { $0 + $1.count } }
    var (mask, count) = (0 as UInt64, tokens * text.usualSymbols)
    while count > limit { (mask, count) = (mask << 1 | 1, count / 2) }
    return mask
  }

  /// Reads a document in which the texts may be, whole or in part; its tokens may be another
  /// tokenizer's.
  package mutating func read(_ document: [Int32], of tokenizer: Tokenizer? = nil) {
    let text = text.tokenizer == nil ? text : ComparedText(tokenizer: tokenizer ?? text.tokenizer)
    var start = 0
    while start < document.count {
      let end = min(document.count, start + Self.pieceLength)
      let isWhole = start == 0 && end == document.count
      let piece = isWhole ? document : Array(document[start..<end])
      let symbols = text.symbols(piece)
      Self.forEachShingle(of: symbols, length: text.shingleLength) { mark($0) }
      let isShort = isWhole && symbols.count < text.shingleLength && longestWhole > 0
      if isShort || hasRuns {
        let plain = text.plainTokens(piece)
        if isShort, plain.count <= longestWhole { mark(TokenHash.of(plain)) }
        if hasRuns { Self.forEachRun(of: plain) { mark($0) } }
      }
      start = end == document.count ? end : end - Self.overlap
    }
  }

  /// The share of each text that was read, from 0 to 1.
  ///
  /// All of it, too, where no more is missing than what windows cut apart: a shingle less than
  /// there would be with a letter changed.
  package var shares: [Double] {
    bounds.indices.dropLast().map { index in
      let found = hashes[bounds[index]..<bounds[index + 1]].map { hash in
        place(of: hash).map { isFound[$0] } ?? false
      }
      guard !found.isEmpty else { return 0 }
      if !isSampled, isCutOnly(found) { return 1 }
      return Double(found.count { $0 }) / Double(found.count)
    }
  }

  /// Whether the first and the last shingle are found, and no gap is as long as one that another
  /// text would leave.
  private func isCutOnly(_ found: [Bool]) -> Bool {
    guard found.first == true, found.last == true else { return false }
    let longest = found.split(separator: true).map(\.count).max() ?? 0
    return longest < text.shingleLength - 1
  }

  private mutating func mark(_ hash: UInt64) {
    guard filter[Self.word(hash, filter.count)] & Self.bit(hash) != 0,
      let place = place(of: hash)
    else { return }
    isFound[place] = true
  }

  private func place(of hash: UInt64) -> Int? {
    var (low, high) = (0, known.count)
    while low < high {
      let middle = (low + high) / 2
      if known[middle] < hash { low = middle + 1 } else { high = middle }
    }
    return low < known.count && known[low] == hash ? low : nil
  }
}

extension OverlapSearch {
  /// Sixteen bits for each hash let one in sixteen strangers through.
  private static func filterWords(_ count: Int) -> Int {
    var words = 1
    while words * 64 < count * 16 { words *= 2 }
    return words
  }

  private static func word(_ hash: UInt64, _ count: Int) -> Int {
    Int(truncatingIfNeeded: hash >> 38) & (count - 1)
  }

  private static func bit(_ hash: UInt64) -> UInt64 { 1 << (hash >> 32 & 63) }

  /// Calls a body with the hash of each run of tokens.
  private static func forEachRun(of tokens: [Int32], _ body: (UInt64) -> Void) {
    guard tokens.count >= runLength else { return }
    for start in 0...(tokens.count - runLength) {
      body(TokenHash.of(tokens[start..<(start + runLength)]))
    }
  }

  /// Calls a body with the hash of each run of `length` symbols: a polynomial, rolled along.
  private static func forEachShingle(
    of symbols: [UInt32], length: Int, _ body: (UInt64) -> Void
  ) {
    guard symbols.count >= length else { return }
    let base: UInt64 = 0x9E37_79B9_7F4A_7C15
    let leaving = (0..<length).reduce(1 as UInt64) { power, _ in power &* base }
    var sum: UInt64 = 0
    for (index, symbol) in symbols.enumerated() {
      sum = sum &* base &+ UInt64(symbol) &+ 1
      if index >= length { sum = sum &- leaving &* (UInt64(symbols[index - length]) &+ 1) }
      if index >= length - 1 { body(TokenHash.mixed(sum)) }
    }
  }
}

/// The part of a text that counts where it is looked for in others.
struct ComparedText {
  /// Gives the text of tokens; nil compares tokens themselves.
  let tokenizer: Tokenizer?

  /// The number of symbols in a shingle: characters that are letters or digits, or else tokens.
  var shingleLength: Int { tokenizer == nil ? 16 : 24 }

  /// The rough number of symbols that a token gives.
  var usualSymbols: Int { tokenizer == nil ? 1 : 4 }

  /// The text's letters and digits in lower case, one number each; without a tokenizer the ids.
  ///
  /// Case, spaces, punctuation and special tokens so make no difference. A character of a script
  /// that writes words with one or two counts for three letters.
  func symbols(_ tokens: [Int32]) -> [UInt32] {
    guard let tokenizer else { return tokens.map { UInt32(bitPattern: $0) } }
    var symbols: [UInt32] = []
    symbols.reserveCapacity(tokens.count * 4)
    var text = tokenizer.decode(tokens, skippingSpecialTokens: true)
    if !text.utf8.allSatisfy({ $0 < 0x80 }) { text = text.precomposedStringWithCanonicalMapping }
    for scalar in text.unicodeScalars { Self.append(scalar, to: &symbols) }
    return symbols
  }

  /// The tokens that are compared where a text is too short for a shingle.
  func plainTokens(_ tokens: [Int32]) -> [Int32] {
    guard let tokenizer else { return tokens }
    return tokens.filter { !tokenizer.isSpecial($0) }
  }

  private static func append(_ scalar: Unicode.Scalar, to symbols: inout [UInt32]) {
    let value = scalar.value
    switch value {
    case 0x30...0x39, 0x61...0x7A: symbols.append(value)
    case 0x41...0x5A: symbols.append(value + 0x20)
    case 0..<0x80: return
    default:
      let properties = scalar.properties
      guard properties.isAlphabetic || properties.numericType != nil else { return }
      if properties.isIdeographic || (0x3040...0x30FF).contains(value)
        || (0xAC00...0xD7A3).contains(value)
      {
        symbols += [value, value | 1 << 24, value | 1 << 25]
        return
      }
      guard properties.changesWhenLowercased else { return symbols.append(value) }
      symbols += properties.lowercaseMapping.unicodeScalars.map(\.value)
    }
  }
}
