import ArgumentParser
import Base
import Capture
import Reports
import Text

/// `codistill tokenizer train`.
struct TokenizerTrainCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train",
    abstract: "Train a byte-level BPE on texts.",
    discussion: """
      Example:
        codistill tokenizer train --data texts/ --vocab-size 8192 --output tokenizer.json
      """)

  @OptionGroup var texts: DataOptions
  @Option(help: "The number of token ids, special tokens included.")
  var vocabSize: Int
  @Option(
    parsing: .singleValue,
    help: "A special token; repeatable (default: <|begin_of_text|> and <|end_of_text|>).")
  var special: [String] = []
  @Option(help: "The tokenizer.json to write.")
  var output: String
  @OptionGroup var machine: MachineOptions
  @OptionGroup var format: OutputOptions

  func validate() throws {
    try texts.requireAny()
    // Bytes need 256 ids; nothing is left of a vocabulary below.
    try Limits.within((256 + specialTokens.count)...(1 << 24), vocabSize, "--vocab-size")
  }

  private var specialTokens: [String] {
    special.isEmpty ? ["<|begin_of_text|>", "<|end_of_text|>"] : special
  }

  func run() throws {
    guard let data = try texts.config(defaultSplit: .train) else { return }
    machine.apply()
    let tokenizer = try train(on: data)
    try AtomicFile.write(try tokenizer.json(), to: output)
    let answer = Answer([
      "output": output, "vocabSize": tokenizer.vocabularySize, "sha256": tokenizer.fingerprint,
    ])
    try Console.result(answer, asJSON: format.json) {
      "\(output): \(tokenizer.vocabularySize) tokens, SHA-256 \(tokenizer.fingerprint)"
    }
  }

  private func train(on data: DataConfig) throws -> Tokenizer {
    guard case .paths(let paths) = data.source else { throw PreparationError.noData }
    var trainer = try BytePairTrainer(vocabularySize: vocabSize, specialTokens: specialTokens)
    var reader = try DocumentReader(paths: paths, format: data.format, textKey: data.textKey)
    let split = try HeldOutSplit(fraction: data.heldOut)
    let line = ProgressLine("reading", total: nil, unit: "bytes")
    var bytes = 0
    while let document = try reader.next() {
      guard split.contains(DocumentDigest(document), in: data.split) else { continue }
      for text in [document.prompt, document.text].compactMap({ $0 }) {
        try trainer.add(text)
        bytes += text.utf8.count
      }
      line.update(done: bytes)
    }
    line.finish()
    if let passedOver = PassedOverFiles(reader.passedOver) { Console.note(passedOver.note) }
    guard bytes > 0 else { throw DocumentError.empty(paths: paths) }
    return try trainer.train()
  }
}
