extension FrameWalk {
  // MARK: - One id

  /// The first token of a fragment, which no row predicts.
  @discardableResult
  mutating func firstToken<Coder: NumberCoder>(
    _ token: Int32, _ coder: inout Coder
  ) throws(FrameProblem) -> Int32 {
    recall = 0..<0
    row.nextClass = 3
    let token = try single(.next, token, &coder, (0, 0), listClass: 0, kind: 7)
    memory.count(token.id)
    return token.id
  }

  /// The teacher's argmax.
  mutating func argmax<Coder: NumberCoder>(
    _ coder: inout Coder, current: Int32
  ) throws(FrameProblem) {
    let (recalled, listed) = (
      CodingContext.bitLength(recall.count), CodingContext.bitLength(memory.listCount)
    )
    let found = try single(
      .argmax, row.argmax.id, &coder, (min(5, recalled), min(7, max(0, listed - 4))),
      listClass: min(7, max(0, listed - 6)), kind: Int(codec.tables.kinds[Int(current)]))
    (row.argmax.id, row.argmax.source) = (found.id, found.source)
    (row.argmax.place, row.argmax.kind) = (
      found.place, Int32(codec.tables.kinds[Int(found.id)])
    )
    row.noteArgmax()
  }

  /// An id by itself: where it is found, and its place there.
  private mutating func single<Coder: NumberCoder>(
    _ role: CodingContext.Role, _ id: Int32, _ coder: inout Coder, _ context: (Int, Int),
    listClass: Int, kind: Int
  ) throws(FrameProblem) -> FrameRow.Entry {
    var entry = FrameRow.Entry(id: id)
    if !Coder.reads { try find(&entry) }
    entry.source = Int32(
      coder.number(
        Int(entry.source), CodingContext.place(.recallCount, of: role, context.0, context.1)))
    switch entry.source {
    case 0:
      let size = role == .argmax ? min(6, CodingContext.bitLength(recall.count)) : 0
      entry.place = Int32(
        truncatingIfNeeded: coder.number(
          Int(entry.place), CodingContext.place(.recall, of: role, size)))
    case 1:
      entry.place = Int32(
        truncatingIfNeeded: coder.number(
          Int(entry.place), CodingContext.place(.list, of: role, listClass)))
    default:
      entry.kind = Int32(
        coder.number(Int(entry.kind), CodingContext.place(.kind, of: role, kind)))
      try checkKind(Int(entry.kind))
      entry.place = Int32(
        truncatingIfNeeded: coder.number(
          Int(entry.place), CodingContext.place(.rank, of: role, Int(entry.kind))))
    }
    if Coder.reads { try resolve(&entry) }
    return entry
  }

