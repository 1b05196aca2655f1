import Foundation
import Reports

/// Numbers as a printed page sets them, with a real minus sign.
enum Numbers {
  /// A number with a fixed count of decimals.
  static func decimal(_ value: Double, places: Int = 3) -> String {
    minus(Figures.decimal(value, places: places))
  }

  /// A difference, always with its sign.
  static func signed(_ value: Double, places: Int = 3) -> String {
    let text = decimal(value, places: places)
    return value > 0 && text.contains { $0.isNumber && $0 != "0" } ? "+" + text : text
  }

  /// A number and its margin: `3.214 ± 0.006`.
  static func spread(_ value: Double, _ margin: Double?, places: Int = 3) -> String {
    let text = decimal(value, places: places)
    return margin.map { text + " ± " + decimal($0, places: places) } ?? text
  }

  /// A p-value; one that a thousandth cannot show is said to lie below it.
  static func probability(_ p: Double) -> String {
    p < 0.001 ? "< 0.001" : decimal(p, places: 3)
  }

  /// A small number with its power of ten: `3·10⁻⁵`.
  static func scientific(_ value: Double) -> String {
    guard value != 0, value.isFinite else { return decimal(value, places: 0) }
    let power = Int(log10(abs(value) * 1.000_001).rounded(.down))
    let digits = Figures.significant(value / pow(10, Double(power)))
    let raised = "\(power)".compactMap { superscripts[$0] }
    return minus(digits) + "·10" + String(raised)
  }

  /// The text with hyphens as minus signs.
  static func minus(_ text: String) -> String { text.replacing("-", with: "\u{2212}") }

  private static let superscripts: [Character: Character] = [
    "-": "⁻", "0": "⁰", "1": "¹", "2": "²", "3": "³", "4": "⁴", "5": "⁵", "6": "⁶", "7": "⁷",
    "8": "⁸", "9": "⁹",
  ]
}
