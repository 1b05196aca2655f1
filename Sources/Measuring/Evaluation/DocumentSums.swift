import Text

/// The running sums of each document, in the order in which they came first.
struct DocumentSums {
  /// The sums of one document.
  private struct Sum {
    let origin: DocumentOrigin?
    var tokens = 0
    var nll = 0.0
    var kl = 0.0
    var teacherNLL = 0.0
    var agreements = 0
    var acceptance = AcceptanceSum()
    var greedyAcceptance = AcceptanceSum()

    static func += (left: inout Sum, right: Sum) {
      left.tokens += right.tokens
      left.nll += right.nll
      left.kl += right.kl
      left.teacherNLL += right.teacherNLL
      left.agreements += right.agreements
      left.acceptance += right.acceptance
      left.greedyAcceptance += right.greedyAcceptance
    }
  }

  private var sums: [Sum] = []
  /// The place in `sums` of each document, by its number.
  private var places: [Int: Int] = [:]
  private var current = 0

  /// Begins a document, which everything added from here on belongs to; nil is one of its own.
  mutating func begin(_ origin: DocumentOrigin?) {
    if let place = origin.flatMap({ places[$0.index] }) {
      current = place
      return
    }
    current = sums.count
    if let origin { places[origin.index] = current }
    sums.append(Sum(origin: origin))
  }

  mutating func add(nll: Double) {
    sums[current].tokens += 1
    sums[current].nll += nll
  }

  mutating func add(_ prediction: PredictionComparison, teacherNLL: Double) {
    sums[current].kl += prediction.kl
    sums[current].teacherNLL += teacherNLL
    if prediction.agrees { sums[current].agreements += 1 }
    sums[current].acceptance.add(prediction.acceptance)
    sums[current].greedyAcceptance.add(prediction.greedyAcceptance)
  }

  static func += (left: inout DocumentSums, right: DocumentSums) {
    for sum in right.sums {
      left.begin(sum.origin)
      left.sums[left.current] += sum
    }
  }

  /// The documents' scores, with those against a teacher if there was one.
  func scores(compared: Bool) -> [DocumentScore] {
    sums.map {
      DocumentScore(
        tokens: $0.tokens, nll: $0.nll, kl: compared ? $0.kl : nil,
        agreements: compared ? $0.agreements : nil,
        acceptance: compared ? $0.acceptance.known : nil,
        greedyAcceptance: compared ? $0.greedyAcceptance.known : nil, group: $0.origin?.group)
    }
  }

  /// Whether some are fragments of documents that are not known.
  var areFragments: Bool { sums.contains { $0.origin == nil } }

  /// The scores of the groups that have predictions, in the order of their names, `other` last.
  func groups(compared: Bool) -> [GroupScore] {
    var groups: [String: Sum] = [:]
    for sum in sums where sum.tokens > 0 {
      guard let name = sum.origin?.group else { continue }
      groups[name, default: Sum(origin: nil)] += sum
    }
    return groups.sorted { Self.order($0.key) < Self.order($1.key) }.map { name, sum in
      let n = Double(sum.tokens)
      return GroupScore(
        name: name, tokens: sum.tokens, nll: sum.nll / n, kl: compared ? sum.kl / n : nil,
        top1Agreement: compared ? Double(sum.agreements) / n : nil,
        teacherNll: compared && sum.teacherNLL.isFinite ? sum.teacherNLL / n : nil)
    }
  }

  private static func order(_ name: String) -> (Int, String) {
    (name == Document.otherGroup ? 1 : 0, name)
  }
}
