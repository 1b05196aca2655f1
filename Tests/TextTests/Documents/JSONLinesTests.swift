import Testing

@testable import Text

/// Sound files are read, and the reasons for which others are not are the true ones.
@Suite struct JSONLinesTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func read(_ bytes: some Sequence<UInt8>) throws -> [String] {
    var reader = try DocumentReader(paths: [folder.write(bytes, "d.jsonl")])
    var texts: [String] = []
    while let document = try reader.next() { texts.append(document.text) }
    return texts
  }

  private let first = "{\"text\": \"one\"}\n"

  @Test(
    "case json-lines-messages: what nobody asked for is not judged",
    arguments: [
      "NaN", "Infinity", "-Infinity", "1e400", "-1e999", "123456789012345678901234567890", "null",
      String(repeating: "[", count: 5000) + "{\"a\": [1, \"]\"]}"
        + String(repeating: "]", count: 5000),
      "\"half \\ud83d\"", "[NaN, {\"a\": 1, \"a\": 2}]", "\"\\x\"",
    ])
  func otherKeysAreNotJudged(value: String) throws {
    let line = "{\"id\": \(value), \"text\": \"two\", \"prompt\": \(value)}"
    #expect(try read((first + line).utf8) == ["one", "two"])
  }

  @Test("case json-lines-messages: marks in the middle, blank lines, any line ends")
  func joinedFiles() throws {
    let mark = "\u{FEFF}"
    #expect(try read((mark + first + mark + first + "\r\n \n" + first).utf8).count == 3)
    #expect(try read("{\"text\":\"a\"}\r{\"text\":\"b\"}\r".utf8) == ["a", "b"])
    #expect(try read("{\"text\":null,\"prompt\":\"a\",\"completion\":\"b\"}".utf8) == ["b"])
  }

  @Test(
    "case json-lines-messages: the reason is the true one, with file and line",
    arguments: [
      ("{\"text\": null, \"id\": 7}", "'text' is null, not a string; leave such lines out"),
      ("{\"text\": 5}", "'text' is a number"), ("{\"text\": NaN}", "'text' is a number"),
      ("{\"text\": \"half \\ud83d here\"}", "'text' cannot be read: the lone surrogate \\ud83d"),
      ("{\"text\": \"half \\ude00\"}", "the lone surrogate \\ude00"),
      ("{\"text\": \"half \\ud83d\\n\"}", "the lone surrogate \\ud83d"),
      ("{\"text\": \"a\", \"text\": \"b\"}", "'text' cannot be read: the key twice"),
      ("{\"a\": 1}", "no key 'text' (keys: a)"), ("\0\0\0\0", "NUL bytes"),
      ("{\"text\": \"a\"},", "a comma"), ("[1]", "an array"), ("\"a\"", "a string"),
      ("{\n\"text\": \"a\"}", "the object does not end on this line (`jq -c .`"),
      ("{\"text\": \"a\"} x", "no object"), ("{\"text\" \"a\"}", "expected ':'"),
      ("{\"text\": \"a\tb\"}", "a control character inside a string"),
    ])
  func trueReasons(line: String, reason: String) throws {
    #expect {
      try read((first + line + "\n").utf8)
    } throws: {
      let text = "\($0)"
      return text.hasPrefix(folder.path("d.jsonl") + ":2: ") && text.contains(reason)
    }
  }

  @Test(
    "case json-lines-messages: wide encodings are named, with and without a mark",
    arguments: [
      (2, [0xFF, 0xFE], false, "UTF-16"), (2, [0xFE, 0xFF], true, "UTF-16"),
      (4, [0xFF, 0xFE, 0, 0], false, "UTF-32"), (2, [], false, "UTF-16LE"),
      (2, [], true, "UTF-16BE"), (4, [], false, "UTF-32LE"), (4, [], true, "UTF-32BE"),
    ] as [(Int, [UInt8], Bool, String)])
  func wideEncodings(width: Int, mark: [UInt8], isBig: Bool, name: String) {
    let zeros = [UInt8](repeating: 0, count: width - 1)
    let units = first.utf8.flatMap { isBig ? zeros + [$0] : [$0] + zeros }
    #expect { try read(mark + units) } throws: { "\($0)".contains("iconv -f \(name) ") }
  }

  @Test(
    "case chat-messages: chats are recognised, and what to do is said",
    arguments: [
      "{\"messages\": [{\"role\": \"user\"}]}", "{\"conversations\": [{\"from\": \"human\"}]}",
      "{\"prompt\": [{\"role\": \"user\"}], \"completion\": [{\"role\": \"assistant\"}]}",
      "{\"text\": [{\"role\": \"user\"}]}", "{\"prompt\": [{\"role\": \"user\"}]}",
    ])
  func chats(line: String) {
    #expect { try read(line.utf8) } throws: {
      "\($0)".contains("d.jsonl:1: ") && "\($0)".contains("apply_chat_template")
    }
  }
}
