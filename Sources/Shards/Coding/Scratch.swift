/// Memory for the length of a frame, freed with its owner.
final class Scratch<Element: BitwiseCopyable> {
  /// The first of the elements, which are not initialised.
  let base: UnsafeMutablePointer<Element>

  /// Memory for so many elements.
  init(count: Int) { base = .allocate(capacity: count) }

  deinit { base.deallocate() }
}

/// Elements that are added at the end, in memory that grows with them.
struct GrowingScratch<Element: BitwiseCopyable> {
  private var owner: Scratch<Element>
  private var capacity: Int
  /// The first of the elements.
  private(set) var base: UnsafeMutablePointer<Element>
  /// The number of elements; no more than there is room for.
  private(set) var count = 0

  /// No elements yet, with room for so many.
  init(capacity: Int) {
    self.capacity = max(1, capacity)
    owner = Scratch(count: self.capacity)
    base = owner.base
  }

  /// Makes room for so many further elements.
  @inline(__always)
  mutating func reserve(_ more: Int) {
    if more > capacity - count { grow(more) }
  }

  @inline(never)
  private mutating func grow(_ more: Int) {
    capacity = max(2 * capacity, count + more)
    let larger = Scratch<Element>(count: capacity)
    larger.base.update(from: base, count: count)
    owner = larger
    base = larger.base
  }

  /// Adds an element.
  @inline(__always)
  mutating func append(_ element: Element) {
    reserve(1)
    base[count] = element
    count += 1
  }
}
