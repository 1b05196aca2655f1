/// The ids of a frame: docs/format.md, "Where ids are found".
extension FrameWalk {
  /// The first token of a fragment, which no row predicts.
  @discardableResult
  mutating func firstToken<Coder: NumberCoder>(
    _ token: Int32, _ coder: inout Coder
  ) throws(FrameProblem) -> Int32 {
    recall = 0..<0
    row.nextClass = 3
    let token = try single(.next, token, &coder, (0, 0), listClass: 0, kind: 7)
    memory.count(memory.number(of: token.id))
    return token.id
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
    row.argmax.id = found.id
    row.argmax.number = found.number
    row.argmax.source = found.source
    row.argmax.place = found.place
    row.argmax.kind = Int32(codec.tables.kinds[Int(found.id)])
    note(found)
  }

  /// An id by itself: where it is found, and its place there.
  mutating func single<Coder: NumberCoder>(
    _ role: CodingContext.Role, _ id: Int32, _ coder: inout Coder, _ context: (Int, Int),
    listClass: Int, kind: Int
  ) throws(FrameProblem) -> FrameRow.Entry {
    var entry = FrameRow.Entry(id: id)
    if !Coder.reads { try find(&entry) }
    // Clamped, because a damaged payload may have any number here.
    entry.source = Int32(
      clamping: coder.number(
        Int(entry.source), CodingContext.place(.recallCount, of: role, context.0, context.1)))
    switch entry.source {
    case 0:
      let size = role == .argmax ? CodingContext.sizeClass(recall.count, most: 6) : 0
      entry.place = Int32(
        truncatingIfNeeded: coder.number(
          Int(entry.place), CodingContext.place(.recall, of: role, size)))
    case 1:
      entry.place = Int32(
        truncatingIfNeeded: coder.number(
          Int(entry.place), CodingContext.place(.list, of: role, listClass)))
    default:
      entry.kind = Int32(
        clamping: coder.number(Int(entry.kind), CodingContext.place(.kind, of: role, kind)))
      try checkKind(Int(entry.kind))
      entry.place = Int32(
        truncatingIfNeeded: coder.number(
          Int(entry.place), CodingContext.place(.rank, of: role, Int(entry.kind))))
    }
    if Coder.reads { try resolve(&entry) }
    return entry
  }

  /// A set of ids: how many are where, then their places in ascending order, as gaps.
  ///
  /// A set has no order, and gaps that know how many are to come make use of that.
  mutating func set<Coder: NumberCoder>(
    _ role: CodingContext.Role, _ range: Range<Int>, _ coder: inout Coder
  ) throws(FrameProblem) {
    guard !range.isEmpty else { return }
    if !Coder.reads { try sort(range) }
    var index = range.lowerBound
    let recalled = try count(
      source: 0, in: range, of: recall.count, &coder,
      CodingContext.place(
        .recallCount, of: role, CodingContext.countClass(range.count),
        min(3, CodingContext.bitLength(recall.count) / 2)))
    try places(.recall, role, index..<(index + recalled), below: recall.count, source: 0, &coder)
    index += recalled
    let rest = index..<range.upperBound
    let size = CodingContext.sizeClass(memory.listCount, above: 7, most: 4)
    let listed = try count(
      source: 1, in: rest, of: memory.listCount, &coder,
      CodingContext.place(
        .listCount, of: role, CodingContext.countClass(rest.count), size))
    try places(
      .list, role, index..<(index + listed), below: memory.listCount, source: 1, &coder)
    index += listed
    try tabled(role, index..<range.upperBound, &coder)
  }

  /// The number of members of a range that come from a source.
  private func count<Coder: NumberCoder>(
    source: Int32, in range: Range<Int>, of size: Int, _ coder: inout Coder, _ context: Int
  ) throws(FrameProblem) -> Int {
    guard !range.isEmpty, size > 0 else { return 0 }
    var count = 0
    if !Coder.reads {
      while count < range.count, row.entries[range.lowerBound + count].source == source {
        count += 1
      }
    }
    count = coder.number(count, context)
    guard count <= range.count else { throw FrameProblem(reason: "a set has too many members") }
    return count
  }

