import Reports

extension StudyPage {
  /// The training loss of every run, a panel for each arm.
  var training: String {
    let series = figures.curves(\.loss)
    guard !series.isEmpty else { return "" }
    let axes = CurvePanel.Axes(series, fitsFrom: 0.25)
    let panels = series.enumerated().map { number, curve in
      panel(
        "training-\(number)", [curve.label],
        CurvePanel(
          title: "Training loss of \(curve.label)", description: summary(curve), axes: axes,
          series: [curve]), context: "training-others")
    }
    return lead(
      "What was minimised, at the same scale everywhere: the mean over the seeds, the range of the "
        + "seeds and the single runs in colour, the means of the other arms faint behind. Objectives "
        + "differ between arms, so only the held-out loss compares them.")
      + CurvePanel.context(id: "training-others", series, axes) + grid(panels)
  }

  /// The held-out loss of all arms over the steps.
  var heldOut: String {
    figures.heldOut.map {
      figure(
        "held-out", $0,
        "Means over the seeds; the bands span the seeds. What lies above the axis at the "
          + "start is cut off.")
    } ?? ""
  }

  /// The loss by position.
  var positions: String {
    let whole = figures.positions.map {
      figure(
        "positions", $0,
        "Means over the seeds. A model that uses long contexts keeps falling to the right.")
    }
    let lag = figures.positionLag.map {
      figure("position-lag", $0, "Where an arm loses: at the first positions or at the last.")
    }
    return (whole ?? "") + (lag ?? "")
  }

  /// The weights of the losses and the learning rate over the steps.
  var weights: String {
    let soft = figures.curves(\.softWeight)
    let hard = figures.curves(\.hardWeight)
    let axes = CurvePanel.Axes(soft + hard, includes: [0])
    let panels = figures.arms.enumerated().compactMap { number, arm -> String? in
      let series = [soft, hard].compactMap { all in all.first { $0.label == arm } }
      guard !series.isEmpty else { return nil }
      let isHardAlone = !soft.contains { $0.label == arm }
      return panel(
        "weights-\(number)", [arm],
        CurvePanel(
          title: "Weights of \(arm)", description: series.map(summary).joined(separator: " "),
          axes: axes, series: series, showsRuns: false, dashesFrom: isHardAlone ? 0 : 1))
    }
    let weights =
      panels.isEmpty
      ? ""
      : lead("Logged as applied. Solid: the soft loss, against the teacher. Dashed: the hard loss.")
        + grid(panels)
    return weights + learningRates
  }

  private var learningRates: String {
    let series = figures.curves(\.learningRate)
    guard !series.isEmpty else { return "" }
    let axes = CurvePanel.Axes(series, includes: [0])
    var groups: [[LineSeries]] = []
    for curve in series {
      if let same = groups.firstIndex(where: { $0[0].mean == curve.mean }) {
        groups[same].append(curve)
      } else {
        groups.append([curve])
      }
    }
    let panels = groups.enumerated().map { number, group in
      let names = group.map(\.label)
      return panel(
        "rate-\(number)", names,
        CurvePanel(
          title: "Learning rate of " + names.joined(separator: ", "),
          description: summary(group[0]), axes: axes, series: [group[0]], showsRuns: false))
    }
    return "<h3>Learning rate</h3>" + lead("Arms with the same learning rates share a panel.")
      + grid(panels)
  }

  /// A figure at three widths, of which the page shows the one that fits, and a legend where the
  /// smallest has no room for labels.
  func figure(_ id: String, _ plot: LinePlot, _ caption: String) -> String {
    let names = plot.series.map { "<li>\(Self.name($0.label, $0.style))</li>" }
    let legend = Markup.element(
      "ul", ["class": "legend small", "aria-label": "Legend"], names.joined())
    return figure(
      plot.title,
      [
        plot.canvas(id: id + "-l", width: 1080).inline("large"),
        plot.canvas(id: id + "-m", width: 720).inline("medium"),
        plot.canvas(id: id + "-s", width: 340).inline("small"), legend,
      ], caption)
  }

  /// A figure at two widths.
  func figure(_ id: String, _ plot: DotPlot, _ caption: String) -> String {
    figure(
      plot.title,
      [
        plot.canvas(id: id + "-l", width: 520).inline("roomy"),
        plot.canvas(id: id + "-s", width: 340, labelsAreAbove: true).inline("small"),
      ], caption)
  }

  /// Small figures side by side.
  func grid(_ panels: [String]) -> String {
    Markup.element("div", ["class": "panels"], panels.joined())
  }

  /// The paragraph that explains some figures.
  func lead(_ text: String) -> String {
    Markup.element("p", ["class": "lead"], Markup.escape(text))
  }

  private func figure(_ title: String, _ variants: [String], _ caption: String) -> String {
    let caption = Markup.element(
      "figcaption", [:], "<b>\(Markup.escape(title)).</b> " + Markup.escape(caption))
    return Markup.element("figure", [:], variants.joined() + caption)
  }

  private func panel(
    _ id: String, _ names: [String], _ panel: CurvePanel, context: String? = nil
  ) -> String {
    let marks = names.map { Self.name($0, figures.style(of: $0)) }.joined(separator: " ")
    return Markup.element(
      "figure", ["class": "panel"],
      Markup.element("figcaption", [:], marks)
        + panel.canvas(id: id, context: context).inline())
  }

  private func summary(_ curve: LineSeries) -> String {
    guard let first = curve.mean.first, let last = curve.mean.last else { return "No common step." }
    let runs = curve.runCount
    return "\(runs) run\(runs == 1 ? "" : "s"); mean \(Figures.significant(first.y)) at step "
      + "\(Int(first.x)), \(Figures.significant(last.y)) at step \(Int(last.x))."
  }
}
