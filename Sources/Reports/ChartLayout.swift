import Foundation

/// A rectangle, y downwards.
package struct Box {
  /// The coordinates of its sides.
  package var left, top, right, bottom: Double

  /// A box by its sides.
  package init(left: Double, top: Double, right: Double, bottom: Double) {
    self.left = left
    self.top = top
    self.right = right
    self.bottom = bottom
  }

  func overlap(_ other: Box) -> Double {
    let width = min(right, other.right) - max(left, other.left)
    let height = min(bottom, other.bottom) - max(top, other.top)
    return width > 0 && height > 0 ? width * height : 0
  }

  func contains(_ other: Box) -> Bool {
    other.left >= left && other.right <= right && other.top >= top && other.bottom <= bottom
  }
}

/// A logarithmic axis over some numbers, with a little room at both ends.
struct LogAxis {
  private let low: Double
  private let high: Double
  private let start: Double
  private let end: Double

  /// An axis between two places of the picture; without numbers it shows 1 to 10.
  init(_ values: [Double], from start: Double, to end: Double) {
    let logs = values.map { log10($0) }
    let (least, most) = (logs.min() ?? 0, logs.max() ?? 1)
    let room = max(0.06 * (most - least), 0.08)
    low = least - room
    high = most + room
    self.start = start
    self.end = end
  }

  /// The position of a number along the axis.
  func place(_ value: Double) -> Double {
    start + (log10(value) - low) / (high - low) * (end - start)
  }

  /// 1, 2 and 5 times the powers of ten that lie on the axis, or only the powers where many do.
  var ticks: [Double] {
    let powers = Int(low.rounded(.down))...Int(high.rounded(.up))
    let steps: [Double] = high - low > 4 ? [1] : [1, 2, 5]
    return powers.flatMap { power in steps.map { $0 * pow(10, Double(power)) } }
      .filter { (low...high).contains(log10($0)) }
  }
}

/// Finds places for labels beside their points, greedily: each where it covers the least.
struct LabelPlaces {
  private let inside: Box
  private var taken: [Box]

  /// Places inside a box, away from some points.
  init(inside: Box, avoiding points: [(Double, Double)]) {
    self.inside = inside
    taken = points.map { Box(left: $0 - 5, top: $1 - 5, right: $0 + 5, bottom: $1 + 5) }
  }

  /// Takes a place for a label and returns where its text begins, on its base line.
  mutating func put(_ label: String, beside point: (Double, Double)) -> (x: Double, y: Double) {
    let width = 6.1 * Double(label.count)
    let (x, y) = point
    let candidates = [
      (x + 9, y + 4), (x - 9 - width, y + 4), (x - width / 2, y - 10), (x - width / 2, y + 18),
      (x + 7, y - 8), (x + 7, y + 16), (x - 7 - width, y - 8), (x - 7 - width, y + 16),
      (x + 12, y - 20), (x + 12, y + 28), (x - 12 - width, y - 20), (x - 12 - width, y + 28),
    ]
    let boxes = candidates.map { left, base in
      Box(left: left - 1, top: base - 10, right: left + width + 1, bottom: base + 3)
    }
    let costs = boxes.enumerated().map { order, box in
      taken.reduce(Double(order)) { $0 + $1.overlap(box) } + (inside.contains(box) ? 0 : 1000)
    }
    let best = costs.indices.min { costs[$0] < costs[$1] } ?? 0
    taken.append(boxes[best])
    return (x: candidates[best].0, y: candidates[best].1)
  }
}

/// The colours of charts, for light pages and for dark ones.
enum ChartStyle {
  // Okabe and Ito's palette, which people of every colour vision can tell apart; black, and on
  // dark pages white, stands for what matters most.
  private static let light = [
    "#0b5cad", "#d55e00", "#007a5e", "#a3438b", "#8a6d00", "#3b3b3b", "#a11d33", "#4d7d8c",
  ]
  private static let dark = [
    "#6cb6ff", "#ff9d4d", "#3fd0a4", "#e39ad0", "#f0d24a", "#d0d0d0", "#ff7d8e", "#9bd0e0",
  ]

  /// The style sheet: plain values, because not every renderer knows variables.
  static var css: String {
    """
    text{font-family:system-ui,"Segoe UI",Helvetica,Arial,sans-serif;font-size:12px;fill:#24292f}
    .title{font-size:16px;font-weight:600}.axis{font-size:13px}.label{font-size:11px}
    .tick{font-size:11px;fill:#57606a}.middle{text-anchor:middle}.end{text-anchor:end}
    .page{fill:#ffffff}.grid{stroke:#d8dee4;stroke-width:1}
    .line{fill:none;stroke-width:2}.mark{stroke:#ffffff;stroke-width:1}
    \(colors(light))
    @media (prefers-color-scheme:dark){
    text{fill:#e6edf3}.tick{fill:#9198a1}.page{fill:#0d1117}.grid{stroke:#30363d}
    .mark{stroke:#0d1117}
    \(colors(dark))
    }
    """
  }

  private static func colors(_ palette: [String]) -> String {
    palette.enumerated().map { ".s\($0){stroke:\($1)}.f\($0){fill:\($1)}" }.joined()
  }
}
