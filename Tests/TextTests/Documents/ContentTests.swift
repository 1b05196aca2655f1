import Foundation
import TestSupport
import Testing

@testable import Text

/// The format is what the content says, whatever the name.
@Suite struct ContentTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func read(
    _ text: some Sequence<UInt8>, _ name: String, _ format: DataFormat = .auto
  ) throws -> [Document] {
    try Self.read(folder.write(text, name), format)
  }

  private static func read(_ path: String, _ format: DataFormat = .auto) throws -> [Document] {
    var reader = try DocumentReader(paths: [path], format: format)
    var documents: [Document] = []
    while let document = try reader.next() { documents.append(document) }
    return documents
  }

  private func refusal(_ text: some Sequence<UInt8>, _ name: String) -> String {
    do {
      return "read: \(try read(text, name).map(\.text))"
    } catch {
      return "\(error)"
    }
  }

  private let lines = "{\"text\":\"one\"}\n{\"text\":\"two\\n\"}\n"

  @Test(
    "case raw-json-as-text: JSON lines of any name are records",
    arguments: [
      "a.json", "a.jsonlines", "a.jsonl.txt", "a.ndjson", "a.JSONL", "a", "a.txt", "a.csv",
    ])
  func linesOfAnyName(name: String) throws {
    #expect(try read(lines.utf8, name).map(\.text) == ["one", "two\n"])
    for format in CompressionTests.Format.allCases {
      let packed = format.compress(Array(lines.utf8))
      #expect(try read(packed, name).map(\.text) == ["one", "two\n"])
      #expect(try read(packed, name + "." + format.rawValue).map(\.text) == ["one", "two\n"])
    }
  }

  @Test("case raw-json-as-text: arrays, objects over several lines, and several on one line")
  func otherLayouts() throws {
    let layouts = [
      "[{\"text\":\"one\"},{\"text\":\"two\\n\"}]",
      "\u{FEFF}\n[\n {\n  \"text\": \"one\"\n },\n {\"a\":[\"}\"],\"text\":\"two\\n\"}\n]\n",
      "{\n \"text\": \"one\"\n}\n{\n \"text\": \"two\\n\"\n}\n",
      "{\"text\":\"one\"}{\"text\":\"two\\n\"}", "{\"text\":\"one\"} {\"text\":\"two\\n\"}\r\n",
    ]
    for layout in layouts {
      for name in ["a.json", "a.jsonl", "a.txt", "a"] {
        #expect(try read(layout.utf8, name).map(\.text) == ["one", "two\n"], "\(layout)")
      }
    }
    #expect(try read(layouts[1].utf8, "a.json").map(\.source).map { $0.suffix(2) } == [":3", ":6"])
    #expect(try read("{\n\"text\": \"x\"\n}".utf8, "a.json").map(\.text) == ["x"])
    #expect(try read("[]".utf8, "a.json").isEmpty)
  }

  @Test("case raw-json-as-text: a pipe's bytes tell what they are, a few at a time")
  func aPipe() throws {
    for piece in [1, 7, 4096] {
      let pipe = Pipe()
      let bytes = Data(CompressionTests.gzip(Array(lines.utf8)))
      for start in stride(from: 0, to: bytes.count, by: piece) {
        pipe.fileHandleForWriting.write(bytes[start..<min(start + piece, bytes.count)])
      }
      try pipe.fileHandleForWriting.close()
      let path = "/dev/fd/\(pipe.fileHandleForReading.fileDescriptor)"
      #expect(try Self.read(path).map(\.text) == ["one", "two\n"])
    }
  }

  @Test(
    "case raw-json-as-text: JSON that is no document is refused, never read as prose",
    arguments: [
      ("[\"one\", \"two\"]", "array of strings"), ("[[1, 2], [3]]", "array of arrays"),
      ("[1, 2]", "no objects"), ("[1, 2]\n[3]\n", "lines that are JSON arrays"),
      ("{\"data\": [{\"text\": \"x\"}]}", "no key 'text'"), ("{}", "no key 'text'"),
      ("[{\"instruction\": \"x\", \"output\": \"y\"}]", "no key 'text'"),
      ("{\"text\": \"cut", "begins as JSON does"), ("[{\"text\": \"a\"}, {\"te", "begins as JSON"),
      ("{'text': 'Python'}", "begins as JSON does"), ("{\"a\":1},\n{\"a\":2}", "a comma follows"),
      ("{\"text\": \"a\"}\n{\"text\": \"b\"", "does not end on this line"),
    ])
  func jsonThatIsNoDocument(text: String, reason: String) {
    for name in ["a.json", "a.txt", "a"] {
      #expect(refusal(text.utf8, name).contains(reason), "\(name)")
    }
  }

  @Test(
    "case raw-json-as-text: a text that merely begins with a bracket is a text",
    arguments: [
      "[Chapter 1]\n\nIt was", "[1] Smith, J. 1999", "{\\bf bold} text", "{{Infobox\n| a = b}}",
      "[[File:x.png]] a wiki", "{ int x = 0; }", "{ \"a\", 1 }", "{}\nis empty",
      "{\"a\": 1}\nis what JSON looks like", "[x](http://a) link", "{", "[", "[\"Hello,\" he said",
      "A line, then\n{\"text\": \"JSON\"}\n", "[1]\nSmith\n[2]\nJones",
    ])
  func proseWithBrackets(text: String) throws {
    for name in ["a.txt", "a", "a.md"] {
      #expect(try read(text.utf8, name).map(\.text) == [text], "\(name)")
    }
    #expect(refusal(text.utf8, "a.json").contains("a.json"))
  }

  @Test("case raw-json-as-text: an option decides where the content should not")
  func theFormatCanBeSaid() throws {
    #expect(try read(lines.utf8, "a.jsonl", .text).map(\.text) == [lines])
    #expect(try read("{\"text\": \"cut".utf8, "a", .text).count == 1)
    #expect(throws: DocumentError.self) { try read("prose".utf8, "a.txt", .jsonl) }
    #expect(refusal("prose\n".utf8, "a.jsonl").contains("a.jsonl:1: not a JSON object: no object"))
  }

  @Test(
    "case raw-json-as-text: formats that are neither text nor JSON are named",
    arguments: [
      ("PAR1\u{15}\u{4}", "Parquet"), ("ARROW1\0\0", "Arrow"), ("PK\u{3}\u{4}\u{14}", "zip"),
      ("%PDF-1.7\n", "PDF"), ("SQLite format 3\0", "SQLite"), ("WARC/1.0\r\n", "web archive"),
      ("GGUF\u{3}\0\0\0", "GGUF"),
    ])
  func foreignFormats(start: String, name: String) {
    for file in ["a", "a.txt", "a.jsonl", "a.parquet"] {
      #expect(refusal((start + "rest").utf8, file).contains(name))
    }
  }

  @Test func foreignFormatsByOtherBytes() throws {
    #expect(refusal([0x80, 4, 0x95, 0, 0], "a").contains("pickle"))
    #expect(refusal([0x89, 0x48, 0x44, 0x46, 0x0D], "a.h5").contains("HDF5"))
    #expect(refusal([UInt8](repeating: 0x61, count: 257) + "ustar".utf8, "a").contains("tar"))
    #expect(refusal("a,b\n1,2\n".utf8, "a.csv").contains("CSV table"))
    #expect(refusal(CompressionTests.gzip(Array("a\tb\n".utf8)), "a.tsv.gz").contains("TSV"))
    #expect(try read("PAR1 is a receptor.".utf8, "a").count == 1)
    #expect(refusal("named JSON".utf8, "a.json").contains("its name says JSON"))
  }

  @Test("case lfs-pointer: among data, in a pipe too")
  func pointers() throws {
    let pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:ab\nsize 3\n"
    for name in ["a.txt", "a.jsonl", "a.jsonl.gz", "a.json"] {
      #expect(refusal(pointer.utf8, name).contains("git lfs pull"))
    }
    try FileManager.default.createSymbolicLink(
      atPath: folder.path("b.txt"), withDestinationPath: ".git/annex/objects/a/b/SHA256E-s9--ab")
    #expect {
      try Self.read(folder.url.path)
    } throws: {
      "\($0)".contains("git annex get")
    }
    let pipe = Pipe()
    pipe.fileHandleForWriting.write(Data(pointer.utf8))
    try pipe.fileHandleForWriting.close()
    #expect {
      try Self.read("/dev/fd/\(pipe.fileHandleForReading.fileDescriptor)")
    } throws: {
      "\($0)".contains("git lfs pull")
    }
  }

  @Test func anArrayIsReadElementByElement() throws {
    let texts = (0..<5000).map { "number \($0) " + String(repeating: "x", count: 300) }
    let array = "[" + texts.map { "{\"text\":\"\($0)\"}" }.joined(separator: ",\n") + "]"
    #expect(try read(array.utf8, "a.json").map(\.text) == texts)
    #expect(refusal(array.dropLast().utf8, "a.json").contains("seems cut off"))
    #expect(refusal(array.dropLast(9).utf8, "a.json").contains("seems cut off"))
    #expect(refusal((array + "x").utf8, "a.json").contains("follows the array"))
  }
}
