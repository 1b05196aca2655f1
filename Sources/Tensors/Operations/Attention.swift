import Base
import CKernels

/// Softmax attention with grouped key-value heads, in tiles of queries.
///
/// Shapes: q (N, H·d), k and v (M, K·d), H a multiple of K; query head j uses key-value head
/// j / (H/K). Scores are scaled by d^−½ (docs/llama4.md §2.3). Memory is linear in the length: a
/// tile's scores are computed again in the backward pass from one number per query.
public func attention(
  _ q: Tensor, _ k: Tensor, _ v: Tensor, heads: Int, keyValueHeads: Int,
  _ windows: AttentionWindows, precision: Precision = .float32
) -> Tensor {
  let shape = AttentionShape(
    heads: heads, keyValueHeads: keyValueHeads, width: q.columns / heads, precision: precision)
  precondition(k.columns == keyValueHeads * shape.width && k.shape == v.shape, "attention: k, v")
  precondition(windows.starts.count == q.rows, "attention: \(windows.starts.count) windows")
  precondition(windows.ends.allSatisfy { Int($0) <= k.rows }, "attention: window past the keys")
  let logSumExp = Storage(count: heads * q.rows)
  return .apply([q, k, v], shape: q.shape) { y in
    Parallel.forEach(windows.tiles.count * keyValueHeads) { index in
      let tile = windows.tiles[index / keyValueHeads]
      for head in shape.queryHeads(of: index % keyValueHeads) {
        shape.forward(tile, head, windows, q.values, k.values, v.values, logSumExp, y)
      }
    }
  } backward: { y in
    // Key-value heads and islands of tiles never add into the same gradient.
    let values = AttentionBuffers(q: q.values, k: k.values, v: v.values, y: y.values)
    let gradients = AttentionBuffers(
      q: q.gradient, k: k.gradient, v: v.gradient, y: y.gradient)
    Parallel.forEach(windows.islands.count * keyValueHeads) { index in
      for tile in windows.tiles[windows.islands[index / keyValueHeads]] {
        for head in shape.queryHeads(of: index % keyValueHeads) {
          shape.backward(
            tile, head, windows, values, logSumExp, gradients)
        }
      }
    }
  }
}

/// The keys that each query may attend to: one run of keys per query.
///
/// A causal mask, chunks, document boundaries, left padding and a key-value cache all come down to
/// the same thing: query n sees keys `starts[n] ..< ends[n]`. Neither bound ever decreases.
public struct AttentionWindows: Sendable {
  /// Some consecutive queries and all the keys that any of them sees.
  struct Tile: Sendable {
    let rows: Range<Int>
    let keys: Range<Int>
  }

  /// The most queries that share a tile; memory is this many rows of scores.
  private static let tileRows = 64

  let starts, ends: [Int32]
  let tiles: [Tile]
  /// Runs of tiles that share no key with other runs, so that they can be added up in parallel.
  let islands: [Range<Int>]

  /// The windows of each query, in key coordinates.
  package init(starts: [Int32], ends: [Int32]) {
    precondition(starts.count == ends.count, "\(starts.count) starts, \(ends.count) ends")
    self.starts = starts
    self.ends = ends
    tiles = Self.tiles(starts, ends)
    islands = Self.islands(tiles)
  }

  private static func tiles(_ starts: [Int32], _ ends: [Int32]) -> [Tile] {
    var (tiles, first) = ([Tile](), 0)
    for row in starts.indices.map({ $0 + 1 }) {
      let closes =
        row == starts.count || row - first == tileRows || starts[row] >= ends[row - 1]
      guard closes else { continue }
      tiles.append(Tile(rows: first..<row, keys: Int(starts[first])..<Int(ends[row - 1])))
      first = row
    }
    return tiles
  }

  private static func islands(_ tiles: [Tile]) -> [Range<Int>] {
    var (islands, first) = ([Range<Int>](), 0)
    for index in tiles.indices.dropFirst()
    where tiles[index].keys.lowerBound >= tiles[index - 1].keys.upperBound {
      islands.append(first..<index)
      first = index
    }
    return tiles.isEmpty ? [] : islands + [first..<tiles.count]
  }

  /// The windows of a tile's rows, as C reads them.
  func withBounds(
    of tile: Tile, _ body: (UnsafePointer<Int32>, UnsafePointer<Int32>) -> Void
  ) {
    starts.withUnsafeBufferPointer { starts in
      ends.withUnsafeBufferPointer { ends in
        guard let first = starts.baseAddress, let last = ends.baseAddress else { return }
        body(first + tile.rows.lowerBound, last + tile.rows.lowerBound)
      }
    }
  }
}

