import Reports

/// How well a model predicts a text, and how near it is to its teacher. (`evaluate`)
struct EvaluationSummary: Encodable {
  /// The predictions that were scored.
  var tokens: Int
  /// The mean negative log-likelihood, in nats a token.
  var nll: Double
  /// e to the power of the NLL.
  var perplexity: Double
  /// The mean NLL of each position of a window.
  var nllByPosition: [Double]
  /// KL(teacher ‖ model), in nats a token, or a lower bound of it.
  var kl: Double?
  /// True where top-k targets, whose tail is one class, tell a lower bound alone; nil elsewhere.
  var klIsLowerBound: Bool?
  /// The standard error of the KL.
  var klStderr: Double?
  /// The share of positions where teacher and model rank the same token first.
  var top1Agreement: Double?
  /// The expected calibration error.
  var ece: Double?
  /// The expected share of the model's draws that the teacher would accept.
  var acceptance: Double?
  /// An upper bound of the acceptance, where sparse targets cannot tell more.
  var acceptanceUpperBound: Double?

  /// The measurements for people.
  var text: String {
    var table = Table([.words("measure"), .numbers("value")])
    table.append(["tokens", "\(tokens)"])
    table.append(["NLL (nats/token)", Figures.decimal(nll, places: 4)])
    table.append(["perplexity", Figures.decimal(perplexity, places: 2)])
    if let kl {
      let error = klStderr.map { " ± " + Figures.decimal($0, places: 4) } ?? ""
      let name = klIsLowerBound == true ? "KL to the teacher at least" : "KL to the teacher"
      table.append([name, Figures.decimal(kl, places: 4) + error])
    }
    if let top1Agreement { table.append(["top-1 agreement", Figures.percent(top1Agreement)]) }
    if let ece { table.append(["calibration error", Figures.percent(ece)]) }
    if let acceptance { table.append(["acceptance", Figures.percent(acceptance)]) }
    if let acceptanceUpperBound {
      table.append(["acceptance at most", Figures.percent(acceptanceUpperBound)])
    }
    return table.text
  }
}
