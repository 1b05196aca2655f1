import Measuring
import Studies
import Training

/// The figures of a study, each arm drawn the same way in all of them.
struct StudyFigures {
  /// The study.
  let study: Study
  /// The arms' names: the ranked ones, best first, then those that appear elsewhere.
  let arms: [String]
  private let styles: [String: ArmStyle]

  /// The figures of a study on another text, each arm drawn as it is in these.
  init(_ study: Study, like other: StudyFigures) {
    self.study = study
    arms = other.arms
    styles = other.styles
  }

  /// The figures of a study.
  init(_ study: Study) {
    self.study = study
    var names: [String] = []
    var known: Set<String> = []
    let mentioned =
      study.ranking.map(\.name) + study.runs.map(\.arm)
      + study.positions.map(\.arm) + study.stopped.map(\.name)
    for name in mentioned where known.insert(name).inserted { names.append(name) }
    arms = names
    styles = Dictionary(
      uniqueKeysWithValues: names.enumerated().map { ($0.element, ArmStyle($0.offset)) })
  }

  /// The style of an arm.
  func style(of arm: String) -> ArmStyle { styles[arm] ?? .teacher }

  /// The held-out loss of every arm; the arms' singles are their seeds.
  var ranking: DotPlot {
    let teacher = study.teacher.map {
      DotPlot.Reference(label: "teacher " + Numbers.decimal($0.report.nll), value: $0.report.nll)
    }
    let rows = study.ranking.map { row in
      DotPlot.Row(
        label: row.name, style: style(of: row.name), value: row.nll, halfWidth: row.nllHalfWidth,
        singles: row.nlls.count > 1 ? row.nlls : [], note: Numbers.decimal(row.nll))
    }
    return DotPlot(
      title: "Held-out loss of each arm", description: rankingDescription,
      axisTitle: "held-out NLL, nats a token", rows: rows,
      reference: isNear(study.teacher?.report.nll) ? teacher : nil, hasHeadroom: lag != nil)
  }

  /// The arm that the others are held against: the baseline, else the best; nil without arms.
  private var reference: String? { study.baseline ?? study.ranking.first?.name }

  /// The distance of every arm from the best or the baseline; nil without pairs of at least two
  /// arms.
  var lag: DotPlot? {
    let rows = study.ranking.compactMap { row -> DotPlot.Row? in
      // The arm itself stands in a row of its own, so that the rows are those of the ranking.
      if row.name == reference {
        let note = (study.baseline == nil ? "best" : "baseline") + "\u{A0}\u{2004}"
        return DotPlot.Row(label: row.name, style: style(of: row.name), value: 0, note: note)
      }
      return row.difference.map { difference in
        DotPlot.Row(
          label: row.name, style: style(of: row.name), value: difference,
          halfWidth: row.differenceHalfWidth,
          note: Numbers.signed(difference)
            + (row.holmP.map { $0 < 0.05 ? " *" : "\u{A0}\u{2004}" } ?? ""))
      }
    }
    guard let reference, rows.count > 1 else { return nil }
    let axis =
      study.baseline.map { Self.axis(baseline: $0) } ?? "worse than the best by, nats a token"
    return DotPlot(
      title: "Difference to \(study.baseline ?? "the best arm")",
      description: "Paired differences of the held-out loss to \(reference), with 95 % intervals "
        + "over seeds and documents.",
      axisTitle: axis, rows: rows,
      reference: .init(label: "no difference", value: 0))
  }

  /// The distance of every arm from the baseline on each of several texts; nil without a baseline, or
  /// with one text.
  var sets: DotPlot? {
    guard let baseline = study.baseline, !study.others.isEmpty else { return nil }
    let rows = ([study] + study.others).flatMap { study in
      study.ranking.compactMap { row in
        row.difference.map { difference in
          DotPlot.Row(
            label: "\(study.set ?? ""): \(row.name)", style: style(of: row.name),
            value: difference, halfWidth: row.differenceHalfWidth,
            note: Numbers.signed(difference))
        }
      }
    }
    guard !rows.isEmpty else { return nil }
    return DotPlot(
      title: "Difference to \(baseline) on each text",
      description: "Paired differences of the held-out loss to \(baseline): "
        + rows.map { "\($0.label) \($0.note)" }.joined(separator: ", ") + ".",
      axisTitle: Self.axis(baseline: baseline), rows: rows,
      reference: .init(label: "no difference", value: 0))
  }

  /// The title of an axis of differences to a baseline, which may be of either sign.
  private static func axis(baseline: String) -> String {
    "nats a token; left is better than \(baseline)"
  }

  /// The held-out loss of every arm over the steps.
  var heldOut: LinePlot? {
    let series = curves(\.heldOutNll).filter { $0.mean.count > 1 }
    guard !series.isEmpty else { return nil }
    return LinePlot(
      title: "Held-out loss during training",
      description: "Means over the seeds with the range of the seeds, an arm a line. "
        + ends(series), xTitle: "optimizer step", yTitle: "held-out NLL, nats a token",
      series: series, fitsFrom: 0.4)
  }

  /// The held-out loss of every arm by position, the teacher's beside it.
  var positions: LinePlot? {
    var series = arms.compactMap { arm in
      study.positions.first { $0.arm == arm }.map {
        LineSeries(label: arm, style: style(of: arm), mean: Self.points($0.bins))
      }
    }
    if let teacher = study.teacher {
      let bins = PositionBin.logarithmic(teacher.report.nllByPosition)
      series.append(LineSeries(label: teacher.name, style: .teacher, mean: Self.points(bins)))
    }
    series = series.filter { $0.mean.count > 1 }
    guard !series.isEmpty else { return nil }
    return LinePlot(
      title: "Loss by position",
      description: "Held-out loss by the number of tokens before the prediction. " + ends(series),
      xTitle: "position in the window, tokens", yTitle: "held-out NLL, nats a token",
      xKind: .logarithmic, series: series, fitsFrom: 0.3)
  }

