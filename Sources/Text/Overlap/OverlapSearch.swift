/// Looks for some texts in others, which are read once: how much of each is there.
///
/// A text is known by its shingles, all runs of 24 letters and digits. One that is too short to have
/// any is known by its tokens: a whole document by all of them, a fragment of one by runs of up to
/// eight. Of very many texts a part of the shingles stands for all, chosen by hash, at least one of each.
/// Whatever is looked for and read, memory is bounded but for that one.
public struct OverlapSearch {
  /// How many shingles are kept at most: with those read, a hundred megabytes.
  private static let limit = 1 << 22
  /// How many tokens are read at once, and how many of them once more by the next piece, so that
  /// no shingle is lost between.
  private static let (pieceLength, overlap) = (1 << 20, 64)
  /// How many tokens a run has at most.
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
  /// How many tokens the runs have that are looked for in place of shingles.
  private let runLengths: [Int]

  /// A search for some texts, each in one or several parts.
  ///
  /// - Parameters:
  ///   - texts: the tokens of each text's parts.
  ///   - areFragments: whether parts are cut from documents, as a cache has them, or whole ones.
  ///   - tokenizer: what the tokens are of; nil finds copies token by token only.
  ///   - limit: how many shingles are kept at most.
  public init(
    for texts: [[[Int32]]], areFragments: Bool = false, tokenizer: Tokenizer?, limit: Int? = nil
  ) {
    let text = ComparedText(tokenizer: tokenizer)
    let mask = Self.mask(for: texts, text, limit: limit ?? Self.limit)
    var (hashes, bounds, longest, lengths) = ([UInt64](), [0], 0, Set<Int>())
    for parts in texts {
      var own: [UInt64] = []
      for part in parts {
        let symbols = text.symbols(part)
        if symbols.count < text.shingleLength {
          let plain = text.plainTokens(part)
          guard !plain.isEmpty else { continue }
          let length = areFragments ? min(plain.count, Self.runLength) : plain.count
          if areFragments { lengths.insert(length) } else { longest = max(longest, length) }
          Self.forEachRun(of: plain, length: length) { own.append($0) }
        } else {
          Self.forEachShingle(of: symbols, length: text.shingleLength) { own.append($0) }
        }
      }
      let kept = own.filter { $0 & mask == 0 }
      hashes += kept.isEmpty ? own.min().map { [$0] } ?? [] : kept
      bounds.append(hashes.count)
    }
    (self.text, self.hashes, self.bounds) = (text, hashes, bounds)
    (longestWhole, runLengths) = (longest, lengths.sorted())
    known = Set(hashes).sorted()
    var filter = [UInt64](repeating: 0, count: Self.filterWords(known.count))
    for hash in known { filter[Self.word(hash, filter.count)] |= Self.bit(hash) }
    self.filter = filter
    isFound = [Bool](repeating: false, count: known.count)
  }

  /// What leaves about as many of some texts' hashes as a limit: those that are 0 under it.
  private static func mask(
    for texts: [[[Int32]]], _ text: ComparedText, limit: Int
  ) -> UInt64 {
    let tokens = texts.reduce(0) { $0 + $1.reduce(0) { $0 + $1.count } }
    var (mask, count) = (0 as UInt64, tokens * text.usualSymbols)
    while count > limit { (mask, count) = (mask << 1 | 1, count / 2) }
    return mask
  }

  /// Reads a document in which the texts may be, whole or in part.
  public mutating func read(_ document: [Int32]) {
    var start = 0
    while start < document.count {
      let end = min(document.count, start + Self.pieceLength)
      let isWhole = start == 0 && end == document.count
      let piece = isWhole ? document : Array(document[start..<end])
      let symbols = text.symbols(piece)
      Self.forEachShingle(of: symbols, length: text.shingleLength) { mark($0) }
      let isShort = isWhole && symbols.count < text.shingleLength && longestWhole > 0
      if isShort || !runLengths.isEmpty {
        let plain = text.plainTokens(piece)
        if isShort, plain.count <= longestWhole { mark(TokenHash.of(plain)) }
        for length in runLengths { Self.forEachRun(of: plain, length: length) { mark($0) } }
      }
      start = end == document.count ? end : end - Self.overlap
    }
  }

  /// How much of each text was read, from 0 to 1.
  public var shares: [Double] {
    bounds.indices.dropLast().map { index in
      let own = hashes[bounds[index]..<bounds[index + 1]]
      guard !own.isEmpty else { return 0 }
      let found = own.count { hash in place(of: hash).map { isFound[$0] } ?? false }
      return Double(found) / Double(own.count)
    }
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

  /// Calls a body with the hash of each run of `length` tokens.
  private static func forEachRun(of tokens: [Int32], length: Int, _ body: (UInt64) -> Void) {
    guard tokens.count > length else {
      if tokens.count == length { body(TokenHash.of(tokens)) }
      return
    }
    for start in 0...(tokens.count - length) {
      body(TokenHash.of(tokens[start..<(start + length)]))
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
