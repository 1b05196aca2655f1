/// The budget of a threshold capture for which τ is not given but found.
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
