public import ArgumentParser
import Base
import Capture
import Foundation
public import Text

extension Split: ExpressibleByArgument {}
extension DataFormat: ExpressibleByArgument {}

/// The texts to read, and the way to read them.
struct DataOptions: ParsableArguments {
  @Option(
    parsing: .singleValue,
    help: "Text or JSON records (also gzip, zstd), a folder of files, or a cache; repeatable.")
  var data: [String] = []

  @Option(help: "Which documents to read: train, held_out or all.")
  var split: Split?

  @Option(help: "The share of documents that is held out, from 0 up to 1.")
  var heldOut: Double?

  @Option(help: "How files are read: auto (as their content says), text or jsonl.")
  var dataFormat = DataFormat.auto

  @Option(help: "The key of a JSON line that holds the document.")
  var textKey = "text"

  @Flag(help: "Begin each document with the tokenizer's BOS token, unless it does already.")
  var bos = false

  @Flag(help: "End each document with the tokenizer's EOS token, unless it does already.")
  var eos = false

  func validate() throws {
    if let heldOut, !(0..<1).contains(heldOut) {
      throw ValidationError("--held-out takes at least 0 and below 1, found \(heldOut)")
    }
    if split == .heldOut, heldOut ?? 0 == 0 {
      throw ValidationError("--split held_out needs --held-out above 0, such as 0.02")
    }
  }

  /// Throws where no texts were named, as the parser does for options that have to be there.
  func requireAny() throws {
    guard !data.isEmpty else { throw ValidationError("Missing expected argument '--data'") }
  }

  /// The options that say how texts are read and which, as far as they were given.
  var given: [String] {
    let options = [
      ("--split", split != nil), ("--held-out", heldOut != nil),
      ("--data-format", dataFormat != .auto), ("--text-key", textKey != "text"),
      ("--bos", bos), ("--eos", eos),
    ]
    return options.filter(\.1).map(\.0)
  }

  /// The texts, or nil when none were named.
  ///
  /// Throws: `missingInput`.
  func config(
    defaultSplit: Split, sequenceLength: Int? = nil, tokens: Int? = nil
  ) throws -> DataConfig? {
    guard !data.isEmpty else { return nil }
    for path in data { try InputPath.require(path, remedy: "check --data") }
    if let cache = try cacheName() {
      throw CommandError.mismatch("\(cache): is a cache; this command reads texts")
    }
    var config = DataConfig(source: .paths(data))
    config.split = split ?? defaultSplit
    config.heldOut = heldOut ?? 0
    config.format = dataFormat
    config.textKey = textKey
    config.bos = bos
    config.eos = eos
    config.sequenceLength = sequenceLength
    config.tokens = tokens
    return config
  }
}

extension DataOptions {
  /// The cache, if that is what `--data` names.
  func cacheName() throws -> String? {
    let caches = data.filter { FileManager.default.fileExists(atPath: $0 + "/manifest.json") }
    guard let cache = caches.first else { return nil }
    guard data.count == 1 else {
      throw ValidationError("--data takes texts or one cache, not both: \(cache) is a cache")
    }
    return cache
  }
}

/// Paths that a command reads.
enum InputPath {
  /// Throws: `missingInput` when nothing is at the path, `mismatch` for a pointer to a file.
  static func require(_ path: String, remedy: String) throws {
    if let pointer = PointerFile(at: path) { throw CommandError.mismatch(pointer.description) }
    guard FileManager.default.fileExists(atPath: path) else {
      throw CommandError.missingInput(path: path, remedy: remedy)
    }
  }
}
