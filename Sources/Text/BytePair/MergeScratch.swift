/// The working memory of merging, kept from piece to piece.
struct MergeScratch {
  /// The piece's symbols: bytes' ids at first, the result at the end.
  var symbols: [Int32] = []
  private var found: [MergeTable.Merge] = []
  private var next: [Int32] = []
  private var previous: [Int32] = []
  private var heap = Heap<UInt64>()

  /// Empty scratch.
  init() {}

  /// Joins pairs by looking through all ranks each time: quadratic, and the fastest when short.
  mutating func mergeByScanning(_ merges: MergeTable) {
    found.removeAll(keepingCapacity: true)
    for index in symbols.indices.dropLast() {
      found.append(merges[symbols[index], symbols[index + 1]])
    }
    while let best = lowest() {
      symbols[best] = found[best].id
      symbols.remove(at: best + 1)
      found.remove(at: best)
      if best < found.count { found[best] = merges[symbols[best], symbols[best + 1]] }
      if best > 0 { found[best - 1] = merges[symbols[best - 1], symbols[best]] }
    }
  }

  private func lowest() -> Int? {
    var (best, rank) = (-1, Int32.max)
    for index in found.indices where found[index].rank < rank {
      (best, rank) = (index, found[index].rank)
    }
    return best < 0 ? nil : best
  }

  /// Joins pairs through a heap over a linked list: O(n log n), for pieces of any length.
  mutating func mergeByHeap(_ merges: MergeTable) {
    link()
    for index in symbols.indices.dropLast() { push(index, merges) }
    while let entry = heap.popMinimum() {
      let (rank, index) = (Int32(entry >> 32), Int(entry & 0xFFFF_FFFF))
      guard symbols[index] >= 0, next[index] >= 0 else { continue }
      let right = Int(next[index])
      let merge = merges[symbols[index], symbols[right]]
      // An entry whose pair has changed since is stale; the new pair has its own.
      guard merge.rank == rank else { continue }
      symbols[index] = merge.id
      unlink(right)
      if previous[index] >= 0 { push(Int(previous[index]), merges) }
      push(index, merges)
    }
    symbols.removeAll { $0 < 0 }
  }

  private mutating func link() {
    let count = Int32(symbols.count)
    next = (1...count).map { $0 < count ? $0 : -1 }
    previous = (-1..<count - 1).map { $0 }
  }

  private mutating func unlink(_ index: Int) {
    let (before, after) = (previous[index], next[index])
    symbols[index] = -1
    next[Int(before)] = after
    if after >= 0 { previous[Int(after)] = before }
  }

  private mutating func push(_ index: Int, _ merges: MergeTable) {
    guard next[index] >= 0 else { return }
    let rank = merges[symbols[index], symbols[Int(next[index])]].rank
    guard rank != .max else { return }
    heap.push(UInt64(UInt32(rank)) << 32 | UInt64(index))
  }
}