  /// The excess loss of every arm over the best, by position.
  var positionLag: LinePlot? {
    guard let best = study.ranking.first?.name,
      let reference = study.positions.first(where: { $0.arm == best })
    else { return nil }
    let losses = Dictionary(reference.bins.map { ($0.first, $0.nll) }) { first, _ in first }
    let series = arms.filter { $0 != best }.compactMap { arm in
      study.positions.first { $0.arm == arm }.map { curve in
        let bins = curve.bins.compactMap { bin in
          losses[bin.first].map {
            PositionBin(first: bin.first, last: bin.last, nll: bin.nll - $0)
          }
        }
        return LineSeries(label: arm, style: style(of: arm), mean: Self.points(bins))
      }
    }.filter { $0.mean.count > 1 }
    guard !series.isEmpty else { return nil }
    return LinePlot(
      title: "Loss by position, against the best arm",
      description: "Held-out loss minus that of \(best), by position. " + ends(series),
      xTitle: "position in the window, tokens",
      yTitle: "NLL minus that of \(best), nats a token", xKind: .logarithmic, series: series,
      fitsFrom: 0.3, cutsBelow: true)
  }

  /// The losses within a group, in the order of the ranking, over an axis of a common length.
  func group(_ group: Study.Group) -> DotPlot {
    let rows = arms.compactMap { arm in
      group.arms.first { $0.arm == arm }.map { loss in
        DotPlot.Row(
          label: arm, style: style(of: arm), value: loss.nll, halfWidth: loss.halfWidth,
          note: Numbers.decimal(loss.nll))
      }
    }
    return DotPlot(
      title: "Held-out loss: \(group.name)",
      description: "Held-out loss of each arm on \(study.groupKey) \(group.name). "
        + rows.map { "\($0.label) \($0.note)" }.joined(separator: ", ") + ".",
      axisTitle: "held-out NLL, nats a token", rows: rows, shown: span(of: group))
  }

  /// The curves of a logged number, an arm each, in the order of the arms.
  func curves(_ quantity: KeyPath<MetricsRecord, Double?>) -> [LineSeries] {
    arms.map { arm in
      let runs = study.runs.filter { $0.arm == arm }.map { run in
        run.records.compactMap { record in
          record[keyPath: quantity].map { CurvePoint(x: Double(record.step), y: $0) }
        }
      }
      return LineSeries(label: arm, style: style(of: arm), runs: runs)
    }.filter { !$0.isEmpty }
  }

  private var rankingDescription: String {
    "Mean held-out loss with 95 % intervals over seeds and documents, the best first. "
      + study.ranking.map { "\($0.name) \(Numbers.spread($0.nll, $0.nllHalfWidth))" }
      .joined(separator: ", ") + "."
  }

  /// Whether a number lies so near the arms that an axis with both still tells these apart.
  private func isNear(_ value: Double?) -> Bool {
    let losses = study.ranking.map(\.nll).filter(\.isFinite)
    guard let value, let low = losses.min(), let high = losses.max() else { return false }
    let reach = max(high - low, 1e-6)
    return value > low - reach && value < high + reach
  }

  /// The range around a group's middle that is as long as that of the group with the most.
  private func span(of group: Study.Group) -> ClosedRange<Double>? {
    let longest = study.groups.compactMap { Self.range($0) }.map { $0.upperBound - $0.lowerBound }
    guard let own = Self.range(group), let length = longest.max() else { return nil }
    let middle = (own.lowerBound + own.upperBound) / 2
    return middle - length / 2...middle + length / 2
  }

  private static func range(_ group: Study.Group) -> ClosedRange<Double>? {
    let ends = group.arms.flatMap { [$0.nll - ($0.halfWidth ?? 0), $0.nll + ($0.halfWidth ?? 0)] }
      .filter(\.isFinite)
    guard let low = ends.min(), let high = ends.max() else { return nil }
    return low...high
  }

  private func ends(_ series: [LineSeries]) -> String {
    let ends = series.compactMap { series in
      series.mean.last.map { "\(series.label) \(Numbers.decimal($0.y))" }
    }
    return "At the end: " + ends.joined(separator: ", ") + "."
  }

  /// A bin stands at the geometric mean of its ends.
  private static func points(_ bins: [PositionBin]) -> [CurvePoint] {
    bins.filter { $0.nll.isFinite && $0.first > 0 && $0.last >= $0.first }
      .map { CurvePoint(x: (Double($0.first) * Double($0.last)).squareRoot(), y: $0.nll) }
  }
}

/// A study's figures as files of their own: SVG with a page behind them, light or dark as the
/// reader's, and without anything that a README may not hold.
package struct StudyPictures {
  private let figures: StudyFigures
  private static let width = 760.0

  /// The pictures of a study.
  package init(_ study: Study) { figures = StudyFigures(study) }

  /// The held-out loss of each arm with its interval, the best first.
  package var ranking: String {
    figures.ranking.canvas(id: "ranking", width: Self.width, heading: true).file
  }

  /// The distance of each arm from the baseline on each of several texts; nil without these.
  package var sets: String? {
    figures.sets?.canvas(id: "sets", width: Self.width, heading: true).file
  }

  /// The held-out loss of each arm over the steps; nil where it was not logged.
  package var heldOut: String? {
    figures.heldOut?.canvas(id: "held-out", width: Self.width, heading: true).file
  }

  /// The held-out loss of each arm by position; nil where it was not measured.
  package var positions: String? {
    figures.positions?.canvas(id: "positions", width: Self.width, heading: true).file
  }
}
