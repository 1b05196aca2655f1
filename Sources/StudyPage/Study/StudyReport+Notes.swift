import Measuring
import Reports
import Studies
import Training

extension StudyReport {
  /// The headline and the gain; a capital letter begins it unless an arm's name does.
  var conclusion: String {
    [capitalized(ranking.headline), gain.map { $0.sentence + "." }].compactMap { $0 }.joined(
      separator: " ")
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
    notes += result.textNotes.map { $0.capitalizedFirst + "." }
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

  /// The runs that a time limit ended; nil without any.
  package var cutShortLine: String? {
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
