import Foundation

/// The JSON files of a cache: keys sorted, so that equal contents are equal bytes.
enum CacheJSON {
  private struct Version: Decodable {
    let formatVersion: Int

    enum CodingKeys: String, CodingKey { case formatVersion = "format_version" }
  }

  /// The bytes of a value, with a line break at the end.
  static func encode(_ value: some Encodable) throws(ShardError) -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
    do { return Array(try encoder.encode(value)) + [0x0A] } catch {
      throw .invalidSetting(name: "manifest", reason: "it cannot be JSON: \(reason(error))")
    }
  }

  /// Reads a file that states the version of its format.
  static func decode<T: Decodable>(
    _: T.Type, _ bytes: [UInt8], path: String
  ) throws(ShardError) -> T {
    let data = Data(bytes)
    let version: Version
    do { version = try JSONDecoder().decode(Version.self, from: data) } catch {
      throw .corrupt(path: path, reason: reason(error))
    }
    guard CacheManifest.formatVersions.contains(version.formatVersion) else {
      throw .unsupportedVersion(path: path, version: version.formatVersion)
    }
    do { return try JSONDecoder().decode(T.self, from: data) } catch {
      throw .corrupt(path: path, reason: reason(error))
    }
  }

  /// The first key in which two values differ, as `a.b`, with what each holds.
  static func firstDifference(
    _ found: some Encodable, _ expected: some Encodable
  ) throws(ShardError) -> (key: String, found: String, expected: String)? {
    let (found, expected) = (try flat(found), try flat(expected))
    for key in Set(found.keys).union(expected.keys).sorted() where found[key] != expected[key] {
      return (key, found[key] ?? "nothing", expected[key] ?? "nothing")
    }
    return nil
  }

  private static func flat(_ value: some Encodable) throws(ShardError) -> [String: String] {
    let object = try? JSONSerialization.jsonObject(with: Data(encode(value)))
    var leaves: [String: String] = [:]
    flatten(object as? [String: Any] ?? [:], prefix: "", into: &leaves)
    return leaves
  }

  private static func flatten(
    _ object: [String: Any], prefix: String, into leaves: inout [String: String]
  ) {
    for (key, value) in object {
      if let nested = value as? [String: Any] {
        flatten(nested, prefix: prefix + key + ".", into: &leaves)
      } else {
        leaves[prefix + key] = "\(value)"
      }
    }
  }

  /// One line about a decoding error.
  private static func reason(_ error: any Error) -> String {
    switch error as? DecodingError {
    case .keyNotFound(let key, _): "the key \(key.stringValue) is missing"
    case .typeMismatch(_, let context), .valueNotFound(_, let context):
      "the key \(context.codingPath.map(\.stringValue).joined(separator: ".")) is of another type"
    case .dataCorrupted(let context) where !context.codingPath.isEmpty: context.debugDescription
    default: "it is no valid JSON of a cache"
    }
  }
}
