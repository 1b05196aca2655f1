import Measuring
import Reports
import Studies
import Training

extension StudyReport {
  /// The headline and the gain, of several texts on each; a capital letter begins it unless an arm's
  /// name does.
  var conclusion: String {
    guard !others.isEmpty else { return finding }
    let all = [(name: result.sets[0], report: self)] + others
    return all.map { "On \($0.name): \($0.report.finding)" }.joined(separator: " ")
  }

  private var finding: String {
    let gain = gain.map { $0.sentence + "." }
    // Beside a baseline the headline is of it, too: where it is not about all, the gain says more.
    let parts = ranking.baseline == nil ? [capitalized(ranking.headline), gain] : [gain]
    let told = parts.compactMap { $0 }.filter { !$0.isEmpty }
    return told.isEmpty ? capitalized(ranking.headline) : told.joined(separator: " ")
  }

  private func capitalized(_ text: String) -> String {
    arms.contains { text.hasPrefix($0.name) } ? text : text.capitalizedFirst
  }

  /// The facts that a reader needs to weigh the result.
  var notes: [String] {
    var notes = ranking.statement == ranking.headline ? [] : [capitalized(ranking.statement)]
    let counts = arms.map(\.seeds.count)
    if let fewest = counts.min(), let most = counts.max(), fewest < Ranking.fewestSeedsOfAClaim {
      let seeds =
        fewest == most
        ? (most == 1 ? "one seed each" : "\(most) seeds each") : "\(fewest) to \(most) seeds"
      notes.append(
        "Arms have \(seeds): what follows are "
          + "indications; a claim needs at least five.")
    }
    if result.rows.contains(where: { $0.evaluation.scoredDocuments == 1 }) {
      notes.append(
        "The held-out text is one document: nothing here tells how far another text would agree.")
    }
    if let halving = result.halving {
      notes.append(
        "Successive halving was on: after "
          + halving.shares.map(Figures.percent).joined(separator: " and ")
          + " of the steps the worst arms stopped; stopped arms are not ranked.")
    }
    if let budgetLine { notes.append(budgetLine.capitalizedFirst + ".") }
    notes += result.textNotes.map { $0.capitalizedFirst + "." }
    notes += teacherNotes.map { $0.capitalizedFirst + "." }
    if let cutShortLine { notes.append(cutShortLine.capitalizedFirst + ".") }
    if let keptLine { notes.append(keptLine.capitalizedFirst + ".") }
    if let divergedLine { notes.append(divergedLine.capitalizedFirst + ".") }
    if !arms.allSatisfy(\.sharesOrder) {
      notes.append("Some arms saw other data, or the same in another order, than the first.")
    }
    if result.rows.contains(where: { $0.evaluation.teacher?.klIsLowerBound == true }) {
      notes.append("The divergence is a lower bound: the stored targets are cut off.")
    }
    return notes
  }

  /// Remarks where the teacher predicts no better than an arm, of the text and of its groups: what it
  /// says has little to teach there.
  package var teacherNotes: [String] {
    guard let teacher = result.teacher, let best = arms.first(where: { $0.nll.isFinite }) else {
      return []
    }
    let place = result.sets.first.map { " on \($0)" } ?? ""
    guard teacher.nll < best.nll else {
      return [
        "the teacher is no better than \(best.name)\(place): NLL \(Figures.decimal(teacher.nll)) "
          + "against \(Figures.decimal(best.nll))"
      ]
    }
    let groups = teacher.groups.filter { group in
      let losses = arms.compactMap { arm in arm.groups?.first { $0.name == group.name }?.nll }
      return losses.min().map { $0 <= group.nll } ?? false
    }
    guard !groups.isEmpty else { return [] }
    let names = groups.map(\.name).joined(separator: ", ")
    return ["the teacher is no better than the best arm\(place) in \(names)"]
  }

  /// The effort that all runs had alike, and how the making of caches counts; nil where both are
  /// each run's own.
  package var budgetLine: String? {
    let parts = [effort, shares].compactMap { $0 }
    return parts.isEmpty ? nil : parts.joined(separator: "; ")
  }

  private var effort: String? {
    switch result.budget {
    case .steps(let steps): "every run makes \(steps) steps"
    case .tokens(let tokens): "every run trains on \(Figures.count(tokens)) tokens"
    case .seconds(let seconds):
      "every run takes \(Figures.duration(seconds: seconds)), caching counted"
    case nil: nil
    }
  }

  private var shares: String? {
    guard result.students > 1, result.rows.contains(where: { $0.cachingSeconds > 0 }) else {
      return nil
    }
    return "the seconds of making a cache are shared by \(result.students) students"
  }

  /// The runs that a time limit ended, or where time is what all have alike those that it did not;
  /// nil without any.
  package var cutShortLine: String? {
    if case .seconds = result.budget {
      let early = result.rows.filter { !$0.isCutShort && !$0.isStoppedEarly }.map(\.name)
      return early.isEmpty
        ? nil
        : "made all of training.steps before the time was over: "
          + "\(early.joined(separator: ", ")); raise training.steps or epochs"
    }
    let runs = result.rows.filter(\.isCutShort).map { "\($0.name) after step \($0.state.step)" }
    return runs.isEmpty
      ? nil : "ended early by training.max_seconds: \(runs.joined(separator: ", "))"
  }

  /// The runs that keep their best weights, and the steps of these; nil without any.
  package var keptLine: String? {
    let runs = result.rows.compactMap { run in
      run.state.best.map { best in
        "\(run.name) of step \(best.step)"
          + (run.isStoppedEarly ? " (stopped early after \(run.state.step))" : "")
      }
    }
    return runs.isEmpty
      ? nil : "weights kept by evaluation.keep: best: \(runs.joined(separator: ", "))"
  }

  /// The runs that diverged; nil without any.
  package var divergedLine: String? {
    let runs = result.diverged.map { "\($0.name) after step \($0.divergence.step)" }
    return runs.isEmpty
      ? nil : "diverged, and not measured: \(runs.joined(separator: ", ")); their arms rank last"
  }
}

extension String {
  /// The text with a capital letter at its beginning.
  fileprivate var capitalizedFirst: String { prefix(1).uppercased() + dropFirst() }
}
