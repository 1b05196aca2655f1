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
    var bytes: [UInt8] = []
    for index in 0..<piece.count { bytes.append(piece[index]) }
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
