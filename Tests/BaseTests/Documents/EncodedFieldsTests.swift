import Base
import Foundation
import Testing

@Suite struct EncodedFieldsTests {
  private struct Report: Encodable {
    var loss: Double?
    var parts: [Report] = []

    func encode(to encoder: any Encoder) throws {
      try encoder.encode(["meanLoss": loss, "parts": parts])
      try encoder.encode(["kl_95": loss.map { $0 + 1 }])
    }
  }

  @Test func aFieldThatIsNilHasNoKey() throws {
    let encoder = JSONEncoder()
    encoder.keyEncodingStrategy = .convertToSnakeCase
    encoder.outputFormatting = .sortedKeys
    let json = try encoder.encode(Report(loss: 2, parts: [Report()]))
    #expect(
      String(decoding: json, as: UTF8.self)
        == #"{"kl_95":3,"mean_loss":2,"parts":[{"parts":[]}]}"#)
  }
}
