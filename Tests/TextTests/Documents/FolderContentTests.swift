import Foundation
import Testing

@testable import Text

@Suite struct FolderContentTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// Reads a folder of files that hold their own names, and tells their and the others' names.
  private func read(
    _ names: [String], others: [String: String] = [:], _ format: DataFormat = .auto
  ) throws -> (read: [String], passedOver: [String]) {
    for name in names {
      let isLines = name.contains(".jsonl")
      try folder.write((isLines ? "{\"text\":\"\(name)\"}" : name).utf8, name)
    }
    for (name, text) in others { try folder.write(text.utf8, name) }
    var reader = try DocumentReader(paths: [folder.url.path], format: format)
    var read: [String] = []
    while let document = try reader.next() { read.append(document.text) }
    return (
      read, reader.passedOver.map { String($0.dropFirst(folder.url.path.count + 1)) }.sorted()
    )
  }

  @Test("case folder-metadata-as-text: what lies beside data is passed over and named")
  func aFolderOfADataHub() throws {
    let (read, passedOver) = try read(
      [
        "data/train.jsonl", "README.md", "LICENSE", "load.py", "notes.md", "data/SHA256SUMS",
        ".git/x",
      ],
      others: [
        "dataset_infos.json": "{\"default\": {}}", "dataset_dict.json": "{}", "state.json": "{}",
        "config.json": "{\"model_type\": \"llama\"}", "labels.json": "[\"a\", \"b\"]",
        "more.json": "[{\"text\": \"more\"}]", "one.json": "{\"text\": \"one\"}",
      ])
    #expect(read == ["data/train.jsonl", "more", "one"])
    #expect(
      passedOver == [
        "LICENSE", "README.md", "config.json", "data/SHA256SUMS", "dataset_dict.json",
        "dataset_infos.json", "labels.json", "load.py", "notes.md", "state.json",
      ])
  }

  @Test("case folder-metadata-as-text: records that lack the text are no description")
  func recordsWithoutTheText() throws {
    #expect(throws: DocumentError.self) {
      try read(["a.jsonl"], others: ["b.json": "{\"a\":1}\n{\"a\":2}"])
    }
  }

  @Test(
    "case folder-metadata-as-text: a card beside texts",
    arguments: ["README.md", "LICENSE", "README.txt", "LICENSE.txt"])
  func aCardBesideTexts(card: String) throws {
    let (read, passedOver) = try read(["a.txt", "b.txt", card])
    #expect(read == ["a.txt", "b.txt"] && passedOver == [card])
  }

  @Test("case folder-metadata-as-text: a folder of nothing but such files is a corpus")
  func foldersOfOneKind() throws {
    #expect(try read(["README.md", "a.md"]) == (["README.md", "a.md"], []))
    #expect(try FolderContentTests().read(["README", "LICENSE"]) == (["LICENSE", "README"], []))
    let code = try FolderContentTests().read(["a.py", "b.py"])
    #expect(code == (["a.py", "b.py"], []))
    let mixed = try FolderContentTests().read(["a.md", "b.txt"])
    #expect(mixed.passedOver.isEmpty)
  }

  @Test("case folder-metadata-as-text: parts without an ending, as Spark writes them")
  func partsWithoutAnEnding() throws {
    let (read, passedOver) = try read(
      ["LICENSE", "README", "_SUCCESS"],
      others: ["part-00000": "{\"text\": \"first\"}", "part-00001": "{\"text\": \"second\"}"])
    #expect(read == ["first", "second"])
    #expect(passedOver == ["LICENSE", "README", "_SUCCESS"])
  }

  @Test func whatIsNamedItselfIsRead() throws {
    let path = try folder.write("a card".utf8, "README.md")
    var reader = try DocumentReader(paths: [path])
    #expect(try reader.next()?.text == "a card")
  }

  @Test func theNoteIsOneLineHoweverManyThereAre() throws {
    #expect(PassedOverFiles([])?.note == nil)
    let note = try #require(PassedOverFiles((0..<100).map { "f\($0)" })).note
    #expect(note.contains("f5 and 94 more") && !note.contains("\n"))
  }
}
