import ArgumentParser
import Base
import Capture
import Glibc
import Text

/// `codistill tokenizer encode`.
struct TokenizerEncodeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "encode",
    abstract: "Turn a text into token ids.",
    discussion: """
      Example:
        codistill tokenizer encode --tokenizer tokenizer.json "Some text"
        codistill tokenizer encode --tokenizer tokenizer.json < chapter.txt
      """)

  @Option(help: "A tokenizer.json, a folder with one, or a .gguf file.")
  var tokenizer: String
  @Argument(help: "The text (default: standard input).")
  var text: String?
  @Flag(
    help: "Add the special tokens that the tokenizer puts around a text, unless they are there.")
  var addSpecialTokens = false
  @OptionGroup var machine: MachineOptions
  @OptionGroup var format: OutputOptions

  func run() throws {
    machine.apply()
    try InputPath.require(tokenizer, remedy: "check --tokenizer")
    let tokenizer = try Tokenizer(source: tokenizer)
    let plain = try tokenizer.encode(try text ?? standardInput())
    let (ids, isWhole) = addSpecialTokens ? tokenizer.wrapped(plain) : (plain, true)
    if !isWhole { Console.note("special tokens were in the text already: none was added twice") }
    try Console.result(format.json ? Self.json(ids) : ids.commaSeparated)
  }

  /// The answer as ``JSONOutput`` has it; a text can have millions of ids.
  private static func json(_ ids: [Int32]) -> [UInt8] {
    var writer = JSONWriter()
    writer.object { writer in
      writer.key("ids")
      writer.integers(ids)
      writer.key("tokens")
      writer.word(String(ids.count))
    }
    return writer.finish()
  }

  private func standardInput() throws -> String {
    let bytes = try StandardInput.read()
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw CommandError.mismatch("standard input is not UTF-8 text; convert it first")
    }
    return text
  }
}

/// Standard input, read to its end.
enum StandardInput {
  /// All of its bytes.
  ///
  /// Throws: `unreadable` where it is closed, a folder or broken.
  static func read() throws(CommandError) -> [UInt8] {
    var (bytes, block) = ([UInt8](), [UInt8](repeating: 0, count: 1 << 16))
    while true {
      let count = Glibc.read(STDIN_FILENO, &block, block.count)
      if count > 0 {
        bytes += block[..<count]
      } else if count == 0 {
        return bytes
      } else if errno != EINTR {
        throw .unreadable(path: "standard input", reason: String(cString: strerror(errno)))
      }
    }
  }
}
