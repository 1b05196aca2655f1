import Foundation
import Testing

@testable import Models

@Suite("case large-headers: what is kept of a header is bounded by its text")
struct LargeHeaderTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func header(_ entries: some Sequence<String>) -> String {
    "{" + entries.joined(separator: ",") + "}"
  }

  /// An entry of some bytes at a place.
  private func entry(_ name: String, _ range: Range<Int>) -> String {
    #""\#(name)":{"dtype":"U8","shape":[\#(range.count)],"#
      + #""data_offsets":[\#(range.lowerBound),\#(range.upperBound)]}"#
  }

  @Test func everyOneOfManyTensorsIsFound() throws {
    // In an order that is not that of their bytes, with an escape and a prefix now and then.
    let count = 20_000
    let numbers = (0..<count).map { $0 * 7919 % count }
    let names = numbers.map { number in
      number % 1000 == 0 ? #"\u0074\#(number)é"# : "t\(number)"
    }
    let text = header(zip(numbers, names).map { entry($1, (2 * $0)..<(2 * $0 + 2)) })
    let data = (0..<(2 * count)).map { UInt8(truncatingIfNeeded: $0 / 2) }
    let file = try SafetensorsFile(path: try folder.write(safetensors(text, data), as: "x"))
    let entries = Array(file.entries)
    #expect(entries.count == count)
    for number in stride(from: 0, to: count, by: 97) {
      let name = number % 1000 == 0 ? "t\(number)é" : "t\(number)"
      let entry = try #require(file.entry(name), "\(name)")
      #expect(entry.shape == [2] && entry.range == (2 * number)..<(2 * number + 2))
      #expect(entries[number] == entry)
      try file.withBytes(of: name) { bytes in
        #expect(bytes[0] == UInt8(truncatingIfNeeded: number))
      }
    }
    #expect(file.entry("t") == nil && file.entry("t20000") == nil && file.entry("") == nil)
  }

  @Test func aNameThatComesAgainFarAwayIsFound() throws {
    let entries = (0..<5000).map { entry("t\($0)", 0..<0) } + [entry(#"t\u0031234"#, 0..<0)]
    let path = try folder.write(safetensors(header(entries)), as: "x")
    #expect(throws: SafetensorsError.duplicateKey(file: path, key: "t1234")) {
      try SafetensorsFile(path: path)
    }
  }

  @Test func whatIsKeptOfATensorIsSmallerThanItsText() {
    #expect(MemoryLayout<SafetensorsHeader.Record>.stride <= 24)
  }

  @Test func tooMuchMetadataIsRefused() throws {
    let members = (0...SafetensorsHeader.mostMetadata).map { #""\#($0)":"""# }
    let text = #"{"__metadata__":"# + header(members) + "}"
    let path = try folder.write(safetensors(text), as: "x")
    let error = #expect(throws: SafetensorsError.self) { try SafetensorsFile(path: path) }
    #expect(error?.description.contains("more than 65536 keys of metadata") == true)
  }

  @Test func aTensorThatNobodyReadsIsNamedInOrder() throws {
    _ = try folder.write(Array(Self.config(more: "").utf8), as: "config.json")
    let names = ["z", "b", "vision_model.a", "a.rotary_emb.inv_freq", "language_model.aa", "c"]
    let text = header(names.map { entry($0, 0..<0) })
    _ = try folder.write(safetensors(text), as: "model.safetensors")
    let checkpoint = try Checkpoint.open(folder.path)
    for (used, other) in [([], "aa"), (["aa"], "b"), (["aa", "b"], "c"), (["c", "b", "aa"], "z")] {
      #expect(throws: CheckpointError.unexpectedTensor(path: folder.path, name: other)) {
        try checkpoint.requireNothing(besides: used)
      }
    }
    try checkpoint.requireNothing(besides: ["aa", "b", "c", "z"])
  }

  @Test func aNameWithAndWithoutThePrefixIsTwice() throws {
    _ = try folder.write(Array(Self.config(more: "").utf8), as: "config.json")
    let text = header(["language_model.a", "a"].map { entry($0, 0..<0) })
    let path = try folder.write(safetensors(text), as: "model.safetensors")
    #expect(throws: SafetensorsError.duplicateKey(file: path, key: "a")) {
      try Checkpoint.open(folder.path)
    }
  }

  private static func config(more: String) -> String {
    #"""
    {"model_type": "llama", "vocab_size": 12, "hidden_size": 32, "intermediate_size": 64,
     "num_hidden_layers": 2, "num_attention_heads": 4\#(more)}
    """#
  }

  @Test func whatNobodyReadsOfAConfigIsNotKept() throws {
    let numbers = String(repeating: "1,", count: 1_000_000) + "1"
    let text = Self.config(more: #", "zz": [\#(numbers)], "z": {"a": [1e999, "\u00e9"]}"#)
    let path = try folder.write(Array(text.utf8), as: "config.json")
    #expect(try DecoderConfig.members(of: path).count == 6)
    let broken = try folder.write(Array((text.dropLast() + ", }").utf8), as: "broken.json")
    #expect(throws: DecoderConfigError.self) { try DecoderConfig.members(of: broken) }
    let known = Self.config(more: #", "moe_layers": [\#(numbers)]"#)
    let long = try folder.write(Array(known.utf8), as: "long.json")
    let error = #expect(throws: DecoderConfigError.self) { try DecoderConfig.members(of: long) }
    #expect(error?.description.contains("moe_layers is longer than any model's") == true)
  }

  @Test(arguments: [
    "01", "+1", "-", "1.", ".5", "1e", "1e+", "tru", "[1,]", "[1 2]", #"{"a":1,}"#, "{a:1}",
    #""\x""#, "\"\u{1}\"", "NaN", "[", #"{"a""#, #""a"#, "",
  ]) func whatNobodyReadsMustBeJSON(value: String) throws {
    let path = try folder.write(
      Array(Self.config(more: #", "zz": \#(value)"#).utf8), as: "config.json")
    #expect(throws: DecoderConfigError.self) { try DecoderConfig.members(of: path) }
  }

  @Test func aKeyThatNobodyReadsTwiceIsRefused() throws {
    let path = try folder.write(
      Array(Self.config(more: #", "zz": 1, "y": 2, "\u007az": 1"#).utf8), as: "config.json")
    #expect(throws: DecoderConfigError.duplicateKey(file: path, key: "zz")) {
      try DecoderConfig.members(of: path)
    }
  }

  @Test func aGGUFThatClaimsTooMuchIsRefusedAtOnce() throws {
    var builder = GGUFBuilder.llama
    builder.add("text", String(repeating: "x", count: 4_000_000))
    for (tensors, values, says) in [
      (131_073, nil, "claims 131073 tensors"), (nil, 65_537, "claims 65537 metadata values"),
    ] as [(UInt64?, UInt64?, String)] {
      (builder.tensorCount, builder.valueCount) = (tensors, values)
      let path = try folder.write(builder.bytes, as: "x.gguf")
      let error = #expect(throws: GGUFError.self) { try GGUFFile(path: path) }
      #expect(error?.description.contains(says) == true, "\(String(describing: error))")
    }
  }
}
