import Foundation

/// A result as one JSON object for other programs.
public enum JSONOutput {
  /// The placeholder of null until the text is there; no text of ours holds this noncharacter.
  private static let noNumber = "\u{FFFF}"

  /// One line of JSON with sorted snake-case keys; numbers that JSON lacks become null.
  public static func line(_ value: some Encodable) throws -> String {
    let encoder = JSONEncoder()
    encoder.keyEncodingStrategy = .convertToSnakeCase
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: noNumber, negativeInfinity: noNumber, nan: noNumber)
    return String(decoding: try encoder.encode(value), as: UTF8.self)
      .replacingOccurrences(of: "\"\(noNumber)\"", with: "null")
  }
}
