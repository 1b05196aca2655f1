/// The ratio of two sums over documents, such as tokens over rounds, and how sure it is.
///
/// The error is a ratio's (Cochran, Sampling Techniques, 3rd ed., §6.4), as of a ``HeldOutMean``,
/// whose denominators are whole numbers.
package struct DocumentRatio: Sendable, Equatable {
  /// The number of documents that have a part in the denominator.
  package let documents: Int
  /// The ratio; nan where the denominator is zero.
  package let value: Double
  /// The standard error over documents; nil with one document.
  package let standardError: Double?

  /// The ratio of the sums of two numbers of each document, of which the lower ones are at least 0.
  package init(_ upper: [Double], over lower: [Double]) {
    precondition(upper.count == lower.count, "two numbers of each document")
    let counted = lower.indices.filter { lower[$0] > 0 }
    let (D, sum) = (Double(counted.count), lower.reduce(0, +))
    let value = counted.reduce(0) { $0 + upper[$1] } / sum
    let squares = counted.reduce(0.0) {
      let residual = upper[$1] - value * lower[$1]
      return $0 + residual * residual
    }
    documents = counted.count
    self.value = value
    standardError = D > 1 ? (squares * D / (D - 1)).squareRoot() / sum : nil
  }
}
