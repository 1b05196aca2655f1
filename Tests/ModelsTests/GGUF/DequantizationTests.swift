import Testing

@testable import Models

@Suite struct DequantizationTests {
  @Test(arguments: GGUFTensorType.allCases)
  func blocksReadAsTheReferenceReadsThem(type: GGUFTensorType) throws {
    let file = try GGUFFile(path: fixture("quantized.gguf"))
    let expected = try SafetensorsFile(path: fixture("quantized.safetensors")).floats(type.name)
    let tensor = try #require(file.tensor(type.name))
    #expect(tensor.type == type)
    var values = [Float](repeating: .nan, count: expected.count)
    values.withUnsafeMutableBufferPointer { file.read(tensor, into: $0) }
    let different = zip(values, expected).filter { $0.0 != $0.1 }
    #expect(different.isEmpty, "\(different.prefix(4))")
    #expect(Set(values).count > 30, "the fixture says something")
  }

  @Test func typesHaveTheirNames() {
    #expect(GGUFTensorType.q4_k.name == "Q4_K" && GGUFTensorType.bf16.name == "BF16")
    #expect(GGUFTensorType.name(of: 23) == "IQ4_XS" && GGUFTensorType.name(of: 99) == "type 99")
  }
}
