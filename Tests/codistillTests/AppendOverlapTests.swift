import Foundation
import Testing

/// case append-overlap: no document gets into a cache twice without a word.
@Suite struct AppendOverlapTests {
  private let build = [
    "cache", "build", "--teacher", "model", "--data", "text.jsonl", "--sequence-length", "16",
    "--sequences-per-shard", "8", "--json", "--output",
  ]

  private func tokens(_ outcome: Tool.Outcome) throws -> Int {
    let object = try JSONSerialization.jsonObject(with: Data(outcome.output.utf8))
    return try #require((object as? [String: Any])?["tokens"] as? Int)
  }

  @Test("case append-overlap: a larger limit adds what is not there yet")
  func aLargerLimitAddsTheRest() throws {
    try TinyWorld.with { folder in
      let all = try tokens(TinyWorld.tool(build + ["whole"], in: folder))
      let some = try tokens(TinyWorld.tool(build + ["c", "--tokens", "\(all / 3)"], in: folder))
      let append = build + ["c", "--append"]
      let grown = try TinyWorld.tool(append, in: folder)
      #expect(grown.errors.contains("documents that are in c already"), "\(grown.errors)")
      // All but the document that the first limit cut are there once.
      let longest = all / 10
      #expect(try tokens(grown) >= all && tokens(grown) < all + longest)
      #expect(try tokens(grown) < all + some)
      let again = try TinyWorld.tool(append, in: folder)
      #expect(again.errors.contains("nothing was added"), "\(again.errors)")
      #expect(try tokens(again) == tokens(grown))
      try TinyWorld.tool(["cache", "verify", "c"], in: folder)
    }
  }

  @Test("case append-overlap: a part that was appended is repaired from the same texts")
  func anAppendedPartIsRepaired() throws {
    try TinyWorld.with { folder in
      try TinyWorld.tool(build + ["c", "--tokens", "300"], in: folder)
      try TinyWorld.tool(build + ["c", "--append"], in: folder)
      let names = try FileManager.default.contentsOfDirectory(
        atPath: folder.appending(path: "c").path
      ).filter { $0.hasSuffix(".kd.zst") }.sorted()
      let last = folder.appending(path: "c/\(try #require(names.last))")
      let sound = try Data(contentsOf: last)
      var damaged = sound
      damaged[damaged.count / 2] ^= 1
      try damaged.write(to: last)
      #expect(try Tool.run(["cache", "verify", "c"], in: folder).status == 65)
      try TinyWorld.tool(
        ["cache", "repair", "c", "--teacher", "model", "--data", "text.jsonl"]
          + ["--sequence-length", "16", "--sequences-per-shard", "8"], in: folder)
      #expect(try Data(contentsOf: last) == sound)
    }
  }

  @Test("case append-overlap: parts with and without an end of documents are told")
  func partsOfTwoKindsAreTold() throws {
    let files = [
      "first.jsonl": TinyWorld.lines(TinyWorld.texts.prefix(12)),
      "second.jsonl": TinyWorld.lines(TinyWorld.texts.suffix(8)),
    ]
    try TinyWorld.with(files) { folder in
      func build(_ name: String, _ output: String, _ options: String...) throws -> String {
        try TinyWorld.tool(
          ["cache", "build", "--teacher", "model", "--data", "\(name).jsonl", "--output", output]
            + ["--sequence-length", "16"] + options, in: folder
        ).errors
      }
      let told = "EOS was not added there and is added here"
      #expect(try !build("first", "a").contains(told))
      #expect(try build("second", "a", "--append", "--eos").contains(told))
      #expect(try !build("second", "b", "--eos").contains(told))
      try _ = build("first", "c")
      let merged = try TinyWorld.tool(["cache", "merge", "c", "b", "--output", "d"], in: folder)
      #expect(merged.errors.contains("EOS was added there and is not added here"))
    }
  }

  @Test("case append-overlap: merging tells the documents that several caches have")
  func mergingTells() throws {
    try TinyWorld.with(
      [
        "first.jsonl": TinyWorld.lines(TinyWorld.texts.prefix(12)),
        "second.jsonl": TinyWorld.lines(TinyWorld.texts.dropFirst(9).prefix(10)),
        "third.jsonl": TinyWorld.lines(TinyWorld.texts.suffix(8)),
      ]
    ) { folder in
      for name in ["first", "second", "third"] {
        try TinyWorld.tool(
          ["cache", "build", "--teacher", "model", "--data", "\(name).jsonl", "--output", name]
            + ["--sequence-length", "16"], in: folder)
      }
      let merge = ["cache", "merge", "--json", "--output"]
      let apart = try TinyWorld.tool(merge + ["a", "first", "third"], in: folder)
      #expect(!apart.errors.contains("twice") && !apart.output.contains("repeated_documents"))
      let shared = try TinyWorld.tool(merge + ["b", "first", "second"], in: folder)
      #expect(shared.errors.contains("3 of the 22 documents"), "\(shared.errors)")
      #expect(shared.output.contains("\"repeated_documents\":3"))
    }
  }
}
