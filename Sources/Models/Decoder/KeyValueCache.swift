import Tensors

/// The keys and values of one text seen so far, per layer.
///
/// Full layers keep everything; the others keep only what a token to come can see: chunked layers
/// the chunk that the next token belongs to (docs/llama4.md §3), sliding ones its window.
public final class KeyValueCache {
  /// The number of tokens seen so far.
  package private(set) var count = 0
  private let spans: [AttentionSpan]
  private var layers: [LayerCache]

  /// An empty cache for a decoder of this shape.
  ///
  /// `capacity` tokens find room in it without a move; it takes the memory of those that have come.
  package init(_ config: DecoderConfig, capacity: Int = 0) {
    spans = (0..<config.numHiddenLayers).map(config.span)
    let width = config.numKeyValueHeads * config.headDim
    layers = spans.map { span in
      LayerCache(width: width, capacity: min(capacity, span.mostKeys ?? capacity))
    }
  }

  /// The number of tokens whose keys a layer holds.
  package func keptCount(layer: Int) -> Int { layers[layer].count }

  /// Adds the keys and values of new tokens and returns all that the layer holds.
  func append(_ keys: Tensor, _ values: Tensor, layer: Int) -> (keys: Tensor, values: Tensor) {
    layers[layer].append(keys, values)
    return layers[layer].contents
  }

  /// Counts the tokens of a finished pass and drops what no later one can see.
  ///
  /// After the pass, not before: its first queries may belong to the old chunk.
  func advance(by tokens: Int) {
    for (layer, span) in spans.enumerated() {
      let passed = span.firstKey(of: count + tokens) - span.firstKey(of: count)
      if passed > 0 { layers[layer].drop(passed) }
    }
    count += tokens
  }
}

/// The keys and values of one layer, in buffers that double when they are full.
private struct LayerCache {
  let width: Int
  var count = 0
  var keys, values: Storage

  init(width: Int, capacity: Int) {
    self.width = width
    keys = Storage(count: capacity * width)
    values = Storage(count: capacity * width)
  }

  var contents: (keys: Tensor, values: Tensor) {
    let range = 0..<(count * width)
    let shape = [count, width]
    return (
      Tensor(shape, Storage(of: keys, range: range)),
      Tensor(shape, Storage(of: values, range: range))
    )
  }

  mutating func append(_ newKeys: Tensor, _ newValues: Tensor) {
    let needed = (count + newKeys.rows) * width
    if needed > keys.count {
      keys = grown(keys, to: max(needed, 2 * keys.count))
      values = grown(values, to: max(needed, 2 * values.count))
    }
    newKeys.withValues { copy($0, into: keys) }
    newValues.withValues { copy($0, into: values) }
    count += newKeys.rows
  }

  mutating func drop(_ rows: Int) {
    count -= rows
    for storage in [keys, values] {
      storage.base.update(from: storage.base + rows * width, count: count * width)
    }
  }

  private func copy(_ source: UnsafeBufferPointer<Float>, into target: Storage) {
    guard let base = source.baseAddress else { return }
    (target.base + count * width).update(from: base, count: source.count)
  }

  private func grown(_ storage: Storage, to size: Int) -> Storage {
    let larger = Storage(count: size)
    larger.base.update(from: storage.base, count: count * width)
    return larger
  }
}
