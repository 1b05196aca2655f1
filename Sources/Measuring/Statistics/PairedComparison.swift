/// The difference of two arms whose runs share their seeds, and how sure it is.
///
/// There are two reasons to doubt a difference, and both count. The spread over *seeds* says
/// whether another training run would agree; every seed of both arms starts from the same weights
/// and sees the same data, so what a seed does to both cancels. The spread over *documents* says
/// whether other text would agree; more seeds do not lessen it, since all runs are scored on the
/// same text. What a document does to one run alone is in both, and the degrees of freedom are
/// those of the seeds or of the documents, whichever are fewer: this errs on the side of doubt.
package struct PairedComparison: Sendable, Equatable {
  /// The seeds that both arms have, ascending.
  package let seeds: [Int]
  /// The difference of the held-out NLL, first arm less second, of each of these seeds, in nats.
  package let differences: [Double]
  /// The number of documents that both were scored on.
  package let documents: Int
  /// The mean of these differences; below zero where the first arm is better.
  package let difference: Double
  /// The standard error over seeds, s/√n; nil with one seed.
  package let seedStandardError: Double?
  /// The standard error over documents, from their bootstrap; nil with one document.
  package let documentStandardError: Double?
  /// √(seeds² + documents²), of those that are known.
  package let standardError: Double
  /// Student's 95 % interval of the difference, with one degree of freedom less than there are
  /// seeds or documents, whichever are fewer; nil with one of either.
  package let interval: ConfidenceInterval?
  /// The difference in standard errors; nil where there is no interval.
  package let t: Double?
  /// The two-sided p of no difference; nil where there is no interval.
  package let p: Double?

  /// A comparison from each shared seed's difference and the mean difference on each resample.
  ///
  /// The bootstrap draws n documents of n, whose variance falls short by (n − 1)/n; that is
  /// corrected.
  init(seeds: [Int], differences: [Double], resampled: [Double], documents: Int) {
    let sample = Sample(differences)
    let n = Double(documents)
    self.seeds = seeds
    self.differences = differences
    self.documents = documents
    difference = sample.mean
    seedStandardError = sample.standardError
    documentStandardError =
      documents > 1
      ? Sample(resampled).standardDeviation.map { $0 * (n / (n - 1)).squareRoot() } : nil
    let errors = [seedStandardError ?? 0, documentStandardError ?? 0]
    standardError = errors.reduce(0) { $0 + $1 * $1 }.squareRoot()
    let fewest = min(seeds.count, documents)
    interval = ConfidenceInterval(mean: difference, standardError: standardError, count: fewest)
    guard fewest > 1 else {
      t = nil
      p = nil
      return
    }
    // No difference at all, seed for seed, is none whatever its error.
    let ratio = difference == 0 ? 0 : difference / standardError
    t = ratio
    p = StudentT(degreesOfFreedom: Double(fewest - 1)).twoSided(ratio)
  }

  /// Student's interval of the difference that holds with 95 % for so many comparisons at once
  /// (Bonferroni); nil where this one has no interval.
  package func interval(amongst comparisons: Int) -> ConfidenceInterval? {
    guard interval != nil else { return nil }
    let degrees = Double(min(seeds.count, documents) - 1)
    let t = StudentT(degreesOfFreedom: degrees)
      .quantile(1 - 0.025 / Double(max(comparisons, 1)))
    return ConfidenceInterval(
      lower: difference - t * standardError, upper: difference + t * standardError)
  }

  /// The reason for having no p, where there is none.
  var untested: String {
    documents < 2 ? "one held-out document" : "one seed"
  }
}

/// The mean and the spread of a few numbers.
package struct Sample: Sendable, Equatable {
  /// The number of values.
  package let count: Int
  /// Their mean; nan of none.
  package let mean: Double
  /// The standard deviation, with n − 1; nil of one number.
  package let standardDeviation: Double?

  /// The sample of some numbers.
  package init(_ values: [Double]) {
    count = values.count
    let center = values.reduce(0, +) / Double(values.count)
    mean = center
    let squares = values.reduce(0) { $0 + ($1 - center) * ($1 - center) }
    standardDeviation = count > 1 ? (squares / Double(count - 1)).squareRoot() : nil
  }

  /// The standard error of the mean; nil of one number.
  package var standardError: Double? {
    standardDeviation.map { $0 / Double(count).squareRoot() }
  }
}
