/// A run of float32 memory; what it took from the pool it gives back when released.
package final class Storage {
  package let base: UnsafeMutablePointer<Float>
  package let count: Int
  /// The storage that this one is a part of; it stays alive as long.
  private let whole: Storage?

  /// Memory with undefined contents.
  package init(count: Int) {
    self.count = count
    base = Pool.take(count)
    whole = nil
  }

  /// Memory filled with zeros.
  package convenience init(zeros count: Int) {
    self.init(count: count)
    base.update(repeating: 0, count: count)
  }

  /// A part of another storage, sharing its memory.
  package init(of whole: Storage, range: Range<Int>) {
    precondition(range.upperBound <= whole.count, "range \(range) of \(whole.count) floats")
    base = whole.base + range.lowerBound
    count = range.count
    self.whole = whole
  }

  deinit {
    if whole == nil { Pool.giveBack(base, count) }
  }
}
