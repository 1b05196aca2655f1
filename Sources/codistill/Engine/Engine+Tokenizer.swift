import Base
import Capture
import Reports
import Text

extension Engine {
  /// Trains a byte-level BPE and writes it.
  static func trainTokenizer(_ request: TokenizerRequest) throws -> TrainedTokenizer {
    guard case .paths(let paths) = request.data.source else { throw PreparationError.noData }
    var trainer = try BytePairTrainer(
      vocabularySize: request.vocabSize, specialTokens: request.specialTokens)
    var reader = try DocumentReader(
      paths: paths, format: request.data.format, textKey: request.data.textKey)
    let split = try HeldOutSplit(fraction: request.data.heldOut)
    let line = ProgressLine("reading", total: nil, unit: "bytes")
    var bytes = 0
    while let document = try reader.next() {
      guard split.contains(DocumentDigest(document), in: request.data.split) else { continue }
      for text in [document.prompt, document.text].compactMap({ $0 }) {
        try trainer.add(text)
        bytes += text.utf8.count
      }
      line.update(done: bytes)
    }
    line.finish()
    if let passedOver = PassedOverFiles(reader.passedOver) { Console.note(passedOver.note) }
    guard bytes > 0 else { throw DocumentError.empty(paths: paths) }
    let tokenizer = try trainer.train()
    try AtomicFile.write(try tokenizer.json(), to: request.output)
    return TrainedTokenizer(
      output: request.output, vocabSize: tokenizer.vocabularySize, sha256: tokenizer.fingerprint)
  }
}
