import Foundation
import Testing
import Text

@Suite struct DocumentReaderTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func read(
    _ paths: [String], textKey: String = "text", groupKey: String? = nil,
    lineByteLimit: Int = DocumentReader.defaultLineByteLimit
  ) throws -> [Document] {
    var reader = try DocumentReader(
      paths: paths, textKey: textKey, groupKey: groupKey, lineByteLimit: lineByteLimit)
    var documents: [Document] = []
    while let document = try reader.next() { documents.append(document) }
    return documents
  }

  private func lines(_ text: String, _ name: String = "d.jsonl") throws -> String {
    try folder.write(Array(text.utf8), name)
  }

  @Test func foldersAreReadToTheBottomInTheOrderOfNames() throws {
    for name in ["b.txt", "a/z.txt", "a/B.txt", "c.jsonl", ".hidden", "a/.git/x"] {
      try folder.write(Array((name.hasSuffix("jsonl") ? #"{"text":"c.jsonl"}"# : name).utf8), name)
    }
    let documents = try read([folder.url.path])
    #expect(documents.map(\.text) == ["a/B.txt", "a/z.txt", "b.txt", "c.jsonl"])
    #expect(documents.last?.source == folder.path("c.jsonl") + ":1")
  }

  @Test func linksInACircleEnd() throws {
    try folder.write(Array("x".utf8), "a/t.txt")
    try FileManager.default.createSymbolicLink(
      atPath: folder.path("a/up"), withDestinationPath: folder.url.path)
    #expect(try read([folder.url.path]).map(\.text) == ["x"])
  }

  @Test func linesMayEndAnyWayAndBeBlank() throws {
    let path = try lines(
      "\u{FEFF}{\"text\":\"a\"}\r\n\n  \n{\"text\":\"b\",\"n\":1}\n{\"text\":\"\"}\n{\"text\":\"c\"}"
    )
    let documents = try read([path])
    #expect(documents.map(\.text) == ["a", "b", "c"])
    #expect(documents.map(\.source) == [1, 4, 6].map { "\(path):\($0)" })
  }

  @Test func aPromptAndItsCompletionMakeOneDocument() throws {
    let path = try lines(#"{"prompt":"Q: ","completion":"A"}"#)
    #expect(try read([path]) == [Document(prompt: "Q: ", text: "A", source: path + ":1")])
  }

  @Test func anotherKeyMayHoldTheText() throws {
    let path = try lines(#"{"body":"x","text":"y"}"#)
    #expect(try read([path], textKey: "body").map(\.text) == ["x"])
    #expect(
      throws: DocumentError.missingKey(path: path, line: 1, key: "b", found: ["body", "text"])
    ) {
      try read([path], textKey: "b")
    }
  }

  @Test func aKeyMayHoldTheGroup() throws {
    let path = try lines(
      """
      {"text":"a","language":"de"}
      {"text":"b"}
      {"text":"c","language":null}
      {"text":"d","language":""}
      {"text":"e","language":1999}
      {"prompt":"f","completion":"g","language":"fr"}
      """)
    let text = try folder.write(Array("h".utf8), "t.txt")
    let groups = try read([path, text], groupKey: "language").map(\.group)
    #expect(groups == ["de", "other", "other", "other", "1999", "fr", nil])
    #expect(try read([path, text]).allSatisfy { $0.group == nil })
    let bad = try lines(#"{"text":"a","language":["de"]}"#, "bad.jsonl")
    #expect(
      throws: DocumentError.notText(path: bad, line: 1, key: "language", found: "an array")
    ) {
      try read([bad], groupKey: "language")
    }
  }

  @Test func aByteOrderMarkIsDroppedOnceAndLineEndsKept() throws {
    let path = try folder.write(Array("\u{FEFF}\u{FEFF}a\r\nb\u{0}".utf8), "t.txt")
    let text = try #require(try read([path]).first?.text)
    #expect(Array(text.utf8) == Array("\u{FEFF}a\r\nb\u{0}".utf8))
  }

  @Test func badLinesNameFileAndLine() throws {
    let good = #"{"text":"a"}"# + "\n"
    for bad in ["{", "[1]", "\"x\"", #"{"text":"a""#, #"{"text" "a"}"#] {
      let path = try lines(good + bad + "\n" + good)
      #expect { try read([path]) } throws: { error in
        guard case .malformedLine(path, line: 2, _)? = error as? DocumentError else { return false }
        return "\(error)".hasPrefix("\(path):2: ") && !"\(error)".contains("\n")
      }
    }
    let number = try lines(good + #"{"text":5}"#)
    #expect(throws: DocumentError.notText(path: number, line: 2, key: "text", found: "a number")) {
      try read([number])
    }
    let missing = try lines(good + good + #"{"prompt":"p"}"#)
    #expect(
      throws: DocumentError.missingKey(path: missing, line: 3, key: "text", found: ["prompt"])
    ) { try read([missing]) }
  }

  @Test func textThatIsNotUTF8NamesTheLine() throws {
    let latin = try folder.write(Array("one\ntwo\ncaf".utf8) + [0xE9], "latin.txt")
    #expect(throws: DocumentError.notUTF8(path: latin, line: 3, hint: "")) { try read([latin]) }
    let wide = try folder.write([0xFF, 0xFE, 0x61, 0x00], "wide.txt")
    #expect { try read([wide]) } throws: { "\($0)".contains("iconv -f UTF-16 ") }
    let line = try folder.write(Array(#"{"text":""#.utf8) + [0xC3] + Array(#""}"#.utf8), "l.jsonl")
    #expect { try read([line]) } throws: { "\($0)".contains("UTF-8") && "\($0)".contains(":1:") }
  }

  @Test func aLineBeyondTheLimitIsAStatedError() throws {
    let fits = #"{"text":"0123456789"}"#
    let path = try lines(fits + "\n" + fits + "!\n")
    #expect(throws: DocumentError.lineTooLong(path: path, line: 2, limit: fits.utf8.count)) {
      try read([path], lineByteLimit: fits.utf8.count)
    }
    let endless = try folder.write([UInt8](repeating: 0x20, count: 1 << 20), "endless.jsonl")
    #expect(throws: DocumentError.lineTooLong(path: endless, line: 1, limit: 1000)) {
      try read([endless], lineByteLimit: 1000)
    }
  }

  @Test func emptyFilesAndTextsAreCounted() throws {
    try folder.write([], "a.txt")
    try folder.write([], "b.jsonl")
    try folder.write([0xEF, 0xBB, 0xBF], "c.txt")
    try folder.write(Array("\n\n{\"text\":\"\"}\n".utf8), "d.jsonl")
    try folder.write(Array("x".utf8), "e.txt")
    var reader = try DocumentReader(paths: [folder.url.path])
    #expect(try reader.next()?.text == "x")
    #expect(try reader.next() == nil)
    #expect(try reader.next() == nil)
    #expect(reader.emptyFileCount == 3)
    #expect(reader.emptyDocumentCount == 1)
  }

  @Test func aPathThatIsNotThereIsNamedBeforeAnythingIsRead() throws {
    #expect(throws: DocumentError.missing(path: "/nowhere")) {
      try DocumentReader(paths: ["/nowhere"])
    }
  }
}
