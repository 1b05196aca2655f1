import Foundation
import Models
import Tensors
import TestRuns
import TestSupport
import Testing
@testable import Training

@Suite struct StudentInitializationTests {
  private let tokens: [[Int32]] = [(0..<40).map { Int32($0 * 37 % 120) }, [3, 1, 4, 1, 5]]

  /// The source's shape as a Llama 4's, whose layers that are named become mixtures.
  private func upcycled(_ source: DecoderConfig, mixtures: [Int]) -> DecoderConfig {
    var config = source
    config.modelType = .llama4Text
    config.intermediateSizeMlp = source.denseWidth
    config.intermediateSize = source.denseWidth
    (config.moeLayers, config.numLocalExperts, config.numExpertsPerTok) = (mixtures, 4, 2)
    return config
  }

  private func filled(
    _ config: DecoderConfig, from source: Checkpoint, layers: [Int]? = nil
  ) throws -> Models.Decoder {
    let student = Models.Decoder(config, trainable: false)
    // What is not filled would show.
    student.parameters.withValues { $0.update(repeating: .nan) }
    try StudentInitialization(from: source, layers: layers, student: config).fill(student, seed: 5)
    return student
  }

  private func expectSameFunction(
    _ student: Models.Decoder, _ source: Models.Decoder,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let batch = TokenBatch(documents: tokens)
    expectClose(
      student.logits(batch).array, source.logits(batch).array, relative: 1e-5,
      sourceLocation: sourceLocation)
  }

  @Test(
    arguments: ["llama_tied", "llama3_scaled"], [[Int](), [0, 1, 2], [1]])
  func anUpcycledLlamaComputesTheSame(name: String, mixtures: [Int]) throws {
    let source = try Tiny.checkpoint(name)
    let student = try filled(upcycled(source.config, mixtures: mixtures), from: source)
    expectSameFunction(student, try Models.Decoder(source))
  }

  /// A student with every layer is its source, or it is said in what it is not.
  @Test func whatComputesOtherwiseIsTold() throws {
    let source = try Tiny.checkpoint("text_top2_tied")
    let changes: [(key: String, change: (inout DecoderConfig) -> Void)] = [
      ("rope_theta", { $0.ropeTheta = 5 }), ("rope_scaling", { $0.ropeScaling = nil }),
      ("rms_norm_eps", { $0.rmsNormEps = 1e-3 }), ("use_qk_norm", { $0.useQkNorm.toggle() }),
      ("no_rope_layers", { $0.ropeLayers[0] = false }),
      ("attention_chunk_size", { $0.attentionChunkSize = nil }),
      ("attention_chunk_size", { $0.attentionChunkSize = 5 }),
      ("attention_chunk_size", { $0.chunkedLayers[0] = false }),
      ("attn_temperature_tuning", { $0.attnTemperatureTuning = false }),
      ("attn_temperature_tuning", { $0.floorScale = 9 }),
      ("attn_temperature_tuning", { $0.attnScale = 0.5 }),
      ("num_experts_per_tok", { $0.numExpertsPerTok = 1 }),
    ]
    for (key, change) in changes {
      var config = source.config
      change(&config)
      let told = try StudentInitialization(from: source, layers: nil, student: config).differences
      #expect(told.count == 1 && told[0].hasPrefix(key), "\(key): \(told)")
    }
    let same = try StudentInitialization(from: source, layers: nil, student: source.config)
    #expect(same.differences.isEmpty)
    // Chunks as long as the context part nothing.
    var long = source.config
    (long.maxPositionEmbeddings, long.chunkedLayers) = (6, [false, false, false, false])
    let told = try StudentInitialization(from: source, layers: nil, student: long).differences
    #expect(told.isEmpty)
  }

  @Test func aTiedSourceGivesAnUntiedCopy() throws {
    let source = try Tiny.checkpoint("llama_tied")
    var config = source.config
    config.tieWordEmbeddings = false
    let student = try filled(config, from: source)
    let embedding = try values("model.embed_tokens.weight", of: student)
    #expect(try values("lm_head.weight", of: student) == embedding)
    #expect(embedding == (try read("model.embed_tokens.weight", [120, 36], from: source)))
    expectSameFunction(student, try Models.Decoder(source))
  }

  /// And the other way round: Llama 4's rotary pairs become Llama's.
  @Test func aDenseLlama4BecomesALlama() throws {
    try withTemporaryDirectory { folder in
      let llama = try Tiny.checkpoint("llama3_scaled")
      let path = folder.appending(path: "llama4").path
      let dense = Tiny.student(upcycled(llama.config, mixtures: []), seed: 8)
      try dense.save(to: path)
      let student = try filled(llama.config, from: try Checkpoint.open(path))
      expectSameFunction(student, dense)
    }
  }

