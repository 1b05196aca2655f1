extension CodecKind {
  /// Float16 log-probabilities of the whole vocabulary, for evaluation.
  public static let dense = CodecKind(
    rawValue: "dense", isSparse: false, exactAbove: { _ in 0 },
    grid: { _ in .arcsine(levels: ValueGrid.arcsineLevels) },
    // Arrays that double as they grow, and the frame.
    rowBytes: { 64 + $1 * 6 })
}

extension CacheCodec {
  /// Float16 log-probabilities of the whole vocabulary, for evaluation.
  public static func dense(temperature: Double) -> CacheCodec {
    CacheCodec(.dense, temperature: temperature)
  }
}
