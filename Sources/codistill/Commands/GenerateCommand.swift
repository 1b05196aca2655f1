import ArgumentParser
import Capture
import Models
import Text
import Training

/// `codistill generate`.
struct GenerateCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "generate",
    abstract: "Continue a text.",
    discussion: """
      Example:
        codistill generate --model runs/student --prompt "In the beginning" --max-tokens 40
      """)

  @Option(help: "The model: a Hugging Face folder, a .gguf file or a run directory.")
  var model: String
  @Option(help: "The beginning of the text.")
  var prompt: String
  @Option(help: "A tokenizer.json, or a folder with one (default: the model's).")
  var tokenizer: String?
  @Flag(help: "Begin with the tokenizer's BOS token, unless the prompt does.")
  var bos = false
  @Option(help: "The most tokens to draw (default: 64, or fewer up to the model's context).")
  var maxTokens: Int?
  @OptionGroup var context: ContextOptions
  @Option(help: "How evenly tokens are drawn; 0 always takes the likeliest.")
  var temperature = 0.0
  @Option(help: "Draw from the likeliest tokens that hold this much probability together.")
  var topP = 1.0
  @Option(help: "What the tokens are drawn with.")
  var seed = 0
  @OptionGroup var machine: MachineOptions
  @OptionGroup var format: OutputOptions

  func validate() throws {
    try Limits.within(Limits.context, maxTokens, "--max-tokens")
    try Limits.atLeast(0, seed, "--seed")
    guard temperature >= 0, temperature.isFinite else {
      throw ValidationError("--temperature takes at least 0, found \(temperature)")
    }
    guard topP > 0, topP <= 1 else {
      throw ValidationError("--top-p takes a number above 0 and up to 1, found \(topP)")
    }
  }

  func run() throws {
    try InputPath.require(model, remedy: "check --model")
    machine.apply()
    guard !format.json else {
      let (text, ids) = try generate { _ in }
      return try Console.result(Answer(["text": text, "ids": ids]), asJSON: true) { "" }
    }
    // People watch the text grow; it is complete when the last piece has come.
    _ = try generate { try Console.product($0) }
    try Console.product("\n")
  }

  /// Continues the prompt; `show` is given each piece of text as it comes, the prompt first.
  private func generate(show: (String) throws -> Void) throws -> (text: String, ids: [Int32]) {
    let padded = try Checkpoint.open(Checkpoint.path(ofModel: model))
    guard let tokenizer = try padded.tokenizer(at: tokenizer, inPlaceOfThatOf: model) else {
      throw PreparationError.noTokenizer(path: model)
    }
    let checkpoint = padded.cut(to: tokenizer)
    let ends = try tokenizer.endTokens()
    let prompt = try tokenizer.prompt(prompt, bos: bos)
    guard !prompt.isEmpty else {
      throw CommandError.outOfRange("--prompt is empty; give at least one word to begin with")
    }
    try checkpoint.config.requireIDs(prompt)
    let limit = try limit(prompt: prompt.count, checkpoint.config)
    try MemoryShortage.check(
      "the model, with keys and values of \(prompt.count + limit) tokens,",
      needs: MemoryNeed.generation(checkpoint.config, prompt: prompt.count, limit: limit))
    let decoder = try Decoder(checkpoint)
    try show(self.prompt)
    var stream = DecodingStream(tokenizer)
    var failure: (any Error)?
    let generated = try TextGenerator(decoder, sampling).continuation(
      of: prompt, limit: limit, ends: ends
    ) { token in
      do { try show(stream.append(token)) } catch { failure = error }
      return failure == nil && !Interruption.isRequested
    }
    if let failure { throw failure }
    let ids = prompt + generated
    return (tokenizer.decode(ids, skippingSpecialTokens: true), ids)
  }

  private var sampling: TextGenerator.Sampling {
    TextGenerator.Sampling(
      temperature: Float(temperature), topP: Float(topP), seed: UInt64(seed))
  }

  /// The number of tokens to draw; the last is not read.
  private func limit(prompt: Int, _ config: DecoderConfig) throws -> Int {
    let room = config.maxPositionEmbeddings + 1 - prompt
    let limit = maxTokens ?? (context.beyondContext ? 64 : max(1, min(64, room)))
    let note = try config.contextNote(
      reading: prompt + limit - 1, model, isAllowed: context.beyondContext,
      .option(room > 0 ? "--max-tokens and a prompt, together" : "a prompt"))
    if let note { Console.warning(note) }
    return limit
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
