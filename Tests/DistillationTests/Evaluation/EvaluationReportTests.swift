import Distillation
import Foundation
import Models
import Tensors
import TestSupport
import Testing
import Text

@Suite struct EvaluationReportTests {
  private var coders: (JSONEncoder, JSONDecoder) {
    let (encoder, decoder) = (JSONEncoder(), JSONDecoder())
    encoder.keyEncodingStrategy = .convertToSnakeCase
    encoder.nonConformingFloatEncodingStrategy = .convertToString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    decoder.keyDecodingStrategy = .convertFromSnakeCase
    decoder.nonConformingFloatDecodingStrategy = .convertFromString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    return (encoder, decoder)
  }

  @Test func aReportSurvivesJSON() throws {
    let mask = [true, false, true]
    var window = PackedSequence(tokens: [1, 2, 3, 4], fragments: [4], lossMask: mask)
    window.origin = DocumentOrigin(index: 0, group: "de")
    let teacher = try Tiny.decoder("llama_tied")
    let report = try Evaluator(Tiny.student(teacher.config), against: .live(teacher))
      .evaluate([window])
    let (encoder, decoder) = coders
    let back = try decoder.decode(EvaluationReport.self, from: try encoder.encode(report))
    #expect(back.nllByPosition.map(\.isNaN) == [false, true, false])
    var (left, right) = (report, back)
    (left.nllByPosition[1], right.nllByPosition[1]) = (0, 0)
    #expect(left == right)
    #expect(back.teacher?.kl999 != nil && back.groups.map(\.name) == ["de"])
  }

  /// A diverged model must not stop a comparison: its figures say what it is.
  @Test func aDivergedModelIsScoredAsSuch() throws {
    let model = try Tiny.decoder("llama_tied")
    model.parameters.withValues { values in
      for index in values.indices { values[index] = .nan }
    }
    let report = try Evaluator(model, against: .live(try Tiny.decoder("llama_tied")))
      .evaluate(Tiny.sequences(2))
    #expect(report.nll.isNaN && report.documents.allSatisfy(\.nll.isNaN))
    #expect(report.calibrationError.isNaN)
    #expect(report.teacher?.kl.isNaN == true && report.teacher?.kl95?.isNaN == true)
  }
}
