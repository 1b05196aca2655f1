import Foundation
import Synchronization

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

/// Free memory by size, so that after its first step a training step allocates nothing.
public enum Pool {
  // Addresses, because pointers do not cross a mutex.
  private static let free = Mutex<[Int: [UInt]]>([:])
  private static let misses = Atomic<Int>(0)

  /// How often memory had to be asked of the system.
  public static var missCount: Int { misses.load(ordering: .relaxed) }

  /// Returns all unused memory to the system, between stages of different sizes.
  public static func trim() {
    let unused = free.withLock { lists in
      defer { lists = [:] }
      return lists.values.flatMap { $0 }
    }
    for address in unused { Foundation.free(UnsafeMutableRawPointer(bitPattern: address)) }
  }

  static func take(_ count: Int) -> UnsafeMutablePointer<Float> {
    let bytes = roundedBytes(count)
    if let address = free.withLock({ $0[bytes]?.popLast() }),
      let pointer = UnsafeMutableRawPointer(bitPattern: address)
    {
      return pointer.assumingMemoryBound(to: Float.self)
    }
    misses.wrappingAdd(1, ordering: .relaxed)
    return allocate(bytes).bindMemory(to: Float.self, capacity: bytes / 4)
  }

  static func giveBack(_ base: UnsafeMutablePointer<Float>, _ count: Int) {
    let address = UInt(bitPattern: base)
    free.withLock { $0[roundedBytes(count), default: []].append(address) }
  }

  private static func roundedBytes(_ count: Int) -> Int { max(1, (count * 4 + 4095) / 4096) * 4096 }

  /// Large blocks begin on a huge page, which spares the matrix products most TLB misses.
  private static func allocate(_ bytes: Int) -> UnsafeMutableRawPointer {
    let hugePage = 1 << 21
    var pointer: UnsafeMutableRawPointer?
    let status = posix_memalign(&pointer, bytes >= 2 * hugePage ? hugePage : 64, bytes)
    guard status == 0, let pointer else { fatalError("out of memory asking for \(bytes) bytes") }
    if bytes >= 2 * hugePage { madvise(pointer, bytes, MADV_HUGEPAGE) }
    return pointer
  }
}