  // MARK: - A row's entries

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
    let place = min(2, Int(row.argmax.place))
    let source = Int(row.argmax.source)
    row.argmax.level = Int32(
      try level(
        codec.argmaxCode(Int(row.argmax.level)), &coder,
        CodingContext.other(CodingContext.argmaxLevel, source * 3 + (source < 2 ? place : 0)),
        isArgmax: true))
    let count = coder.number(
      row.headCount, CodingContext.other(CodingContext.headCount, certainty / 4))
    if Coder.reads { try row.setHead(count) }
    try set(.head, 0..<count, &coder)
    var left = codec.headroom - Int(row.argmax.level)
    var last = Int(row.argmax.level)
    for index in 0..<count {
      let context = codec.headLevelContext(left: left, last: last)
      last = try level(
        Int(row.entries[index].level), &coder,
        CodingContext.other(CodingContext.headLevel, context), isArgmax: false)
      row.entries[index].level = Int32(last)
      left -= last
    }
    row.note(0..<count)
  }

  private func level<Coder: NumberCoder>(
    _ code: Int, _ coder: inout Coder, _ context: Int, isArgmax: Bool
  ) throws(FrameProblem) -> Int {
    let found = coder.number(code, context)
    let level = isArgmax ? codec.argmaxCode(found) : found
    guard level >= 0, level <= codec.mostLevel else {
      throw FrameProblem(reason: "a value is off its grid")
    }
    return level
  }

  private mutating func tail<Coder: NumberCoder>(_ coder: inout Coder) throws(FrameProblem) {
    guard codec.sampledValue != nil else { return }
    var mass = Int(row.argmax.level)
    for index in 0..<row.headCount { mass += Int(row.entries[index].level) }
    let expected = codec.expectedTail(mass: mass)
    let bucket =
      expected < 8 ? expected : min(12, 4 + CodingContext.bitLength(expected))
    let context = bucket * 3 + min(2, row.headCount)
    let residual = SymbolCode.unzigzag(
      coder.number(
        SymbolCode.zigzag(row.tailCount - expected),
        CodingContext.other(CodingContext.tailCount, context)))
    let count = expected + residual
    if Coder.reads { try row.setTail(count) }
    let range = row.headCount..<(row.headCount + count)
    try set(.tail, range, &coder)
    row.note(range)
  }

  /// How sure the teacher is, from 0 to 80.
  var certainty: Int { codec.certainty(Int(row.argmax.level)) }

  // MARK: - What follows

  @discardableResult
  mutating func entropy<Coder: NumberCoder>(_ code: Int, _ coder: inout Coder) -> Int {
    let sure = certainty
    let bucket = sure < 40 ? sure / 4 : min(10, 6 + sure / 16)
    let context = bucket * 8 + CodingContext.countClass(row.tailCount)
    return coder.symbol(
      min(code, SymbolCode.escape - 1), CodingContext.other(CodingContext.entropy, context))
  }

  /// The token that follows and the code of its log-probability.
  @discardableResult
  mutating func nextToken<Coder: NumberCoder>(
    _ token: Int32, logProbability code: Int, _ coder: inout Coder
  ) throws(FrameProblem) -> (token: Int32, code: Int) {
    if !Coder.reads { row.nextClass = nextClass(token) }
    let (heads, tails) = (row.headCount, row.tailCount)
    let context = min(9, certainty / 8) * 6 + min(2, heads) * 2 + min(1, tails)
    row.nextClass = coder.number(
      row.nextClass, CodingContext.other(CodingContext.nextClass, context))
    var (next, level) = (row.argmax.id, Int(row.argmax.level))
    switch row.nextClass {
    case 0: break
    case 1:
      let rank = coder.number(
        Coder.reads ? 0 : headRank(token),
        CodingContext.other(CodingContext.nextHead, min(7, heads)))
      guard let entry = head(ofRank: rank) else {
        throw FrameProblem(reason: "a token is no entry of its row")
      }
      (next, level) = (entry.id, Int(entry.level))
    case 2:
      let place = coder.number(
        Coder.reads ? 0 : tailPlace(token),
        CodingContext.other(CodingContext.nextTail, min(15, tails)))
      guard place < tails else { throw FrameProblem(reason: "a token is no entry of its row") }
      (next, level) = (row.entries[heads + place].id, 0)
    case 3:
      let kind = Int(row.argmax.kind)
      next = try single(.next, token, &coder, (0, 0), listClass: 0, kind: kind).id
      level = 0
    default: throw FrameProblem(reason: "a token is of no class")
    }
    let reference = codec.reference(row.nextClass < 2 ? level : 0)
    let sure = row.nextClass < 2 ? codec.certainty(level) : 0
    let bucket = sure < 40 ? sure / 4 : min(10, 6 + sure / 16)
    let difference = coder.number(
      SymbolCode.zigzag(code - reference),
      CodingContext.other(CodingContext.nextLogProbability, row.nextClass * 11 + bucket))
    let found = reference + SymbolCode.unzigzag(difference)
    guard found >= 0, found <= 65_535 else {
      throw FrameProblem(reason: "a log-probability is out of range")
    }
    return (next, found)
  }

  private func nextClass(_ token: Int32) -> Int {
    if token == row.argmax.id { return 0 }
    for index in 0..<(row.headCount + row.tailCount) where row.entries[index].id == token {
      return index < row.headCount ? 1 : 2
    }
    return 3
  }

  private func tailPlace(_ token: Int32) -> Int {
    (0..<row.tailCount).first { row.entries[row.headCount + $0].id == token } ?? 0
  }

  /// How many of the head's entries come before one: the more probable, and of equals the earlier.
  private func headRank(_ token: Int32) -> Int {
    guard let place = (0..<row.headCount).first(where: { row.entries[$0].id == token }) else {
      return 0
    }
    return headRank(at: place)
  }

  private func headRank(at place: Int) -> Int {
    let level = row.entries[place].level
    var rank = 0
    for index in 0..<row.headCount where index != place {
      let other = row.entries[index].level
      if other == level ? index < place : codec.isMore(Int(other), than: Int(level)) { rank += 1 }
    }
    return rank
  }

  private func head(ofRank rank: Int) -> FrameRow.Entry? {
    (0..<row.headCount).first { headRank(at: $0) == rank }.map { row.entries[$0] }
  }
}
