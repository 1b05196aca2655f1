/// The span of keys that a layer's queries see.
package enum AttentionSpan: Sendable, Hashable {
  /// From the beginning of the text.
  case full
  /// From the beginning of the chunk that the query is in, of so many tokens.
  case chunk(Int)
  /// The last so many tokens, the query's own included.
  case window(Int)

  /// The first position that a query at a position sees.
  func firstKey(of position: Int) -> Int {
    switch self {
    case .full: 0
    case .chunk(let size): position / size * size
    case .window(let size): max(0, position - size + 1)
    }
  }

  /// The most keys that a query sees; nil where there is no bound.
  package var mostKeys: Int? {
    switch self {
    case .full: nil
    case .chunk(let size), .window(let size): size
    }
  }

  /// The mean number of keys that a query sees in a text of this length, itself included.
  func meanKeys(context: Int) -> Double {
    let context = Double(context)
    let most = min(mostKeys.map(Double.init) ?? context, context)
    let first = most * (most + 1) / 2
    guard case .window = self else {
      let whole = (context / most).rounded(.down)
      let rest = context - whole * most
      return (whole * most * (most + 1) + rest * (rest + 1)) / 2 / max(context, 1)
    }
    return (first + (context - most) * most) / max(context, 1)
  }
}

extension DecoderConfig {
  /// The span of keys that a layer's queries see.
  package func span(ofLayer layer: Int) -> AttentionSpan {
    if let size = attentionChunkSize, chunkedLayers[layer] { return .chunk(size) }
    if let size = slidingWindow, slidingLayers[layer] { return .window(size) }
    return .full
  }
}
