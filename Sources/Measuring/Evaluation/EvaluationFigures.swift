import Base

/// The figures of an evaluation as commands tell them: one flat object, without the documents.
package struct EvaluationFigures: Encodable {
  /// The evaluation.
  package let report: EvaluationReport

  /// The figures of an evaluation.
  package init(_ report: EvaluationReport) { self.report = report }

  /// Encodes the figures; what was not measured, and what holds of few, has no key.
  package func encode(to encoder: any Encoder) throws {
    let teacher = report.teacher
    try encoder.encode([
      "tokens": report.tokens, "documents": report.scoredDocuments,
      "documentsAreFragments": report.documentsAreFragments ? true : nil, "nll": report.nll,
      "nllStderr": report.nllStandardError, "perplexity": report.perplexity,
      "nllByPosition": report.nllByPosition, "kl": teacher?.kl,
      "klIsLowerBound": teacher?.klIsLowerBound == true ? true : nil,
      "klStderr": teacher?.klStandardError, "klMedian": teacher?.klMedian,
      "kl_95": teacher?.kl95, "kl_99": teacher?.kl99, "kl_999": teacher?.kl999,
      "top1Agreement": teacher?.top1Agreement, "top1AgreementStderr": teacher?.top1StandardError,
      "ece": report.calibrationError, "acceptance": teacher?.acceptance,
      "acceptanceUpperBound": teacher?.acceptanceUpperBound,
      "groups": report.groups.isEmpty ? nil : report.groups,
    ])
  }
}
