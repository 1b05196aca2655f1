import Foundation

@testable import Models

/// The folder of this suite's fixtures.
let fixtures = URL(filePath: #filePath)
  .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
  .appending(path: "Fixtures/checkpoints")

/// The path of a fixture.
func fixture(_ name: String) -> String { fixtures.appending(path: name).path }

/// A folder that is removed with its last reference.
final class TemporaryFolder {
  let path: String

  init() throws {
    path = NSTemporaryDirectory() + "checkpoints-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  /// Writes a file and returns its path.
  func write(_ bytes: [UInt8], as name: String) throws -> String {
    let file = path + "/" + name
    try Data(bytes).write(to: URL(filePath: file))
    return file
  }

  /// The names inside, sorted.
  var contents: [String] {
    get throws { try FileManager.default.contentsOfDirectory(atPath: path).sorted() }
  }
}

/// The bytes of a safetensors file from its header's text and its data.
func safetensors(_ header: String, _ data: [UInt8] = [], length: UInt64? = nil) -> [UInt8] {
  littleEndian(length ?? UInt64(header.utf8.count)) + Array(header.utf8) + data
}

/// The bytes of a number, lowest first.
func littleEndian<Value: FixedWidthInteger>(_ value: Value) -> [UInt8] {
  withUnsafeBytes(of: value.littleEndian) { Array($0) }
}

/// The bytes of numbers as F32.
func littleEndian(_ values: [Float]) -> [UInt8] { values.flatMap { littleEndian($0.bitPattern) } }

extension Checkpoint {
  /// The values of a parameter of a known shape.
  func floats(_ name: String, _ shape: [Int]) throws -> [Float] {
    var values = [Float](repeating: .nan, count: shape.reduce(1, *))
    try values.withUnsafeMutableBufferPointer { try read(name, shape: shape, into: $0) }
    return values
  }
}

extension HuggingFaceFolder {
  /// Saves values that are all in memory.
  static func save(
    to path: String, config: DecoderConfig, _ values: [String: ([Int], [Float])],
    type: WeightType = .float32, maximumShardBytes: Int = defaultShardBytes,
    tokenizer: SavedTokenizer? = nil, replacing: Bool = false
  ) throws {
    let tensors = values.sorted { $0.key < $1.key }.map {
      NamedShape(name: $0.key, shape: $0.value.0)
    }
    try save(
      to: path, config: config, tensors: tensors, type: type,
      maximumShardBytes: maximumShardBytes, tokenizer: tokenizer, replacing: replacing
    ) { name, body in
      try values[name]?.1.withUnsafeBufferPointer { try body($0) }
    }
  }
}
