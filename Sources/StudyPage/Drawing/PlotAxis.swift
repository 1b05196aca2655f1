import Foundation
import Reports

/// An axis of a figure: where a number lies, and which numbers its ticks stand at.
struct PlotAxis {
  /// The spacing of numbers.
  enum Kind {
    /// Evenly.
    case linear
    /// By their logarithms; only numbers above zero have a place.
    case logarithmic
  }

  /// The spacing of its numbers.
  let kind: Kind
  /// The least number shown.
  let low: Double
  /// The greatest number shown.
  let high: Double
  private let start: Double
  private let end: Double

  /// An axis from the place of its least number to that of its greatest.
  ///
  /// An axis of nothing, or of one number, is still one: it gets some room on both sides.
  init(_ kind: Kind = .linear, low: Double, high: Double, from start: Double, to end: Double) {
    self.kind = kind
    self.start = start
    self.end = end
    let isKnown = low.isFinite && high.isFinite && low <= high && (kind == .linear || low > 0)
    let (least, most) = isKnown ? (low, high) : (kind == .linear ? 0 : 1, kind == .linear ? 1 : 10)
    switch kind {
    case .linear:
      // Rounding alone would tell apart numbers that are nearer than this.
      let room = most - least > 1e-9 * max(abs(least), 1e-9) ? 0 : max(abs(least) * 0.1, 1e-9)
      self.low = least - room
      self.high = most + room
    case .logarithmic:
      let isWide = most > least * 1.001
      self.low = isWide ? least : least / 2
      self.high = isWide ? most : most * 2
    }
  }

  /// The position of a number; the ends of the axis do not hold it back.
  func place(_ value: Double) -> Double { start + share(value) * (end - start) }

  /// Round numbers on the axis, about as many as asked for.
  func ticks(_ count: Int) -> [Double] {
    kind == .linear ? linearTicks(count) : logarithmicTicks(count)
  }

  /// The ticks' labels, all with the same decimals.
  static func labels(_ ticks: [Double]) -> [String] {
    guard let greatest = ticks.map(abs).max(), greatest > 0 else { return ticks.map { _ in "0" } }
    if greatest < 0.001 { return ticks.map(Numbers.scientific) }
    if greatest >= 10_000 { return ticks.map { Numbers.minus(Figures.count($0)) } }
    let places = (0...4).first { places in ticks.allSatisfy { isWhole($0, places: places) } } ?? 4
    return ticks.map { Numbers.decimal($0, places: places) }
  }

  private func share(_ value: Double) -> Double {
    switch kind {
    case .linear: (value - low) / (high - low)
    case .logarithmic: log(max(value, .leastNormalMagnitude) / low) / log(high / low)
    }
  }

  private func linearTicks(_ count: Int) -> [Double] {
    let rough = (high - low) / Double(max(count, 1))
    let power = pow(10, log10(rough).rounded(.down))
    let step = [1, 2, 5, 10].map { $0 * power }.first { $0 >= rough * 0.85 } ?? 10 * power
    let (first, last) = ((low / step - 1e-6).rounded(.up), (high / step + 1e-6).rounded(.down))
    guard first <= last, last - first < 100 else { return [] }
    return stride(from: first, through: last, by: 1).map { $0 * step }
  }

  private func logarithmicTicks(_ count: Int) -> [Double] {
    let powers = Int(log10(low).rounded(.down))...Int(log10(high).rounded(.up))
    let inside = [[1.0, 2, 5], [1, 3], [1]].map { factors in
      powers.flatMap { power in factors.map { $0 * pow(10, Double(power)) } }
        .filter { (low * 0.999...high * 1.001).contains($0) }
    }
    return inside.first { $0.count <= count } ?? thinned(inside[2], to: count)
  }

  private func thinned(_ ticks: [Double], to count: Int) -> [Double] {
    let step = (ticks.count + count - 1) / max(count, 1)
    return ticks.enumerated().filter { $0.offset % step == 0 }.map(\.element)
  }

  private static func isWhole(_ value: Double, places: Int) -> Bool {
    let scaled = value * pow(10, Double(places))
    return abs(scaled - scaled.rounded()) < 1e-6 * max(abs(scaled), 1)
  }
}