  /// Ascending places below a bound.
  private mutating func places<Coder: NumberCoder>(
    _ place: CodingContext.Place, _ role: CodingContext.Role, _ range: Range<Int>, below bound: Int,
    source: Int32, _ coder: inout Coder
  ) throws(FrameProblem) {
    let size = source == 1 ? CodingContext.sizeClass(bound, above: 8, most: 3) : 0
    var previous = -1
    for index in range {
      let context = CodingContext.place(
        place, of: role, CodingContext.remainingClass(range.upperBound - index), size)
      let gap = coder.number(Int(row.entries[index].place) - previous - 1, context)
      previous += gap + 1
      guard previous < bound else { throw FrameProblem(reason: "an id is out of range") }
      guard Coder.reads else { continue }
      let number =
        source == 0
        ? memory.number(recalled: recall.lowerBound + previous)
        : memory.number(atPlace: previous)
      row.entries[index].number = number
      row.entries[index].id = memory.id(number)
    }
  }

  /// Ids from the tables: their kinds in ascending order, then within each kind their ranks.
  private mutating func tabled<Coder: NumberCoder>(
    _ role: CodingContext.Role, _ range: Range<Int>, _ coder: inout Coder
  ) throws(FrameProblem) {
    let argmaxKind = Int(row.argmax.kind)
    var previous = 7
    for index in range {
      let kind = coder.number(
        Int(row.entries[index].kind),
        CodingContext.place(.kind, of: role, argmaxKind, previous))
      try checkKind(kind)
      guard previous == 7 || kind >= previous else {
        throw FrameProblem(reason: "the kinds of a row do not ascend")
      }
      row.entries[index].kind = Int32(kind)
      previous = kind
    }
    var index = range.lowerBound
    while index < range.upperBound {
      let kind = row.entries[index].kind
      var end = index + 1
      while end < range.upperBound, row.entries[end].kind == kind { end += 1 }
      try ranks(role, index..<end, kind: Int(kind), &coder)
      index = end
    }
  }

  private mutating func ranks<Coder: NumberCoder>(
    _ role: CodingContext.Role, _ range: Range<Int>, kind: Int, _ coder: inout Coder
  ) throws(FrameProblem) {
    let first = codec.tables.firsts[kind]
    let bound = codec.tables.firsts[kind + 1] - first
    var previous = -1
    for index in range {
      let context = CodingContext.place(
        .rank, of: role, CodingContext.remainingClass(range.upperBound - index), kind)
      previous += coder.number(Int(row.entries[index].place) - previous - 1, context) + 1
      guard previous < bound else { throw FrameProblem(reason: "an id is out of range") }
      guard Coder.reads else { continue }
      row.entries[index].id = codec.tables.order[first + previous]
      row.entries[index].number = -1
    }
  }

  /// Notes an entry of the row for the memory.
  @inline(__always)
  mutating func note(_ entry: FrameRow.Entry) {
    memory.note(entry.number >= 0 ? entry.number : memory.number(of: entry.id))
  }

  private func checkKind(_ kind: Int) throws(FrameProblem) {
    guard kind < CodingTables.kindCount else { throw FrameProblem(reason: "a kind is none") }
  }

  /// Finds where the entries of a range are, and puts them into the order of coding.
  private mutating func sort(_ range: Range<Int>) throws(FrameProblem) {
    for index in range { try find(&row.entries[index]) }
    var members = UnsafeMutableBufferPointer(
      start: row.entries + range.lowerBound, count: range.count)
    members.sort { $0.key < $1.key }
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
    for index in recall where memory.number(recalled: index) == number {
      entry.source = 0
      entry.place = Int32(index - recall.lowerBound)
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

  /// Fills in the id of an entry whose source and place were read.
  private func resolve(_ entry: inout FrameRow.Entry) throws(FrameProblem) {
    let (place, kind) = (Int(entry.place), Int(entry.kind))
    switch entry.source {
    case 0 where place >= 0 && place < recall.count:
      entry.number = memory.number(recalled: recall.lowerBound + place)
      entry.id = memory.id(entry.number)
    case 1 where place >= 0 && place < memory.listCount:
      entry.number = memory.number(atPlace: place)
      entry.id = memory.id(entry.number)
    case 2 where place >= 0 && place < codec.tables.firsts[kind + 1] - codec.tables.firsts[kind]:
      entry.id = codec.tables.order[codec.tables.firsts[kind] + place]
    default: throw FrameProblem(reason: "an id is out of range")
    }
  }
}
