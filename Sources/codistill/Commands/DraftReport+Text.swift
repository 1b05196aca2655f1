import Foundation
import Measuring
import Reports

extension DraftReport {
  /// The findings for people: what is accepted, what it costs, and whether it pays.
  func text(_ speed: DraftSpeed, _ temperature: Double) -> String {
    let kinds = DraftKind.allCases.filter { self.kinds[$0] != nil }
    return [
      "\(texts) texts of the teacher: \(tokens) tokens drawn at temperature \(temperature), "
        + "\(greedyTokens) greedy",
      "", acceptanceTable(kinds, speed).text,
      "", "tokens a round, by the number drafted; times in tokens of the teacher:",
      roundsTable(kinds, speed).text,
      "±: the standard error over texts; in the last lines also over turns of timing",
      "", costs(speed),
      "", kinds.compactMap { speed.kinds[$0]?.verdict }.joined(separator: "\n"),
    ].joined(separator: "\n")
  }

  /// The acceptance of each kind, and of each drafted token of the best round.
  private func acceptanceTable(_ kinds: [DraftKind], _ speed: DraftSpeed) -> Table {
    var table = Table([
      .words("draft"), .numbers("acceptance"), .numbers("best length"),
      .words("of each drafted token, the ones before it accepted"),
    ])
    for kind in kinds {
      guard let found = self.kinds[kind], let best = speed.kinds[kind]?.bestLength else { continue }
      table.append([
        kind.name, percent(found.acceptance), "\(best)",
        found.rounds[best - 1].acceptances.map { $0.value.isNaN ? "–" : percent($0) }
          .joined(separator: ", "),
      ])
    }
    return table
  }

  /// The tokens of a round and the speed-up by the length of the draft.
  private func roundsTable(_ kinds: [DraftKind], _ speed: DraftSpeed) -> Table {
    let costs = speed.times.costs
    var table = Table(
      [.numbers("drafted"), .numbers("time")]
        + kinds.flatMap { [.numbers($0.name), .numbers("speed-up")] })
    for length in costs.lengths {
      table.append(
        ["\(length)", Figures.decimal(costs.round(length), places: 2)]
          + kinds.flatMap { kind in
            [
              self.kinds[kind].map { tokens($0.rounds[length - 1].tokens) } ?? "",
              speed.kinds[kind].map { Figures.decimal($0.speedUps[length - 1], places: 2) } ?? "",
            ]
          })
    }
    return table
  }

  private func costs(_ speed: DraftSpeed) -> String {
    let costs = speed.times.costs
    let checks = costs.verification.map { Figures.decimal($0, places: 2) }.joined(separator: ", ")
    return """
      a token of the draft takes \(Figures.significant(1000 * speed.times.draft)) ms, one of the \
      teacher \(Figures.significant(1000 * speed.times.target[0])) ms: \
      \(Figures.decimal(costs.draft, places: 3)) of it
      the teacher checks 1 to \(costs.verification.count) drafted tokens in \(checks) of its time \
      for one of its own
      """
  }

  private func percent(_ share: DocumentRatio) -> String {
    Figures.percent(share.value)
      + (share.standardError.map { " ± " + Figures.percent($0) } ?? "")
  }

  private func tokens(_ mean: DocumentRatio) -> String {
    Figures.decimal(mean.value, places: 2)
      + (mean.standardError.map { " ± " + Figures.decimal($0, places: 2) } ?? "")
  }
}
