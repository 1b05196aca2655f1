import Capture
import Foundation
import Models
import Shards
import Tensors
import Text
import Training

extension Engine {
  /// Continues a text; `show` is given each piece of text as it comes, the prompt first.
  static func generate(
    _ request: GenerationRequest, show: (String) throws -> Void
  ) throws -> DecodedText {
    let padded = try Checkpoint.open(modelPath(request.model))
    let named = try request.tokenizer.map { try Tokenizer(source: $0).following(padded.named) }
    guard let tokenizer = try named ?? padded.tokenizer() else {
      throw PreparationError.noTokenizer(path: request.model)
    }
    try tell(named, inPlaceOfThatOf: padded, request.model)
    let checkpoint = withoutPadding(padded, tokenizer)
    let ends = try tokenizer.endTokens()
    let prompt = try tokenizer.prompt(request.prompt, bos: request.bos)
    guard !prompt.isEmpty else {
      throw CommandError.outOfRange("--prompt is empty; give at least one word to begin with")
    }
    try check(prompt, checkpoint.config)
    let limit = try limit(request, prompt: prompt.count, checkpoint.config)
    try requireRoom(
      "the model, with keys and values of \(prompt.count + limit) tokens,",
      for: MemoryNeed.generation(checkpoint.config, prompt: prompt.count, limit: limit))
    let model = try Decoder(checkpoint)
    try show(request.prompt)
    let sampling = TextGenerator.Sampling(
      temperature: Float(request.temperature), topP: Float(request.topP),
      seed: UInt64(request.seed))
    var stream = DecodingStream(tokenizer)
    var failure: (any Error)?
    let generated = try TextGenerator(model, sampling).continuation(
      of: prompt, limit: limit, ends: ends
    ) { token in
      do { try show(stream.append(token)) } catch { failure = error }
      return failure == nil && !Interruption.isRequested
    }
    if let failure { throw failure }
    let ids = prompt + generated
    return DecodedText(
      text: tokenizer.decode(ids, skippingSpecialTokens: true), ids: ids.map(Int.init))
  }

  /// How many tokens are drawn; the last is not read.
  private static func limit(
    _ request: GenerationRequest, prompt: Int, _ config: DecoderConfig
  ) throws -> Int {
    let room = config.maxPositionEmbeddings + 1 - prompt
    let limit = request.maxTokens ?? (request.beyondContext ? 64 : max(1, min(64, room)))
    let note = try config.contextNote(
      reading: prompt + limit - 1, request.model, isAllowed: request.beyondContext,
      .option(room > 0 ? "--max-tokens and a prompt, together" : "a prompt"))
    if let note { Console.warning(note) }
    return limit
  }

  /// Writes the logits of a sequence of tokens.
  static func writeLogits(
    model: String, tokens: [Int32], output: String, beyondContext: Bool
  ) throws -> LogitsSummary {
    let checkpoint = try Checkpoint.open(modelPath(model))
    try check(tokens, checkpoint.config)
    let note = try checkpoint.config.contextNote(
      reading: tokens.count, model, isAllowed: beyondContext, .option("--tokens"))
    if let note { Console.warning(note) }
    try requireRoom(
      "the model, with \(tokens.count) tokens' logits,",
      for: MemoryNeed.logits(checkpoint.config, tokens: tokens.count))
    let logits = try Decoder(checkpoint).logits(TokenBatch(documents: [tokens]))
    try logits.requireLogits()
    try SafetensorsWriter.write(
      to: output, tensors: [NamedShape(name: "logits", shape: logits.shape)], type: .float32
    ) { _, body in try logits.withValues(body) }
    return LogitsSummary(output: output, tokens: logits.rows, vocabSize: logits.columns)
  }

  private static func check(_ tokens: [Int32], _ config: DecoderConfig) throws {
    guard let id = tokens.first(where: { $0 < 0 || Int($0) >= config.vocabSize }) else { return }
    throw CommandError.outOfRange(
      "token id \(id) is outside the model's vocabulary of \(config.vocabSize)")
  }
}

extension Tokenizer {
  /// The tokens of a prompt, after BOS if that is asked for and not there.
  fileprivate func prompt(_ text: String, bos: Bool) throws -> [Int32] {
    let ids = try encode(text)
    guard let mark = try marks(bos: bos, eos: false).bos else { return ids }
    if ids.first == mark { Console.note("the prompt begins with BOS already: none was added") }
    return ids.first == mark ? ids : [mark] + ids
  }
}

/// Turns tokens into text as they come, holding back bytes of an unfinished character.
private struct DecodingStream {
  private let tokenizer: Tokenizer
  private var waiting: [UInt8] = []

  init(_ tokenizer: Tokenizer) { self.tokenizer = tokenizer }

  mutating func append(_ token: Int32) -> String {
    guard !tokenizer.isSpecial(token) else { return "" }
    waiting += tokenizer.bytes(of: token)
    if let text = String(validating: waiting, as: UTF8.self) {
      waiting = []
      return text
    }
    guard waiting.count >= 4 else { return "" }
    defer { waiting = [] }
    return String(decoding: waiting, as: UTF8.self)
  }
}
