import ArgumentParser
import Foundation
import Text

/// `codistill-bench tokenize`: the token ids of many documents.
struct TokenizeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tokenize", abstract: "Turn the documents of a JSON array into token ids.")

  @Option(help: "The tokenizer.json.")
  var tokenizer: String
  @Option(help: "A JSON array of texts.")
  var data: String
  @OptionGroup var machine: MachineOptions

  func run() throws {
    machine.apply()
    let texts = try JSONDecoder().decode(
      [String].self, from: Data(contentsOf: URL(filePath: data)))
    let tokenizer = try Tokenizer(contentsOf: tokenizer)
    let facts = Facts(digest: Self.digest(try tokenizer.encode(texts)))
    try StepServer.serve(facts, warmUp: machine.warmUp) {
      var ids: [[Int32]] = []
      let time = try seconds { ids = try tokenizer.encode(texts) }
      return Measurement(seconds: time, tokens: ids.reduce(0) { $0 + $1.count })
    }
  }

  /// FNV-1a over ids in place of bytes, every document ended by −1.
  private static func digest(_ documents: [[Int32]]) -> String {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for document in documents {
      for id in document + [-1] {
        hash = (hash ^ UInt64(UInt32(bitPattern: id))) &* 0x100_0000_01B3
      }
    }
    return String(hash, radix: 16)
  }

  private struct Facts: Encodable {
    let ready = true
    let digest: String
  }
}
