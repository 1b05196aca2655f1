package import Foundation

extension CaptureConfig {
  /// The τ that a capture of this budget and of otherwise the same settings was begun with in a
  /// folder; nil where nothing or something else is there.
  package func thresholdFound(in url: URL) throws(ShardError) -> Double? {
    for stored in try CacheDirectory(url).captures() {
      guard let threshold = stored.codec.threshold else { continue }
      var wanted = self
      (wanted.codec, wanted.tablesSHA256) = (stored.codec, stored.tablesSHA256)
      if try stored.firstDifference(from: wanted) == nil { return threshold }
    }
    return nil
  }
}
