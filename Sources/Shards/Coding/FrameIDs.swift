/// The ids of a frame: docs/format.md, "Where ids are found".
extension FrameWalk {
  /// The first token of a fragment, which no row predicts.
  mutating func firstToken<Coder: NumberCoder>(
    _ token: Int32, _ coder: inout Coder
  ) throws(FrameProblem) {
    recall = 0..<0
    let token = try single(.next, token, &coder, (0, 0), listClass: 0, kind: 7)
    memory.count(token.number)
  }

  /// The teacher's argmax.
  mutating func argmax<Coder: NumberCoder>(
    _ coder: inout Coder, current: Int32
  ) throws(FrameProblem) {
    let listed = memory.listCount
    let found = try single(
      .argmax, row.argmax.id, &coder,
      (
        CodingContext.sizeClass(recall.count, most: 5),
        CodingContext.sizeClass(listed, above: 4, most: 7)
      ),
      listClass: CodingContext.sizeClass(listed, above: 6, most: 7),
      kind: Int(codec.tables.kinds[Int(current)]))
    row.argmax.number = found.number
    row.argmax.source = found.source
    row.argmax.place = found.place
    row.argmax.kind = Int32(codec.tables.kinds[Int(found.id)])
    memory.note(found.number)
  }

  /// An id by itself: where it is found, and its place there.
  @discardableResult
  mutating func single<Coder: NumberCoder>(
    _ role: CodingContext.Role, _ id: Int32, _ coder: inout Coder, _ context: (Int, Int),
    listClass: Int, kind: Int
  ) throws(FrameProblem) -> FrameRow.Entry {
    var entry = FrameRow.Entry(id: id)
    try find(&entry)
    let place = Int(entry.place)
    coder.number(
      Int(entry.source), CodingContext.place(.recallCount, of: role, context.0, context.1))
    switch entry.source {
    case 0:
      let size = role == .argmax ? CodingContext.sizeClass(recall.count, most: 6) : 0
      coder.number(place, CodingContext.place(.recall, of: role, size))
    case 1:
      coder.number(place, CodingContext.place(.list, of: role, listClass))
    default:
      coder.number(Int(entry.kind), CodingContext.place(.kind, of: role, kind))
      coder.number(place, CodingContext.place(.rank, of: role, Int(entry.kind)))
    }
    return entry
  }

  /// A set of ids: how many are where, then their places in ascending order, as gaps.
  ///
  /// A set has no order, and gaps that know how many are to come make use of that.
  mutating func set<Coder: NumberCoder>(
    _ role: CodingContext.Role, _ range: Range<Int>, _ coder: inout Coder
  ) throws(FrameProblem) {
    guard !range.isEmpty else { return }
    try sort(range)
    var index = range.lowerBound
    let recalled = count(
      source: 0, in: range, of: recall.count, &coder,
      CodingContext.place(
        .recallCount, of: role, CodingContext.countClass(range.count),
        min(3, CodingContext.bitLength(recall.count) / 2)))
    gaps(index..<(index + recalled), CodingContext.place(.recall, of: role), &coder)
    index += recalled
    let rest = index..<range.upperBound
    let size = memory.listCount
    let listed = count(
      source: 1, in: rest, of: size, &coder,
      CodingContext.place(
        .listCount, of: role, CodingContext.countClass(rest.count),
        CodingContext.sizeClass(size, above: 7, most: 4)))
    gaps(
      index..<(index + listed),
      CodingContext.place(
        .list, of: role, 0, CodingContext.sizeClass(size, above: 8, most: 3)), &coder)
    index += listed
    tabled(role, index..<range.upperBound, &coder)
  }

  /// The number of members of a range that come from a source.
  private func count<Coder: NumberCoder>(
    source: Int32, in range: Range<Int>, of size: Int, _ coder: inout Coder, _ context: Int
  ) -> Int {
    guard !range.isEmpty, size > 0 else { return 0 }
    let count = range.prefix { row.entries[$0].source == source }.count
    coder.number(count, context)
    return count
  }

  /// Ascending places, as gaps, whose context goes on by how many are to come.
  private func gaps<Coder: NumberCoder>(
    _ range: Range<Int>, _ context: Int, _ coder: inout Coder
  ) {
    var previous = -1
    for index in range {
      let place = Int(row.entries[index].place)
      coder.number(
        place - previous - 1,
        context + 8 * CodingContext.remainingClass(range.upperBound - index))
      previous = place
    }
  }

  /// Ids from the tables: their kinds in ascending order, then within each kind their ranks.
  private func tabled<Coder: NumberCoder>(
    _ role: CodingContext.Role, _ range: Range<Int>, _ coder: inout Coder
  ) {
    let argmaxKind = Int(row.argmax.kind)
    var previous = 7
    for index in range {
      let kind = Int(row.entries[index].kind)
      coder.number(kind, CodingContext.place(.kind, of: role, argmaxKind, previous))
      previous = kind
    }
    var index = range.lowerBound
    while index < range.upperBound {
      let kind = row.entries[index].kind
      var end = index + 1
      while end < range.upperBound, row.entries[end].kind == kind { end += 1 }
      gaps(index..<end, CodingContext.place(.rank, of: role, 0, Int(kind)), &coder)
      index = end
    }
  }

  /// Finds where the entries of a range are, and puts them into the order of coding.
  private mutating func sort(_ range: Range<Int>) throws(FrameProblem) {
    for index in range {
      var entry = row.entries[index]
      try find(&entry)
      row.entries[index] = entry
    }
    row.entries[range].sort { $0.key < $1.key }
  }

  /// Notes where an entry's id is: in the recalled row, else in the list, else in the tables.
  private mutating func find(_ entry: inout FrameRow.Entry) throws(FrameProblem) {
    let tables = codec.tables
    guard entry.id >= 0, Int(entry.id) < tables.vocabularySize else {
      throw FrameProblem(reason: "an id lies outside the vocabulary")
    }
    entry.kind = 0
    let number = memory.number(of: entry.id)
    entry.number = number
    if let place = memory.place(of: number, recalled: recall) {
      entry.source = 0
      entry.place = Int32(place)
      return
    }
    let place = memory.place(of: number)
    if place >= 0 {
      entry.source = 1
      entry.place = Int32(place)
    } else {
      entry.source = 2
      entry.kind = Int32(tables.kinds[Int(entry.id)])
      entry.place = tables.ranks[Int(entry.id)]
    }
  }
}
