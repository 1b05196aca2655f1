import Measuring
import Reports
import Studies
import StudyPage

extension StudyReport {
  /// The tables, what can be said, and a sample of each arm's text.
  var text: String {
    let parts =
      [result.sets.first.map { "on \($0):" }].compactMap { $0 } + measured
      + [note, budgetLine, cutShortLine, keptLine, divergedLine, stoppedTable]
      + others.flatMap { ["on \($0.name):"] + $0.report.measured } + [samples]
    return parts.compactMap { $0 }.filter { !$0.isEmpty }.joined(separator: "\n\n")
  }

  /// The table of one held-out text, and what can be said of it.
  private var measured: [String?] {
    [table.text + "\n" + legend, teacherLine] + teacherNotes
      + [ranking.statement, gain?.sentence, groupTable?.text]
  }

  /// The arms, the best first.
  private var table: Table {
    let columns = columns
    var table = Table(columns.map(\.column))
    for arm in arms { table.append(columns.map { $0.cell(arm) }) }
    return table
  }

  private typealias Column = (column: Table.Column, cell: (ArmReport) -> String)

  /// The columns that hold anything.
  private var columns: [Column] {
    let hasSeeds = arms.contains { $0.seeds.count > 1 }
    var columns: [Column] = [
      (.words("arm"), { $0.name + ($0.sharesOrder ? "" : " *") })
    ]
    if hasSeeds { columns.append((.numbers("seeds"), { "\($0.seeds.count)" })) }
    columns.append(
      (
        .numbers("NLL"),
        { $0.divergedSeeds.isEmpty ? Self.figure($0.nll, $0.nllHalfWidth) : "diverged" }
      ))
    if arms.contains(where: { $0.difference != nil }) {
      columns.append(
        (
          .numbers("to \(ranking.baseline ?? "the best")"),
          { arm in
            arm.difference.map { ($0 < 0 ? "" : "+") + Self.figure($0, arm.differenceHalfWidth) }
              ?? ""
          }
        ))
    }
    if arms.contains(where: { $0.holmP != nil }) {
      columns.append((.numbers("Holm p"), { $0.holmP.map(Self.probability) ?? "" }))
    }
    return columns + measures + effort
  }

  private var measures: [Column] {
    var columns: [Column] = [
      (
        .numbers("perplexity"),
        { $0.divergedSeeds.isEmpty ? Figures.decimal($0.perplexity, places: 2) : "" }
      )
    ]
    if arms.contains(where: { $0.kl != nil }) {
      columns.append((.numbers("KL"), { $0.kl.map { Figures.decimal($0) } ?? "" }))
      columns.append((.numbers("top-1"), { $0.top1Agreement.map(Figures.percent) ?? "" }))
    }
    if arms.contains(where: { $0.acceptance != nil || $0.acceptanceUpperBound != nil }) {
      columns.append((.numbers("acceptance"), { $0.acceptanceText }))
    }
    columns.append((.numbers("ECE"), { $0.ece.map(Figures.percent) ?? "" }))
    return columns
  }

  private var effort: [Column] {
    [
      (.numbers("tokens"), { Figures.count($0.tokens) }),
      (.numbers("time"), { Figures.duration(seconds: $0.seconds) }),
    ]
  }

  /// The meaning of ±.
  private var legend: String {
    arms.contains { $0.nllHalfWidth != nil }
      ? "±: half of a 95 % interval, over seeds and documents"
      : "one seed or one document: no intervals"
  }

  private var note: String? {
    arms.allSatisfy(\.sharesOrder)
      ? nil : "* other data, order, seed or end than the first run: not to be compared step by step"
  }

  private var teacherLine: String? {
    result.teacher.map { "teacher's own NLL \(Figures.decimal($0.nll))" }
  }

  private var stoppedTable: String? {
    guard let halving = result.halving else { return nil }
    let rule =
      "successive halving at \(halving.shares.map(Figures.percent).joined(separator: ", ")) of the steps"
    guard !result.stopped.isEmpty else { return "\(rule): no arm was stopped" }
    var table = Table([.words("stopped arm"), .numbers("step"), .numbers("NLL there")])
    for arm in result.stopped { table.append([arm.name, "\(arm.step)", Figures.decimal(arm.nll)]) }
    return "\(rule); these arms were stopped early and are not ranked:\n\(table.text)"
  }

  /// The most arms that stand side by side.
  private static let groupColumns = 8

  private var teacherGroups: [GroupScore]? { result.teacher?.groups }

  /// The NLL of the best arms within each group, and the teacher's; nil where the data has none.
  private var groupTable: Table? {
    let shown = arms.prefix(Self.groupColumns)
    guard let groups = shown.first?.groups else { return nil }
    var table = Table(
      [.words("NLL by group"), .numbers("tokens")] + shown.map { .numbers($0.name) }
        + (teacherGroups == nil ? [] : [.numbers("teacher")]))
    for (index, group) in groups.enumerated() {
      let cells = shown.map { arm in
        arm.groups.map { Figures.decimal($0[index].nll) } ?? ""
      }
      let teacher = teacherGroups.map { groups in
        groups.first { $0.name == group.name }.map { Figures.decimal($0.nll) } ?? ""
      }
      table.append(
        [group.name, Figures.count(group.tokens)] + cells + [teacher].compactMap { $0 })
    }
    return table
  }

  /// The text of each arm's first seed, prompt by prompt.
  private var samples: String? {
    let first = arms.compactMap { arm in result.rows.first { $0.arm == arm.name } }
    let prompts = first.first?.samples.indices ?? 0..<0
    let texts = prompts.flatMap { prompt in
      first.compactMap { run in
        run.samples.indices.contains(prompt) ? "\(run.arm): \(run.samples[prompt].text)" : nil
      }
    }
    return texts.isEmpty ? nil : texts.joined(separator: "\n\n")
  }

  /// A figure with half the width of its interval, if that is known.
  private static func figure(_ value: Double, _ halfWidth: Double?) -> String {
    Figures.decimal(value) + (halfWidth.map { " ± " + Figures.decimal($0) } ?? "")
  }

  private static func probability(_ p: Double) -> String {
    p < 0.001 ? "< 0.001" : Figures.decimal(p)
  }
}

extension ArmReport {
  fileprivate var acceptanceText: String {
    if let acceptance { return Figures.percent(acceptance) }
    return acceptanceUpperBound.map { "≤ " + Figures.percent($0) } ?? ""
  }
}
