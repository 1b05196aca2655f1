import CBLASLimit
import Dispatch
import Tensors

/// The rate of single-precision matrix products of 2048 × 2048 × 2048.
///
/// The library's: every thread calls `cblas_sgemm` on its share of the rows, all at once. Ours:
/// `linear` from Tensors.
struct ProductLimit {
  private static let size = 2048
  private let threads: Int
  private let left = FloatBuffer(count: size * size)
  private let right = FloatBuffer(count: size * size)
  private let result = FloatBuffer(count: size * size)
  private let x, weight: Tensor

  /// Operands for some threads.
  init(threads: Int) {
    self.threads = threads
    openblas_set_num_threads(1)  // A call: the threads are ours.
    let values = (0..<Self.size * Self.size).map { Float($0 % 17) / 17 - 0.5 }
    for (index, value) in values.enumerated() {
      (left.base[index], right.base[index]) = (value, value)
    }
    x = Tensor([Self.size, Self.size], values)
    weight = Tensor([Self.size, Self.size], values)
  }

  /// Both rates in GFLOP/s.
  func measure() -> (library: Double, ours: Double) {
    let work = 2 * Double(Self.size * Self.size * Self.size) / 1e9
    multiply(rows: 128 * threads)  // Wakes the threads.
    let library = seconds { multiply(rows: Self.size) }
    let ours = seconds { _ = linear(x, weight) }
    return (work / library, work / ours)
  }

  private func multiply(rows: Int) {
    let (size, threads, share) = (Self.size, threads, rows / threads)
    nonisolated(unsafe) let (a, b, c) = (left.base, right.base, result.base)
    DispatchQueue.concurrentPerform(iterations: threads) { thread in
      let first = thread * share
      let count = thread == threads - 1 ? rows - first : share
      cblas_sgemm(
        CblasRowMajor, CblasNoTrans, CblasTrans, Int32(count), Int32(size), Int32(size), 1,
        a + first * size, Int32(size), b, Int32(size), 0, c + first * size, Int32(size))
    }
  }
}

/// Zeroed memory for floats.
final class FloatBuffer {
  /// Its beginning, at a cache line's.
  let base: UnsafeMutablePointer<Float>

  /// Room for `count` floats.
  init(count: Int) {
    base = UnsafeMutableRawPointer.allocate(byteCount: 4 * max(count, 1), alignment: 64)
      .bindMemory(to: Float.self, capacity: count)
    base.initialize(repeating: 0, count: count)
  }

  deinit { base.deallocate() }
}
