/// The mean of a figure over held-out predictions, of one run or of several seeds' runs, and how
/// sure it is.
///
/// Predictions within a document are alike, so that it is documents that are drawn: the mean is a
/// ratio of two sums over documents, and this is a ratio's error (Cochran, Sampling Techniques, 3rd
/// ed., §6.4), in closed form what ``DocumentBootstrap`` estimates by drawing. The spread over
/// seeds is added as a ``PairedComparison`` adds it.
package struct HeldOutMean: Sendable, Equatable {
  /// The number of runs, and of documents with predictions, that it is the mean of.
  package let runs, documents: Int
  /// The mean over all predictions and runs.
  package let mean: Double
  /// The standard error over seeds, s/√n; nil with one run.
  package let seedStandardError: Double?
  /// The standard error over documents; nil with one document.
  package let documentStandardError: Double?

  /// √(seeds² + documents²), without the seeds where there is one; nil with one document, which
  /// tells nothing of other text, and where it is not finite.
  package var standardError: Double? {
    let seeds = seedStandardError ?? 0
    let error = documentStandardError.map { ($0 * $0 + seeds * seeds).squareRoot() }
    return error.flatMap { $0.isFinite ? $0 : nil }
  }

  /// Student's 95 % interval of the mean, with one degree of freedom less than there are runs or
  /// documents, whichever are fewer, as of a ``PairedComparison``; nil with one of either.
  package var interval: ConfidenceInterval? {
    standardError.flatMap {
      ConfidenceInterval(mean: mean, standardError: $0, count: min(runs, documents))
    }
  }

  /// The mean of some runs' sums over the same documents.
  ///
  /// - Parameters:
  ///   - runs: The sum over each document, of each run; at least one.
  ///   - tokens: The number of predictions of each document; those without any do not count.
  package init(sums runs: [[Double]], tokens: [Int]) {
    let counted = tokens.indices.filter { tokens[$0] > 0 }
    let (D, N) = (Double(counted.count), Double(tokens.reduce(0, +)))
    let means = Sample(runs.map { run in counted.reduce(0) { $0 + run[$1] } / N })
    let mean = means.mean
    self.runs = runs.count
    documents = counted.count
    self.mean = mean
    seedStandardError = means.standardError
    let squares = counted.reduce(0.0) { sum, document in
      let value = runs.reduce(0) { $0 + $1[document] } / Double(runs.count)
      let residual = value - mean * Double(tokens[document])
      return sum + residual * residual
    }
    documentStandardError = D > 1 ? (squares * D / (D - 1)).squareRoot() / N : nil
  }
}

extension HeldOutMean {
  /// The mean of a figure over runs that were scored on the same documents; nil without runs, and
  /// where a run lacks the figure.
  package init?(_ runs: [[DocumentScore]], _ figure: (DocumentScore) -> Double?) {
    guard let tokens = runs.first?.map(\.tokens) else { return nil }
    let sums = runs.map { $0.compactMap(figure) }
    guard sums.allSatisfy({ $0.count == tokens.count }) else { return nil }
    self.init(sums: sums, tokens: tokens)
  }
}
