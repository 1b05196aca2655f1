import CProcess
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

/// Free memory by size, so that after its first steps a training step allocates nothing.
///
/// It never holds more than twice what was in use at once: texts of ever new lengths would leave
/// buffers of ever new sizes behind.
package enum Pool {
  /// The blocks that are held, as addresses, because pointers do not cross a mutex.
  private struct Blocks {
    var free: [Int: [UInt]] = [:]
    var freeBytes = 0
    var usedBytes = 0
    var peakBytes = 0

    /// A free block of this size, if there is one; it counts as used either way.
    mutating func take(_ bytes: Int) -> UInt? {
      usedBytes += bytes
      peakBytes = max(peakBytes, usedBytes)
      guard let address = free[bytes]?.popLast() else { return nil }
      freeBytes -= bytes
      return address
    }

    mutating func giveBack(_ address: UInt, _ bytes: Int) {
      usedBytes -= bytes
      freeBytes += bytes
      free[bytes, default: []].append(address)
    }

    /// Forgets all free blocks and returns them.
    mutating func removeFree() -> [UInt] {
      defer {
        free = [:]
        freeBytes = 0
      }
      return free.values.flatMap { $0 }
    }
  }

  private static let blocks = Mutex(Blocks())
  private static let misses = Atomic<Int>(0)

  /// The number of times that memory had to be asked of the system.
  package static var missCount: Int { misses.load(ordering: .relaxed) }

  /// The bytes in use and kept for use.
  package static var heldBytes: Int { blocks.withLock { $0.usedBytes + $0.freeBytes } }

  /// Returns all unused memory to the system, between stages of different sizes.
  package static func trim() { release(blocks.withLock { $0.removeFree() }) }

  static func take(_ count: Int) -> UnsafeMutablePointer<Float> {
    let bytes = roundedBytes(count)
    let (address, surplus) = blocks.withLock { blocks -> (UInt?, [UInt]) in
      if let address = blocks.take(bytes) { return (address, []) }
      let isTooMuch = blocks.usedBytes + blocks.freeBytes > 2 * blocks.peakBytes
      return (nil, isTooMuch ? blocks.removeFree() : [])
    }
    if let address, let pointer = UnsafeMutableRawPointer(bitPattern: address) {
      return pointer.assumingMemoryBound(to: Float.self)
    }
    release(surplus)
    misses.wrappingAdd(1, ordering: .relaxed)
    return allocate(bytes).bindMemory(to: Float.self, capacity: bytes / 4)
  }

  static func giveBack(_ base: UnsafeMutablePointer<Float>, _ count: Int) {
    let address = UInt(bitPattern: base)
    blocks.withLock { $0.giveBack(address, roundedBytes(count)) }
  }

  private static func release(_ addresses: [UInt]) {
    for address in addresses { Foundation.free(UnsafeMutableRawPointer(bitPattern: address)) }
  }

  /// Whole pages, and of large blocks only eight sizes an octave, which texts of all lengths share.
  ///
  /// The rest of a block is never touched and so costs addresses, not memory.
  private static func roundedBytes(_ count: Int) -> Int {
    let bytes = max(count * 4, 1)
    let step = max(4096, 1 << (60 - bytes.leadingZeroBitCount))
    return (bytes + step - 1) / step * step
  }

  /// Large blocks begin on a huge page, which spares the matrix products most TLB misses.
  private static func allocate(_ bytes: Int) -> UnsafeMutableRawPointer {
    let hugePage = 1 << 21
    var pointer: UnsafeMutableRawPointer?
    let status = posix_memalign(&pointer, bytes >= 2 * hugePage ? hugePage : 64, bytes)
    guard status == 0, let pointer else { cp_end_without_memory(bytes) }
    if bytes >= 2 * hugePage { madvise(pointer, bytes, MADV_HUGEPAGE) }
    return pointer
  }
}
