/// The state of training: every piece as tokens, and the counts of adjacent pairs.
struct MergeLearner {
  /// The bytes of each token so far.
  private(set) var tokens: [[UInt8]]
  /// The merges so far, in the order in which they are to be applied.
  private(set) var merges: [TokenizerDefinition.Merge] = []

  private typealias Pair = TokenizerDefinition.Merge

  private var words: [[Int32]]
  private let counts: [Int]
  private var pairs: [Pair: PairOccurrences] = [:]
  private var queue = Heap<MergeCandidate>()
  private var merged: Set<Pair> = []
  private var known: [[UInt8]: Int32] = [:]

  /// The occurrences of a pair: their number, and the words, some of which may have lost it since.
  private struct PairOccurrences {
    var count = 0
    var words: [Int32] = []
  }

  /// Starts from single bytes.
  init(_ pieces: PieceCounts) {
    tokens = ByteAlphabet.bytesByCharacter.map { [$0] }
    var idOfByte = [Int32](repeating: 0, count: 256)
    for (id, byte) in ByteAlphabet.bytesByCharacter.enumerated() { idOfByte[Int(byte)] = Int32(id) }
    words = pieces.pieces.map { piece in piece.map { idOfByte[Int($0)] } }
    counts = pieces.counts
    for (index, word) in words.enumerated() {
      for (left, right) in zip(word, word.dropFirst()) {
        count(Pair(left: left, right: right), counts[index], in: Int32(index))
      }
    }
    for (pair, occurrences) in pairs { enqueue(pair, occurrences.count) }
  }

  private mutating func count(_ pair: Pair, _ change: Int, in word: Int32) {
    pairs[pair, default: PairOccurrences()].count += change
    guard change > 0, pairs[pair]?.words.last != word else { return }
    pairs[pair]?.words.append(word)
  }

  private mutating func enqueue(_ pair: Pair, _ count: Int) {
    guard count > 1 else { return }
    queue.push(
      MergeCandidate(
        count: count, pair: pair, left: tokens[Int(pair.left)], right: tokens[Int(pair.right)]))
  }

  /// Joins the most frequent pair; false when none occurs twice.
  mutating func joinBestPair() -> Bool {
    while let candidate = queue.popMinimum() {
      let count = pairs[candidate.pair]?.count ?? 0
      // Counts change while a candidate waits: with fewer it queues again, with more it is queued.
      if count == candidate.count {
        join(candidate.pair)
        return true
      }
      if count < candidate.count { enqueue(candidate.pair, count) }
    }
    return false
  }

  private mutating func join(_ pair: Pair) {
    let bytes = tokens[Int(pair.left)] + tokens[Int(pair.right)]
    // Two ways of joining may spell the same token; it gets one id and both merges.
    let id = known[bytes] ?? Int32(tokens.count)
    if id == tokens.count { tokens.append(bytes) }
    known[bytes] = id
    // A pair that rises again after it was joined everywhere keeps its first place in the order.
    if merged.insert(pair).inserted { merges.append(pair) }
    var risen = Set<Pair>()
    for word in pairs.removeValue(forKey: pair)?.words ?? [] {
      replace(pair, by: id, in: word, &risen)
    }
    for pair in risen { enqueue(pair, pairs[pair]?.count ?? 0) }
  }

  /// Rewrites one word, the pair's leftmost occurrences first, and corrects the neighbours' counts.
  private mutating func replace(
    _ pair: Pair, by id: Int32, in word: Int32, _ risen: inout Set<Pair>
  ) {
    let old = words[Int(word)]
    let new = Self.joined(old, pair, id)
    guard new.count < old.count else { return }
    let count = counts[Int(word)]
    for (left, right) in zip(old, old.dropFirst()) where Pair(left: left, right: right) != pair {
      self.count(Pair(left: left, right: right), -count, in: word)
    }
    for (left, right) in zip(new, new.dropFirst()) {
      let made = Pair(left: left, right: right)
      self.count(made, count, in: word)
      if left == id || right == id { risen.insert(made) }
    }
    words[Int(word)] = new
  }

  private static func joined(_ word: [Int32], _ pair: Pair, _ id: Int32) -> [Int32] {
    var (joined, index) = ([Int32](), 0)
    while index < word.count {
      let matches =
        index + 1 < word.count && word[index] == pair.left && word[index + 1] == pair.right
      joined.append(matches ? id : word[index])
      index += matches ? 2 : 1
    }
    return joined
  }
}

/// A pair that may be joined next, with the count that it had when it was queued.
struct MergeCandidate: Comparable {
  /// The number of times that the pair occurred.
  var count: Int
  /// The pair.
  var pair: TokenizerDefinition.Merge
  /// The bytes of its left token.
  var left: [UInt8]
  /// The bytes of its right token.
  var right: [UInt8]

  /// Whether one is joined before another: more frequent, or else with smaller bytes.
  static func < (one: MergeCandidate, other: MergeCandidate) -> Bool {
    if one.count != other.count { return one.count > other.count }
    if one.left != other.left { return one.left.lexicographicallyPrecedes(other.left) }
    return one.right.lexicographicallyPrecedes(other.right)
  }
}

/// The number of times that each piece of text occurs.
struct PieceCounts: Sendable {
  private var table = TokenTable(capacity: 1 << 12)
  private var capacity = 1 << 12
  /// The distinct pieces, in the order of their first occurrence.
  private(set) var pieces: [[UInt8]] = []
  /// By piece: how often it occurred.
  private(set) var counts: [Int] = []

  /// Counts one occurrence.
  mutating func add(_ piece: Span<UInt8>) {
    if let known = table.id(of: piece) {
      counts[Int(known)] += 1
      return
    }
    if pieces.count == capacity { grow() }
    let bytes = piece.withUnsafeBufferPointer { Array($0) }
    _ = table.insert(bytes, Int32(pieces.count))
    pieces.append(bytes)
    counts.append(1)
  }

  private mutating func grow() {
    capacity *= 2
    table = TokenTable(capacity: capacity)
    for (index, piece) in pieces.enumerated() { _ = table.insert(piece, Int32(index)) }
  }
}
