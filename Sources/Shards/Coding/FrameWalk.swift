/// The walk over the numbers of a frame in their order, for whatever is done with them but reading,
/// which is the work of C (`FrameReader`).
///
/// Per record: the argmax, then the rows of the draws, the entropy, the token that follows and its
/// log-probability. What is known already chooses the tables: docs/format.md, "Sparse frames".
struct FrameWalk {
  /// The capture's grid, tables and draws.
  let codec: SparseCodec
  /// The token count of each fragment.
  let fragments: [Int]
  /// The ids of the frame so far.
  var memory: FrameMemory
  /// The row that the walk is at.
  var row: FrameRow
  /// The ids of the last row with the same current token, in which a row's are looked up first.
  var recall = 0..<0
  /// The teacher's certainty of the row's argmax, from 0 to 80.
  private var certainty = 0

  /// The walk over a frame of fragments with so many tokens each.
  init(_ codec: SparseCodec, fragments: [Int]) {
    self.codec = codec
    self.fragments = fragments
    memory = FrameMemory()
    row = FrameRow(mostEntries: codec.mostEntries * codec.draws + 2)
  }

  /// Codes the tokens and the draws of their rows.
  mutating func write<Coder: NumberCoder>(
    _ tokens: [Int32], _ draws: [SparseTargets], _ coder: inout Coder
  ) throws(FrameProblem) {
    var (index, record) = (0, 0)
    for fragment in fragments {
      try firstToken(tokens[index], &coder)
      for _ in 1..<fragment {
        try row.load(record, of: draws[0], codec)
        let current = memory.number(of: tokens[index])
        recall = memory.recall(current)
        try argmax(&coder, current: tokens[index])
        try entries(&coder)
        let (entropy, next) = codes(record, of: draws[0])
        self.entropy(entropy, &coder)
        try nextToken(tokens[index + 1], logProbability: next, &coder)
        for draw in draws.dropFirst() {
          try row.load(further: record, of: draw, codec)
          try furtherEntries(&coder)
        }
        keep(current: tokens[index], next: tokens[index + 1])
        index += 1
        record += 1
      }
      index += 1
    }
  }

  private func codes(_ record: Int, of targets: SparseTargets) -> (entropy: Int, next: Int) {
    let entropy = Double(targets.entropy[record])
    let next = Double(targets.nextLogProbability[record])
    return (
      RoundingGrids.code(ofEntropy: entropy.isNaN ? 0 : entropy, uniform: 0.5),
      RoundingGrids.code(ofLogProbability: next.isNaN ? 0 : next, uniform: 0.5)
    )
  }

  /// Remembers the row, and the token that followed if the row did not have it.
  private mutating func keep(current: Int32, next: Int32) {
    memory.keep(of: memory.number(of: current))
    if row.nextClass == 3 { memory.count(memory.number(of: next)) }
  }
}

extension FrameWalk {
  /// The entries of the first draw.
  mutating func entries<Coder: NumberCoder>(_ coder: inout Coder) throws(FrameProblem) {
    try head(&coder)
    try tail(&coder)
  }

  /// The entries in which another draw differs from the first: the sampled ones.
  mutating func furtherEntries<Coder: NumberCoder>(_ coder: inout Coder) throws(FrameProblem) {
    if codec.sampledValue == nil { try head(&coder) } else { try tail(&coder) }
  }

  private mutating func head<Coder: NumberCoder>(_ coder: inout Coder) throws(FrameProblem) {
    let found = CodingContext.foundClass(
      source: Int(row.argmax.source), place: Int(row.argmax.place))
    let level = Int(row.argmax.level)
    coder.number(
      codec.argmaxCode(level), CodingContext.other(CodingContext.argmaxLevel, found))
    certainty = codec.certainty(level)
    let count = row.headCount
    coder.number(count, CodingContext.other(CodingContext.headCount, certainty / 4))
    try set(.head, 0..<count, &coder)
    var (left, last) = (codec.headroom - level, level)
    for index in 0..<count {
      let context = codec.headLevelContext(left: left, last: last)
      last = Int(row.entries[index].level)
      coder.number(last, CodingContext.other(CodingContext.headLevel, context))
      left -= last
    }
    for index in 0..<count { memory.note(row.entries[index].number) }
  }

