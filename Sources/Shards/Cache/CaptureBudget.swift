public import Foundation

/// What a user allowed a threshold capture, where τ was not given but found.
public enum CaptureBudget: Sendable, Equatable {
  /// Stored entries a position, in expectation.
  case entriesPerToken(Double)
  /// Bytes of all files a position, as predicted.
  case bytesPerToken(Double)
}

extension CaptureBudget: Codable {
  private enum CodingKeys: String, CodingKey {
    case entriesPerToken = "entries_per_token"
    case bytesPerToken = "bytes_per_token"
  }

  /// Reads the object that `encode(to:)` writes.
  public init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    if let entries = try values.decodeIfPresent(Double.self, forKey: .entriesPerToken) {
      self = .entriesPerToken(entries)
    } else {
      self = .bytesPerToken(try values.decode(Double.self, forKey: .bytesPerToken))
    }
  }

  /// Writes `{"entries_per_token": …}` or `{"bytes_per_token": …}`.
  public func encode(to encoder: any Encoder) throws {
    var values = encoder.container(keyedBy: CodingKeys.self)
    switch self {
    case .entriesPerToken(let entries): try values.encode(entries, forKey: .entriesPerToken)
    case .bytesPerToken(let bytes): try values.encode(bytes, forKey: .bytesPerToken)
    }
  }
}

extension CaptureConfig {
  /// The τ that a capture of this budget and of otherwise the same settings was begun with in a
  /// folder; nil where nothing or something else is there.
  public func thresholdFound(in url: URL) throws(ShardError) -> Double? {
    let directory = CacheDirectory(url)
    for name in [CacheDirectory.manifest, CacheDirectory.capture] where directory.exists(name) {
      let bytes = try directory.read(name)
      guard var found = try? CacheJSON.decode(CaptureFile.self, bytes, path: name).capture,
        let threshold = found.codec.threshold
      else { continue }
      (found.codec, found.tablesSHA256) = (codec, tablesSHA256)
      if found == self { return threshold }
    }
    return nil
  }
}