/// The values of queries, keys, values and outputs, or their gradients.
private struct AttentionBuffers {
  let q, k, v, y: UnsafeMutablePointer<Float>
}

/// The strides of the heads, and the work on one tile of one head.
private struct AttentionShape {
  let heads, keyValueHeads, width: Int
  let precision: Precision

  var queryStride: Int { heads * width }
  var keyStride: Int { keyValueHeads * width }
  var scale: Float { 1 / Float(width).squareRoot() }

  func queryHeads(of keyValueHead: Int) -> Range<Int> {
    let group = heads / keyValueHeads
    return keyValueHead * group..<(keyValueHead + 1) * group
  }

  func queryOffset(_ tile: AttentionWindows.Tile, _ head: Int) -> Int {
    tile.rows.lowerBound * queryStride + head * width
  }

  func keyOffset(_ tile: AttentionWindows.Tile, _ head: Int) -> Int {
    tile.keys.lowerBound * keyStride + head / (heads / keyValueHeads) * width
  }

  /// `scores = Q Kᵀ` of a tile.
  func scores(
    _ tile: AttentionWindows.Tile, _ head: Int, _ q: UnsafePointer<Float>,
    _ k: UnsafePointer<Float>, into scores: UnsafeMutablePointer<Float>
  ) {
    gemm(
      tile.rows.count, tile.keys.count, width,
      Operand(q + queryOffset(tile, head), stride: queryStride),
      Operand(k + keyOffset(tile, head), stride: keyStride, transposed: true),
      precision: precision, into: scores, stride: tile.keys.count)
  }

  func forward(
    _ tile: AttentionWindows.Tile, _ head: Int, _ windows: AttentionWindows,
    _ q: UnsafePointer<Float>, _ k: UnsafePointer<Float>, _ v: UnsafePointer<Float>,
    _ logSumExp: Storage, _ y: UnsafeMutablePointer<Float>
  ) {
    let (rows, keys) = (tile.rows.count, tile.keys.count)
    let p = Storage(count: rows * keys)
    scores(tile, head, q, k, into: p.base)
    windows.withBounds(of: tile) { starts, ends in
      ck_window_softmax(
        rows, keys, starts, ends, Int32(tile.keys.lowerBound), scale, p.base,
        logSumExp.base + head * windows.starts.count + tile.rows.lowerBound)
    }
    gemm(
      rows, width, keys, Operand(p.base, stride: keys),
      Operand(v + keyOffset(tile, head), stride: keyStride), precision: precision,
      into: y + queryOffset(tile, head), stride: queryStride)
  }

  func backward(
    _ tile: AttentionWindows.Tile, _ head: Int, _ windows: AttentionWindows,
    _ inputs: AttentionBuffers, _ logSumExp: Storage, _ gradients: AttentionBuffers
  ) {
    let (rows, keys) = (tile.rows.count, tile.keys.count)
    let (queryAt, keyAt) = (queryOffset(tile, head), keyOffset(tile, head))
    let p = Storage(count: rows * keys)
    let dp = Storage(count: rows * keys)
    let dots = Storage(count: rows)
    scores(tile, head, inputs.q, inputs.k, into: p.base)
    windows.withBounds(of: tile) { starts, ends in
      ck_window_probabilities(
        rows, keys, starts, ends, Int32(tile.keys.lowerBound), scale,
        logSumExp.base + head * windows.starts.count + tile.rows.lowerBound, p.base)
    }
    let dy = Operand(gradients.y + queryAt, stride: queryStride)
    // dV += Pᵀ dY, dP = dY Vᵀ, dS = P ⊙ (dP − dY·Y) scaled, dQ += dS K, dK += dSᵀ Q.
    gemm(
      keys, width, rows, Operand(p.base, stride: keys, transposed: true), dy, adding: true,
      precision: precision, into: gradients.v + keyAt, stride: keyStride)
    gemm(
      rows, keys, width, dy, Operand(inputs.v + keyAt, stride: keyStride, transposed: true),
      precision: precision, into: dp.base, stride: keys)
    ck_row_dots(rows, width, queryStride, gradients.y + queryAt, inputs.y + queryAt, dots.base)
    ck_softmax_backward(rows, keys, scale, p.base, dots.base, dp.base)
    gemm(
      rows, width, keys, Operand(dp.base, stride: keys),
      Operand(inputs.k + keyAt, stride: keyStride), adding: true, precision: precision,
      into: gradients.q + queryAt, stride: queryStride)
    gemm(
      keys, width, rows, Operand(dp.base, stride: keys, transposed: true),
      Operand(inputs.q + queryAt, stride: queryStride), adding: true, precision: precision,
      into: gradients.k + keyAt, stride: keyStride)
  }
}
