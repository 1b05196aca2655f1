import Foundation
import TestSupport
import Testing

/// What stands where a file should be, given to the executable; each run ends at once.
@Suite struct FilesCommandTests {
  private static let config = """
    model: {model_type: llama, vocab_size: 270, hidden_size: 16, intermediate_size: 16,
      num_hidden_layers: 1, num_attention_heads: 2, num_key_value_heads: 1, head_dim: 8}
    tokenizer: tokenizer.json
    data: {paths: text.jsonl, sequence_length: 16}
    training: {steps: 1, batch_size: 2, learning_rate: 1e-2}
    output: run
    """

  /// A FIFO's place, the command that would read it, and its exit code.
  private static let readers: [(fifo: String, command: String, status: Int32)] = [
    ("x.yaml", "distill x.yaml", 66),
    ("x.yaml", "compare x.yaml", 66),
    ("x.yaml", "plan x.yaml", 66),
    ("text.jsonl", "pretrain run.yaml", 66),
    ("tokenizer.json", "pretrain run.yaml", 66),
    ("run/.lock", "pretrain run.yaml", 73),
    ("run/run.json", "pretrain run.yaml", 66),
    ("x.jsonl", "tokenizer train --data x.jsonl --vocab-size 300 --output o", 66),
    ("folder/p.jsonl", "tokenizer train --data folder --vocab-size 300 --output o", 66),
    ("folder/p.txt.gz", "tokenizer train --data folder --vocab-size 300 --output o", 66),
    ("folder/p.zst", "tokenizer train --data folder --vocab-size 300 --output o", 66),
    ("x.json", "tokenizer encode --tokenizer x.json text", 66),
    ("folder/tokenizer.json", "tokenizer decode --tokenizer folder --ids 1", 66),
    ("x.gguf", "tokenizer decode --tokenizer x.gguf --ids 1", 66),
    ("x.gguf", "logits --model x.gguf --tokens 1 --output o", 66),
    ("m/model.safetensors", "logits --model m --tokens 1 --output o", 66),
    ("m/config.json", "logits --model m --tokens 1 --output o", 66),
    ("m/tokenizer.json", "generate --model m --prompt x", 66),
    ("m/config.json", "evaluate --model m --data text.jsonl", 66),
    ("i/model.safetensors.index.json", "logits --model i --tokens 1 --output o", 66),
    ("i/m1.safetensors", "logits --model i --tokens 1 --output o", 66),
    ("c/manifest.json", "cache inspect c", 74),
    ("c/SHA256SUMS", "cache verify c", 65),
    ("c/tables-000.zst", "cache verify c", 65),
    ("c/shard-00000.kd.zst", "cache verify c", 65),
    ("c/shard-00000.kd.zst", "cache export c --output o --format jsonl", 74),
    ("c/capture.json", "cache commit c", 74),
    ("x.jsonl", "cache import x.jsonl --tokenizer tokenizer.json --teacher-name x --output o", 66),
    (
      "folder/x.jsonl",
      "cache import folder --tokenizer tokenizer.json --teacher-name x --output o", 66
    ),
  ]

