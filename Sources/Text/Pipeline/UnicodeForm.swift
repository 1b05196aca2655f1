import Foundation
// Foundation on Linux orders combining marks by an old Unicode version (U+0F73 and U+10F46 come out
// wrong); the standard library's own normaliser is current, and has no public name yet.
@_spi(_Unicode) import Swift

/// The Unicode normalisation forms (UAX 15).
enum UnicodeForm: String, Sendable, CaseIterable {
  case composed = "NFC"
  case decomposed = "NFD"
  case compatibilityComposed = "NFKC"
  case compatibilityDecomposed = "NFKD"

  /// The version of Unicode by which `tokenizers` 0.23.3 normalises; a part of the fingerprint of
  /// every tokenizer that does.
  static let unicodeVersion = "9.0.0"

  /// The text in this form, by ``unicodeVersion`` on any machine.
  ///
  /// Characters assigned later, or not yet, begin anew and stay as they are, as characters without
  /// properties do. Those assigned by then never change (UAX 15, stability).
  func apply(to text: String) -> String {
    let scalars = text.unicodeScalars
    guard scalars.contains(where: { $0.value >= firstAffected }) else { return text }
    guard scalars.contains(where: Self.isUnknown) else { return normalised(text) }
    var (output, known) = ("", String.UnicodeScalarView())
    for scalar in scalars {
      guard Self.isUnknown(scalar) else {
        known.append(scalar)
        continue
      }
      output += normalised(String(known))
      output.unicodeScalars.append(scalar)
      known.removeAll(keepingCapacity: true)
    }
    return output + normalised(String(known))
  }

  /// Whether Unicode 9.0 had not assigned it.
  private static func isUnknown(_ scalar: Unicode.Scalar) -> Bool {
    guard scalar.value >= firstUnassigned else { return false }
    guard let age = scalar.properties.age else { return true }
    return (age.major, age.minor) > (9, 0)
  }

  /// Every scalar below has been assigned from the first: most text is over with one comparison.
  private static let firstUnassigned: UInt32 = 0x378

  /// By the Unicode of the Swift library.
  private func normalised(_ text: String) -> String {
    let text = Self.expandingDoubleMarks(text)
    return switch self {
    case .composed: Self.string(text._nfc)
    case .decomposed: Self.string(text._nfd)
    case .compatibilityComposed: Self.string(text.decomposedStringWithCompatibilityMapping._nfc)
    case .compatibilityDecomposed: Self.string(text.decomposedStringWithCompatibilityMapping._nfd)
    }
  }

  /// The first scalar that the form may change: most text has none and is left as it is.
  private var firstAffected: UInt32 {
    switch self {
    case .composed: 0x300
    case .decomposed: 0xC0
    case .compatibilityComposed, .compatibilityDecomposed: 0xA0
    }
  }

  /// The marks that decompose into two: both libraries expand them and then do not reorder.
  private static let doubleMarks: [Unicode.Scalar: [Unicode.Scalar]] = [
    "\u{344}": ["\u{308}", "\u{301}"], "\u{F73}": ["\u{F71}", "\u{F72}"],
    "\u{F75}": ["\u{F71}", "\u{F74}"], "\u{F81}": ["\u{F71}", "\u{F80}"],
  ]

  private static func expandingDoubleMarks(_ text: String) -> String {
    guard text.unicodeScalars.contains(where: { doubleMarks[$0] != nil }) else { return text }
    return string(text.unicodeScalars.flatMap { doubleMarks[$0] ?? [$0] })
  }

  private static func string(_ scalars: some Sequence<Unicode.Scalar>) -> String {
    var text = String.UnicodeScalarView()
    text.append(contentsOf: scalars)
    return String(text)
  }
}