  private mutating func tail<Coder: NumberCoder>(_ coder: inout Coder) throws(FrameProblem) {
    guard codec.sampledValue != nil else { return }
    var mass = Int(row.argmax.level)
    for index in 0..<row.headCount { mass += Int(row.entries[index].level) }
    let expected = codec.expectedTail(mass: mass)
    let context = CodingContext.expectationClass(expected) * 3 + min(2, row.headCount)
    coder.number(
      SymbolCode.zigzag(row.tailCount - expected),
      CodingContext.other(CodingContext.tailCount, context))
    let range = row.headCount..<(row.headCount + row.tailCount)
    try set(.tail, range, &coder)
    for index in range { memory.note(row.entries[index].number) }
  }

  /// The code of the entropy.
  private mutating func entropy(_ code: Int, _ coder: inout some NumberCoder) {
    let context =
      CodingContext.certaintyClass(certainty) * 8 + CodingContext.countClass(row.tailCount)
    coder.symbol(
      min(code, SymbolCode.escape - 1), CodingContext.other(CodingContext.entropy, context))
  }

  /// The token that follows and the code of its log-probability.
  mutating func nextToken<Coder: NumberCoder>(
    _ token: Int32, logProbability code: Int, _ coder: inout Coder
  ) throws(FrameProblem) {
    row.nextClass = nextClass(token)
    let (heads, tails) = (row.headCount, row.tailCount)
    coder.number(
      row.nextClass,
      CodingContext.other(
        CodingContext.nextClass,
        CodingContext.rowClass(certainty: certainty, heads: heads, tails: tails)))
    let level = try nextEntry(token, heads, tails, &coder)
    nextCode(code, level: level, &coder)
  }

  /// The place of a token in its class; gives its level, nil where it has none.
  private mutating func nextEntry<Coder: NumberCoder>(
    _ token: Int32, _ heads: Int, _ tails: Int, _ coder: inout Coder
  ) throws(FrameProblem) -> Int? {
    switch row.nextClass {
    case 0: return Int(row.argmax.level)
    case 1:
      let place = (0..<heads).first { row.entries[$0].id == token } ?? 0
      coder.number(
        headRank(at: place), CodingContext.other(CodingContext.nextHead, min(7, heads)))
      return Int(row.entries[place].level)
    case 2:
      let place = (0..<tails).first { row.entries[heads + $0].id == token } ?? 0
      coder.number(place, CodingContext.other(CodingContext.nextTail, min(15, tails)))
    default:
      let kind = Int(row.argmax.kind)
      try single(.next, token, &coder, (0, 0), listClass: 0, kind: kind)
    }
    return nil
  }

  /// The code of the next token's log-probability, told as the distance from that of its level.
  private func nextCode(_ code: Int, level: Int?, _ coder: inout some NumberCoder) {
    let reference = codec.reference(level ?? 0)
    let sure = CodingContext.certaintyClass(level.map { codec.certainty($0) } ?? 0)
    coder.number(
      SymbolCode.zigzag(code - reference),
      CodingContext.other(CodingContext.nextLogProbability, row.nextClass * 11 + sure))
  }

  private func nextClass(_ token: Int32) -> Int {
    if token == row.argmax.id { return 0 }
    for index in 0..<(row.headCount + row.tailCount) where row.entries[index].id == token {
      return index < row.headCount ? 1 : 2
    }
    return 3
  }

  /// The number of the head's entries before one: the more probable, of equals the earlier.
  private func headRank(at place: Int) -> Int {
    let level = row.entries[place].level
    var rank = 0
    for index in 0..<row.headCount where index != place {
      let other = row.entries[index].level
      if other == level ? index < place : codec.isMore(Int(other), than: Int(level)) { rank += 1 }
    }
    return rank
  }
}
