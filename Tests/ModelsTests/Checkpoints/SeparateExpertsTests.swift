import Testing

@testable import Models

@Suite struct SeparateExpertsTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// E 2, D 3, F 2: element (o, i) of a matrix is its hundred plus 10 o + i.
  private static func matrix(_ hundred: Float, _ rows: Int, _ columns: Int) -> ([Int], [Float]) {
    (
      [rows, columns],
      (0..<(rows * columns)).map { hundred + Float(10 * ($0 / columns) + $0 % columns) }
    )
  }

  private static let prefix = "model.layers.0.feed_forward.experts."

  private static var separate: [String: ([Int], [Float])] {
    var tensors: [String: ([Int], [Float])] = [:]
    for expert in 0..<2 {
      let start = Float(expert * 300)
      tensors["\(prefix)\(expert).gate_proj.weight"] = matrix(start + 100, 2, 3)
      tensors["\(prefix)\(expert).up_proj.weight"] = matrix(start + 200, 2, 3)
      tensors["\(prefix)\(expert).down_proj.weight"] = matrix(start + 300, 3, 2)
    }
    return tensors
  }

  private func open(_ tensors: [String: ([Int], [Float])]) throws -> Checkpoint {
    let config = DecoderConfig(
      modelType: .llama4Text, vocabSize: 5, hiddenSize: 8, intermediateSize: 6,
      numHiddenLayers: 1, numAttentionHeads: 2)
    let path = folder.path + "/model"
    try HuggingFaceFolder.save(
      to: path, config: config, tensors, maximumShardBytes: 40, replacing: true)
    return try Checkpoint.open(path)
  }

  @Test func theyAreReadAsOneTensor() throws {
    let checkpoint = try open(Self.separate)
    let (fused, down) = (Self.prefix + "gate_up_proj", Self.prefix + "down_proj")
    #expect(checkpoint.tensorNames == [down, fused])
    #expect(
      try checkpoint.floats(fused, [2, 3, 4]) == [
        100, 110, 200, 210, 101, 111, 201, 211, 102, 112, 202, 212,
        400, 410, 500, 510, 401, 411, 501, 511, 402, 412, 502, 512,
      ])
    #expect(
      try checkpoint.floats(down, [2, 2, 3]) == [
        300, 310, 320, 301, 311, 321, 600, 610, 620, 601, 611, 621,
      ])
  }

  @Test func theFusedTensorWins() throws {
    var tensors = Self.separate
    tensors[Self.prefix + "down_proj"] = ([1], [5])
    #expect(try open(tensors).floats(Self.prefix + "down_proj", [1]) == [5])
  }

  @Test func aMissingOneIsNamed() throws {
    for name in ["1.up_proj.weight", "0.down_proj.weight"] {
      var tensors = Self.separate
      tensors[Self.prefix + name] = nil
      let error = #expect(throws: CheckpointError.self) { try open(tensors) }
      #expect(error?.description.contains(Self.prefix + name) == true)
    }
    #expect(throws: CheckpointError.self) {
      try open([Self.prefix + "900000.gate_proj.weight": ([1], [0])])
    }
  }

  @Test func anotherShapeIsNamed() throws {
    var tensors = Self.separate
    tensors[Self.prefix + "1.up_proj.weight"] = ([3, 2], Array(repeating: 0, count: 6))
    let error = #expect(throws: CheckpointError.self) { try open(tensors) }
    #expect(error?.description.contains("1.up_proj.weight has shape [3, 2]") == true)
    #expect(throws: CheckpointError.self) {
      try open(Self.separate.mapValues { _ in ([6], Array(repeating: 0, count: 6)) })
    }
  }

  @Test(arguments: [
    "experts.0.gate_proj.weight", "a.experts.-1.gate_proj.weight", "a.experts.x.up_proj.weight",
    "a.experts.0.gate_proj.bias", "a.experts.0.q_proj.weight", "a.expert.0.up_proj.weight",
    "a.experts.99999999999999999999.up_proj.weight",
  ]) func otherNamesAreLeftAlone(name: String) {
    #expect((SeparateExperts.parse(name) == nil) == (name != "experts.0.gate_proj.weight"))
  }
}
