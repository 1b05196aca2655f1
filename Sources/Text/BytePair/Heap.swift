/// A binary heap, the smallest element on top.
struct Heap<Element: Comparable> {
  private var entries: [Element] = []

  /// The smallest element; nil when there is none.
  var minimum: Element? { entries.first }

  /// Adds an element.
  mutating func push(_ entry: Element) {
    entries.append(entry)
    var child = entries.count - 1
    while child > 0, case let parent = (child - 1) / 2, entries[child] < entries[parent] {
      entries.swapAt(child, parent)
      child = parent
    }
  }

  /// Removes and returns the smallest element, or nil when there is none.
  mutating func popMinimum() -> Element? {
    guard let top = entries.first, let last = entries.popLast() else { return nil }
    if !entries.isEmpty {
      entries[0] = last
      sink()
    }
    return top
  }

  private mutating func sink() {
    var parent = 0
    while case var child = 2 * parent + 1, child < entries.count {
      if child + 1 < entries.count, entries[child + 1] < entries[child] { child += 1 }
      guard entries[child] < entries[parent] else { return }
      entries.swapAt(child, parent)
      parent = child
    }
  }
}
