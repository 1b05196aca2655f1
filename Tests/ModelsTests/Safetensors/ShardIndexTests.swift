import Foundation
import Testing

@testable import Models

@Suite struct ShardIndexTests {
  let folder: TemporaryFolder

  /// Two shards: one with `a`, the other with `b`.
  init() throws {
    folder = try TemporaryFolder()
    for name in ["a", "b"] { try shard(name, holding: [name]) }
  }

  private func shard(_ file: String, holding names: [String]) throws {
    try SafetensorsWriter.write(
      to: "\(folder.path)/\(file).safetensors",
      tensors: names.map { NamedShape(name: $0, shape: [1]) }, type: .float32
    ) { _, body in try [1].withUnsafeBufferPointer { try body($0) } }
  }

  private func open(_ text: String) throws -> [SafetensorsFile] {
    let path = try folder.write(Array(text.utf8), as: ShardIndex.fileName)
    return try ShardIndex(path: path).open(in: folder.path)
  }

  @Test func everyTensorIsFound() throws {
    let files = try open(
      #"""
      {"metadata": {"total_size": 8}, "weight_map": {"a": "a.safetensors", "b": "b.safetensors"}}
      """#)
    #expect(files.map(\.names) == [["a"], ["b"]])
  }

  static let broken: [(text: String, says: String)] = [
    ("{", "breaks at byte 1"),
    ("[]", "breaks at byte 0"),
    ("{}", "has no tensors"),
    (#"{"weight_map": {"a": 1}}"#, "breaks at byte"),
    (#"{"weight_map": {"a": "a.safetensors", "a": "b.safetensors"}}"#, "has a twice"),
    (
      #"{"weight_map": {"a": "a.safetensors"}, "weight_map": {"b": "b.safetensors"}}"#,
      "has weight_map twice"
    ),
    (#"{"weight_map": {"a": "../a.safetensors"}}"#, "names the shard ../a.safetensors"),
    (#"{"weight_map": {"a": "/a.safetensors"}}"#, "names the shard /a.safetensors"),
    (#"{"weight_map": {"a": "x/a.safetensors"}}"#, "names the shard x/a.safetensors"),
    (#"{"weight_map": {"a": "..\\a.safetensors"}}"#, #"names the shard ..\a.safetensors"#),
    (#"{"weight_map": {"a": "a.safetensors\u0000"}}"#, "names the shard"),
    (#"{"weight_map": {"a": ".safetensors"}}"#, "names the shard .safetensors"),
    (#"{"weight_map": {"a": "a.bin"}}"#, "names the shard a.bin"),
    (
      #"{"weight_map": {"a": "a.safetensors", "b": "a.safetensors"}}"#,
      "b is not in a.safetensors, where it should be"
    ),
    (
      #"{"weight_map": {"a": "a.safetensors", "c": "both.safetensors"}}"#,
      "a is both in a.safetensors and in both.safetensors"
    ),
    (
      #"{"weight_map": {"a": "both.safetensors", "b": "a.safetensors"}}"#,
      "a is both in a.safetensors and in both.safetensors"
    ),
    (
      #"{"weight_map": {"b": "a.safetensors", "c": "both.safetensors"}}"#,
      "a is both in a.safetensors and in both.safetensors"
    ),
  ]

  @Test(arguments: broken) func aBrokenIndexIsNamed(text: String, says: String) throws {
    try shard("both", holding: ["a", "c"])
    let error = #expect(throws: CheckpointError.self) { try open(text) }
    let start = "\(folder.path)/\(ShardIndex.fileName): \(says)"
    #expect(error?.description.hasPrefix(start) == true, "\(String(describing: error))")
  }

  @Test func aMissingShardIsNamed() {
    #expect(throws: CheckpointError.notFound(path: folder.path + "/c.safetensors")) {
      try open(#"{"weight_map": {"c": "c.safetensors"}}"#)
    }
  }
}
