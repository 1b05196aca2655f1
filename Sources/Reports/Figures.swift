import Foundation

/// Numbers as people read them.
public enum Figures {
  /// A number with a fixed count of decimals, without a sign where they are all zero; what is not
  /// finite in words.
  package static func decimal(_ value: Double, places: Int = 3) -> String {
    guard value.isFinite else { return value.isNaN ? "nan" : value < 0 ? "-inf" : "inf" }
    let text = String(format: "%.\(places)f", value)
    return text.hasPrefix("-") && !text.contains { ("1"..."9").contains($0) }
      ? String(text.dropFirst()) : text
  }

  /// A count with three significant digits and an SI prefix: `134 M`.
  public static func count(_ value: Double) -> String {
    let (scaled, prefix) = scale(value)
    return significant(scaled) + (prefix.isEmpty ? "" : " " + prefix)
  }

  /// A count with three significant digits and an SI prefix: `134 M`.
  public static func count(_ value: Int) -> String { count(Double(value)) }

  /// A size in decimal bytes: `1.53 GB`.
  public static func bytes(_ value: Int) -> String {
    let (scaled, prefix) = scale(Double(value))
    return significant(scaled) + " " + prefix + "B"
  }

  /// A time: `0.42 s`, `1 min 05 s`, `2 h 03 min`, `3 d 04 h`.
  package static func duration(seconds: Double) -> String {
    guard seconds.isFinite, seconds >= 0, seconds < 1e9 else { return "?" }
    if seconds < 59.95 { return significant(seconds) + " s" }
    let whole = Int(seconds.rounded())
    let (days, hours, minutes) = (whole / 86_400, whole / 3_600 % 24, whole / 60 % 60)
    if days > 0 { return "\(days) d \(twoDigits(hours)) h" }
    if hours > 0 { return "\(hours) h \(twoDigits(minutes)) min" }
    return "\(minutes) min \(twoDigits(whole % 60)) s"
  }

  /// A share as a percentage: `26.8 %`.
  package static func percent(_ share: Double) -> String {
    decimal(share * 100, places: 1) + " %"
  }

  /// Up to three significant digits, without an exponent from 0.001 up.
  package static func significant(_ value: Double) -> String {
    let size = abs(value)
    guard size.isFinite, size == 0 || size >= 0.0005 else { return String(format: "%.2e", value) }
    switch size {
    case ..<0.0995: return trimmed(value, places: size < 0.00995 ? 4 : 3)
    case ..<9.995: return trimmed(value, places: 2)
    case ..<99.95: return trimmed(value, places: 1)
    default: return decimal(value, places: 0)
    }
  }

  /// A number with at most a count of decimals, the last of them not zero.
  private static func trimmed(_ value: Double, places: Int) -> String {
    var text = decimal(value, places: places)
    while text.last == "0" { text.removeLast() }
    if text.last == "." { text.removeLast() }
    return text
  }

  private static func scale(_ value: Double) -> (scaled: Double, prefix: String) {
    var (scaled, prefixes) = (value, ["", "k", "M", "G", "T", "P", "E"][...])
    // 999.5 would be written as 1000.
    while abs(scaled) >= 999.5, prefixes.count > 1 {
      scaled /= 1000
      prefixes.removeFirst()
    }
    return (scaled, prefixes.first ?? "")
  }

  private static func twoDigits(_ value: Int) -> String { value < 10 ? "0\(value)" : "\(value)" }
}