  @Test("case fifo-hangs: a FIFO in the place of a file is refused at once, whatever reads it")
  func aFIFOIsNeverWaitedOn() throws {
    try inWorld { folder in
      for reader in Self.readers {
        try afresh(folder) { copy in
          let fifo = copy.appending(path: reader.fifo)
          try FileManager.default.createDirectory(
            at: fifo.deletingLastPathComponent(), withIntermediateDirectories: true)
          try? FileManager.default.removeItem(at: fifo)
          #expect(mkfifo(fifo.path, 0o600) == 0)
          let outcome = try run(reader.command, in: copy)
          #expect(outcome.status == reader.status, "\(reader): \(outcome.errors)\(outcome.output)")
          #expect(
            (outcome.errors + outcome.output).contains("FIFO"), "\(reader): \(outcome.errors)")
        }
      }
    }
  }

  @Test("case device-node-replaced: what is no regular file is not replaced by any output")
  func strangersAreNotReplaced() throws {
    let outputs = [
      "logits --model m --tokens 1 --output x",
      "tokenizer train --data text.jsonl --vocab-size 270 --output x",
      "cache export c --format jsonl --output x", "cache export c --format safetensors --output x",
      "cache audit c --positions 8 --temperatures 1 --taus none --top none --samples none --svg x",
    ]
    try inWorld { folder in
      let path = folder.appending(path: "x").path
      for output in outputs {
        #expect(mkfifo(path, 0o600) == 0)
        let refused = try run(output, in: folder)
        var status = stat()
        #expect(refused.status == 73, "\(output): \(refused.errors)")
        #expect(stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFIFO, "\(output)")
        unlink(path)

        // A link stays one, and what it leads to keeps its mode.
        let target = folder.appending(path: "target")
        try Data("old".utf8).write(to: target)
        chmod(target.path, 0o600)
        symlink("target", path)
        let written = try run(output, in: folder)
        #expect(written.status == 0, "\(output): \(written.errors)")
        #expect(lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFLNK, "\(output)")
        #expect(stat(path, &status) == 0 && status.st_mode & 0o777 == 0o600, "\(output)")
        #expect(try Data(contentsOf: target) != Data("old".utf8))
        unlink(path)
      }
    }
  }

  @Test("case predictable-temporaries: links under a cache's temporary names are not followed")
  func temporariesAreNotFollowed() throws {
    try inWorld { folder in
      let victim = folder.appending(path: "victim")
      try Data("precious".utf8).write(to: victim)
      let cache = folder.appending(path: "new")
      try FileManager.default.createDirectory(at: cache, withIntermediateDirectories: true)
      let names = [
        "shard-00000.kd.zst", "capture.json", "tables-000.zst", "manifest.json", "SHA256SUMS",
      ]
      for name in names.map({ $0 + ".tmp" }) + ["cache.lock"] {
        symlink(victim.path, cache.appending(path: name).path)
      }
      let built = try run(Self.build + " --output new", in: folder)
      #expect(built.status == 0, "\(built.errors)")
      #expect(try String(contentsOf: victim, encoding: .utf8) == "precious")
      for name in try FileManager.default.contentsOfDirectory(atPath: "\(cache.path)") {
        #expect(
          (try? FileManager.default.destinationOfSymbolicLink(atPath: "\(cache.path)/\(name)"))
            == nil)
        let same = FileManager.default.contentsEqual(
          atPath: "\(cache.path)/\(name)", andPath: "\(folder.path)/c/\(name)")
        #expect(same, "\(name)")
      }
    }
  }

  @Test("case symlink-fan: folders that link to each other are read once each")
  func aFanOfLinksIsReadOnce() throws {
    try inFolder { folder in
      for one in 1...12 {
        let path = folder.appending(path: "f/d\(one)")
        try FileManager.default.createDirectory(at: path, withIntermediateDirectories: true)
        for other in 1...12 where other != one {
          symlink("../d\(other)", path.appending(path: "l\(other)").path)
        }
      }
      try Data("{\"text\": \"a cat sat\"}".utf8).write(to: folder.appending(path: "f/d1/a.jsonl"))
      let trained = try run(
        "tokenizer train --data f --vocab-size 260 --output o", in: folder)
      #expect(trained.status == 0, "\(trained.errors)")
    }
  }

  @Test("case fifo-hangs: standard input is data where texts are read once")
  func standardInputIsRead() throws {
    try inFolder { folder in
      let trained = try Tool.run(
        ["tokenizer", "train", "--data", "/dev/stdin", "--vocab-size", "260", "--output", "o"],
        in: folder, input: "a cat sat on a mat")
      #expect(trained.status == 0, "\(trained.errors)")
    }
  }

  private static let build =
    "cache build --teacher m --data text.jsonl --sequence-length 16 --sequences-per-shard 64"

  /// A folder with a text, a tokenizer, a model as one file and as a shard, and a cache.
  private func inWorld(_ body: (URL) throws -> Void) throws {
    let lines = (0..<8).map { "{\"text\": \"the cat saw \($0) dogs and ran to the barn\"}" }
    let files = ["text.jsonl": lines.joined(separator: "\n"), "run.yaml": Self.config]
    try inFolder(files) { folder in
      for command in [
        "tokenizer train --data text.jsonl --vocab-size 270 --output tokenizer.json",
        "pretrain run.yaml",
      ] {
        let outcome = try run(command, in: folder)
        try #require(outcome.status == 0, "\(outcome.errors)")
      }
      let manager = FileManager.default
      try manager.moveItem(at: folder.appending(path: "run/model"), to: folder.appending(path: "m"))
      try manager.removeItem(at: folder.appending(path: "run"))
      try manager.copyItem(at: folder.appending(path: "m"), to: folder.appending(path: "i"))
      try manager.moveItem(
        at: folder.appending(path: "i/model.safetensors"),
        to: folder.appending(path: "i/m1.safetensors"))
      let index = #"{"weight_map": {"model.embed_tokens.weight": "m1.safetensors"}}"#
      try Data(index.utf8).write(to: folder.appending(path: "i/model.safetensors.index.json"))
      let built = try run(Self.build + " --output c", in: folder)
      try #require(built.status == 0, "\(built.errors)")
      try body(folder)
    }
  }

  /// Runs a body with a copy of a folder.
  private func afresh(_ folder: URL, _ body: (URL) throws -> Void) throws {
    let copy = folder.appendingPathExtension("copy")
    try FileManager.default.copyItem(at: folder, to: copy)
    defer { try? FileManager.default.removeItem(at: copy) }
    try body(copy)
  }

  /// Runs the tool, which is ended where it waits; its words are divided by spaces.
  private func run(_ command: String, in folder: URL) throws -> Tool.Outcome {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/timeout")
    process.arguments =
      ["-k", "1", "60", try Tool.executable().path] + command.split(separator: " ").map(String.init)
    process.currentDirectoryURL = folder
    process.environment = ProcessInfo.processInfo.environment.merging(
      ["SWIFT_BACKTRACE": "enable=no"]) { $1 }
    let (output, errors) = (Pipe(), Pipe())
    (process.standardInput, process.standardOutput) = (FileHandle.nullDevice, output)
    process.standardError = errors
    try process.run()
    let said = try output.fileHandleForReading.readToEnd() ?? Data()
    let complained = try errors.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    return Tool.Outcome(
      status: process.terminationStatus, output: String(decoding: said, as: UTF8.self),
      errors: String(decoding: complained, as: UTF8.self))
  }
}
