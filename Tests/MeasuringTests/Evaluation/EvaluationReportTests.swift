import Foundation
@testable import Measuring
import Models
import Tensors
import TestRuns
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

  @Test("case evaluate-nan: a model without numbers is an error, not a figure", arguments: [0, 1])
  func modelsWithoutNumbers(broken: Int) throws {
    let models = [try Tiny.decoder("llama_tied"), try Tiny.decoder("llama_tied")]
    models[broken].parameters.withValues { $0.update(repeating: .nan) }
    #expect(throws: NonFiniteLogitsError(model: ["the model", "the teacher"][broken], position: 0))
    {
      try Evaluator(models[0], against: .live(models[1])).evaluate(Tiny.sequences(2))
    }
  }
}