  /// A Llama 4 with chunks, unrotated layers, QK norm and temperatures keeps all of them.
  @Test(arguments: [[0, 1, 2, 3], [1, 3]])
  func aDenseLlama4BecomesAMixture(mixtures: [Int]) throws {
    try withTemporaryDirectory { folder in
      var config = try Tiny.checkpoint("text_top2_tied").config
      config.moeLayers = []
      config.initializerRange = 0.3
      let path = folder.appending(path: "dense").path
      let dense = Tiny.student(config, seed: 8)
      try dense.save(to: path)
      let student = try filled(
        upcycled(config, mixtures: mixtures), from: try Checkpoint.open(path))
      expectSameFunction(student, dense)
    }
  }

  @Test func chosenLayersLandInTheirPlaces() throws {
    let source = try Tiny.checkpoint("llama3_scaled")
    var config = source.config
    config.numHiddenLayers = 2
    let student = try filled(config, from: source, layers: [2, 0])
    for parameter in student.parameters.parameters {
      var name = parameter.name
      for (own, taken) in [(".layers.0.", ".layers.2!"), (".layers.1.", ".layers.0!")] {
        name = name.replacing(own, with: taken)
      }
      let expected = try read(name.replacing("!", with: "."), parameter.shape, from: source)
      #expect(try values(parameter.name, of: student) == expected, "\(parameter.name)")
    }
  }

  @Test func rotaryPairsArePermuted() throws {
    let source = try Tiny.checkpoint("llama_tied")
    let student = try filled(upcycled(source.config, mixtures: []), from: source)
    // Heads of 6 rows: pairs (0, 3), (1, 4), (2, 5) become (0, 1), (2, 3), (4, 5).
    let from = [0, 3, 1, 4, 2, 5]
    for (part, heads) in [("q_proj", 6), ("k_proj", 2)] {
      let name = "model.layers.1.self_attn.\(part).weight"
      let original = try read(name, [heads * 6, 36], from: source)
      let rows = (0..<(heads * 6)).flatMap { row in
        let taken = row / 6 * 6 + from[row % 6]
        return original[(taken * 36)..<(taken * 36 + 36)]
      }
      #expect(try values(name, of: student) == rows)
    }
    let name = "model.layers.1.self_attn.v_proj.weight"
    #expect(try values(name, of: student) == read(name, [12, 36], from: source))
  }

  @Test func routedExpertsReadAsTheSourceAndWriteNothing() throws {
    let source = try Tiny.checkpoint("llama_tied")
    let student = try filled(upcycled(source.config, mixtures: [1]), from: source)
    let scope = "model.layers.1.feed_forward."
    let gate = try read("model.layers.1.mlp.gate_proj.weight", [50, 36], from: source)
    let up = try read("model.layers.1.mlp.up_proj.weight", [50, 36], from: source)
    let experts = try values(scope + "experts.gate_up_proj", of: student)
    for (index, value) in experts.enumerated() {
      let (row, column) = (index / 100 % 36, index % 100)
      let expected = column < 50 ? gate[column * 36 + row] : up[(column - 50) * 36 + row]
      guard value == expected else {
        Issue.record("element \(index) is \(value), not \(expected)")
        break
      }
    }
    #expect(try values(scope + "experts.down_proj", of: student).allSatisfy { $0 == 0 })
    #expect(try values(scope + "shared_expert.gate_proj.weight", of: student) == gate)
    let router = try values(scope + "router.weight", of: student)
    #expect(router.allSatisfy(\.isFinite) && Set(router).count > 100, "drawn under the seed")
    let again = try filled(upcycled(source.config, mixtures: [1]), from: source)
    #expect(try values(scope + "router.weight", of: again) == router)
  }

  @Test func aMixtureIsTakenAsItIs() throws {
    let source = try Tiny.checkpoint("text_top2_tied")
    var config = source.config
    config.numHiddenLayers = 3
    (config.ropeLayers, config.chunkedLayers) = ([true, true, false], [true, true, false])
    config.moeLayers = [0, 2]
    let student = try filled(config, from: source, layers: [1, 2, 3])
    for (own, taken) in [(0, 1), (1, 2), (2, 3)] {
      let prefix = "model.layers.\(own)."
      for parameter in student.parameters.parameters where parameter.name.hasPrefix(prefix) {
        let name = "model.layers.\(taken)." + parameter.name.dropFirst(prefix.count)
        #expect(
          try values(parameter.name, of: student) == read(name, parameter.shape, from: source))
      }
    }
  }

  private func values(_ name: String, of decoder: Models.Decoder) throws -> [Float] {
    let parameter = try #require(decoder.parameters.parameters.first { $0.name == name })
    return decoder.parameters.withValues(parameter.range) { Array($0) }
  }

  private func read(_ name: String, _ shape: [Int], from source: Checkpoint) throws -> [Float] {
    var values = [Float](repeating: 0, count: shape.reduce(1, *))
    try values.withUnsafeMutableBufferPointer {
      try source.read(name, shape: shape, into: $0)
    }
    return values
  }
}
