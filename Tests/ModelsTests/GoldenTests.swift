import Models
import Tensors
import TestSupport
import Testing

@Suite struct GoldenTests {
  /// The agreement in logits and hidden states that docs/llama4.md §8 names.
  static let tolerance: Float = 5e-5

  @Test(arguments: Golden.all) func logits(name: String) throws {
    let golden = try Golden(name)
    let batch = TokenBatch(documents: try golden.rows("input_ids"))
    expectClose(
      golden.model.logits(batch).array, try golden.floats("logits"), within: Self.tolerance)
  }

  @Test(arguments: Golden.all) func lossAndEveryGradient(name: String) throws {
    let golden = try Golden(name)
    let documents = try golden.rows("input_ids")
    let logits = golden.model.logits(TokenBatch(documents: documents))
    let loss = crossEntropy(logits, nextTokens(documents))
    expectClose([loss.item], try golden.floats("loss"), within: 1e-5)
    loss.backward()
    let prefix = golden.names(after: "grad.language_model.").isEmpty ? "" : "language_model."
    let parameters = golden.model.parameters.parameters
    #expect(
      Set(parameters.map(\.name)) == Set(golden.names(after: "grad." + prefix)))
    for parameter in parameters {
      let gradient = golden.model.parameters.withGradients(parameter.range) { Array($0) }
      expectClose(
        try #require(gradient), try golden.floats("grad." + prefix + parameter.name),
        relative: 1e-4, parameter.name)
    }
  }

  @Test(arguments: Golden.llama4) func hiddenStatesAndRouterLogits(name: String) throws {
    let golden = try Golden(name)
    let trace = ForwardTrace(keepsHiddenStates: true)
    _ = golden.model(TokenBatch(documents: try golden.rows("input_ids")), trace: trace)
    #expect(trace.hiddenStates.count == golden.names(after: "hidden.").count)
    for (number, hidden) in trace.hiddenStates.enumerated() {
      expectClose(
        hidden.array, try golden.floats("hidden.\(number)"), within: Self.tolerance,
        "hidden.\(number)")
    }
    #expect(trace.routerLogits.count == golden.names(after: "router_logits.").count)
    for (number, logits) in trace.routerLogits.enumerated() {
      expectClose(
        logits.array, try golden.floats("router_logits.\(number)"), within: Self.tolerance,
        "router_logits.\(number)")
    }
    let perToken = golden.model.config.numExpertsPerTok
    for counts in trace.assignments { #expect(counts.reduce(0, +) == 23 * perToken) }
  }

  @Test(arguments: Golden.llama4) func rotaryFrequencies(name: String) throws {
    let golden = try Golden(name)
    let expected = try golden.floats("inv_freq")
    let found = golden.model.config.rotaryFrequencies
    expectClose(zip(found, expected).map { $0 / $1 }, expected.map { _ in 1 }, within: 3e-7)
  }

  @Test(arguments: Golden.llama4 + Golden.families)
  func leftPaddingAsInTransformers(name: String) throws {
    let golden = try Golden(name)
    let (rows, padding) = try paddedRows(golden)
    let batch = TokenBatch(leftPadded: rows, padding: padding, slotTemperature: true)
    let (logits, expected) = (golden.model.logits(batch).array, try golden.floats("pad.logits"))
    for (number, pads) in padding.enumerated() {
      let width = golden.model.config.vocabSize
      let kept = ((number * rows[0].count + pads) * width)..<((number + 1) * rows[0].count * width)
      expectClose(Array(logits[kept]), Array(expected[kept]), within: Self.tolerance)
    }
  }

  @Test(arguments: Golden.llama4 + Golden.families)
  func leftPaddingChangesNothing(name: String) throws {
    let golden = try Golden(name)
    let (rows, padding) = try paddedRows(golden)
    let logits = golden.model.logits(TokenBatch(leftPadded: rows, padding: padding)).array
    for (number, (row, pads)) in zip(rows, padding).enumerated() {
      let width = golden.model.config.vocabSize
      let alone = golden.model.logits(TokenBatch(documents: [Array(row.dropFirst(pads))]))
      let kept = ((number * row.count + pads) * width)..<((number + 1) * row.count * width)
      expectClose(Array(logits[kept]), alone.array, relative: 5e-6)
    }
  }

  @Test(arguments: Golden.all) func greedyTokens(name: String) throws {
    let golden = try Golden(name)
    let expected = try golden.rows("greedy.tokens")[0]
    let prompt = Array(expected.prefix(9))
    let generator = TextGenerator(golden.model)
    let cached = try generator.continuation(of: prompt, limit: 20, ends: [])
    #expect(prompt + cached == expected)
    var text = prompt
    while text.count < expected.count {
      let logits = golden.model.logits(TokenBatch(documents: [text])).array
      let last = logits.suffix(golden.model.config.vocabSize)
      let best = try #require(last.indices.max { last[$0] < last[$1] })
      text.append(Int32(best - last.startIndex))
    }
    #expect(text == expected)
  }

  private func paddedRows(_ golden: Golden) throws -> (rows: [[Int32]], padding: [Int]) {
    let padding = try golden.rows("pad.attention_mask").map { $0.prefix { $0 == 0 }.count }
    #expect(padding.contains { $0 > 0 })
    return (try golden.rows("pad.input_ids"), padding)
  }
}
