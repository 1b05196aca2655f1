import Base
import CKernels
import Foundation

/// The cosines and sines of each row's rotation angles, shared by all layers of a forward pass.
package struct RotaryTable {
  /// Whether a pair is (2j, 2j + 1), as in Llama 4, or (j, j + d/2), as in Hugging Face's Llama.
  let interleaved: Bool
  let rows: Int
  let half: Int
  let cosines, sines: Storage

  /// Angles `position · frequency`, both float32 as in the reference (docs/llama4.md §2.4).
  ///
  /// The rotated values are multiplied by `magnitude` besides.
  package init(
    positions: [Int32], frequencies: [Float], interleaved: Bool, magnitude: Float = 1
  ) {
    self.interleaved = interleaved
    rows = positions.count
    half = frequencies.count
    cosines = Storage(count: rows * half)
    sines = Storage(count: rows * half)
    for (row, position) in positions.enumerated() {
      for (j, frequency) in frequencies.enumerated() {
        let angle = Float(position) * frequency
        cosines.base[row * half + j] = magnitude * cos(angle)
        sines.base[row * half + j] = magnitude * sin(angle)
      }
    }
  }
}

/// Rotary position embedding of every head of x (N, heads · d).
package func rotary(_ x: Tensor, heads: Int, _ table: RotaryTable) -> Tensor {
  let (N, C) = (x.rows, x.columns)
  precondition(table.rows == N && heads * table.half * 2 == C, "rotary: \(x.shape), \(table.rows)")
  func rotate(
    _ source: UnsafePointer<Float>, _ target: UnsafeMutablePointer<Float>, inverse: Bool,
    adding: Bool = false
  ) {
    Parallel.rows(N, columns: C) { rows in
      let first = rows.lowerBound
      ck_rotary(
        rows.count, heads, table.half * 2, table.interleaved, inverse, adding,
        table.cosines.base + first * table.half, table.sines.base + first * table.half,
        source + first * C, target + first * C)
    }
  }
  return .apply([x], shape: x.shape) { y in
    rotate(x.values, y, inverse: false)
  } backward: { y in
    x.receiveGradient { dx, adding in rotate(y.gradient, dx, inverse: true, adding: adding) }
  }
}
