@testable import Models

/// Builds the bytes of GGUF files, sound ones and others.
struct GGUFBuilder {
  var magic: [UInt8] = Array("GGUF".utf8)
  var version: UInt32 = 3
  var tensorCount: UInt64?
  var valueCount: UInt64?
  var values: [(key: String, bytes: [UInt8])] = []
  var tensors: [(name: String, sizes: [UInt64], type: UInt32, offset: UInt64?, data: [UInt8])] = []
  var alignment = 32

  static func string(_ text: String) -> [UInt8] {
    littleEndian(UInt64(text.utf8.count)) + Array(text.utf8)
  }

  mutating func add(_ key: String, _ text: String) {
    values.append((key, littleEndian(8 as UInt32) + Self.string(text)))
  }

  mutating func add(_ key: String, _ number: UInt32) {
    values.append((key, littleEndian(4 as UInt32) + littleEndian(number)))
  }

  mutating func add(_ key: String, _ number: Float) {
    values.append((key, littleEndian(6 as UInt32) + littleEndian(number.bitPattern)))
  }

  mutating func add(_ key: String, _ flag: Bool) {
    values.append((key, littleEndian(7 as UInt32) + [flag ? 1 : 0]))
  }

  mutating func add(_ key: String, _ texts: [String]) {
    let head = littleEndian(9 as UInt32) + littleEndian(8 as UInt32)
    values.append((key, head + littleEndian(UInt64(texts.count)) + texts.flatMap(Self.string)))
  }

  /// Adds an F32 tensor, its sizes outermost first.
  mutating func add(_ name: String, shape: [Int], _ numbers: [Float]) {
    tensors.append((name, shape.reversed().map { UInt64($0) }, 0, nil, littleEndian(numbers)))
  }

  var bytes: [UInt8] {
    var head = magic + littleEndian(version)
    head += littleEndian(tensorCount ?? UInt64(tensors.count))
    head += littleEndian(valueCount ?? UInt64(values.count))
    for (key, bytes) in values { head += Self.string(key) + bytes }
    var data: [UInt8] = []
    for tensor in tensors {
      data += Array(repeating: 0, count: (alignment - data.count % alignment) % alignment)
      head += Self.string(tensor.name) + littleEndian(UInt32(tensor.sizes.count))
      head += tensor.sizes.flatMap { littleEndian($0) } + littleEndian(tensor.type)
      head += littleEndian(tensor.offset ?? UInt64(data.count))
      data += tensor.data
    }
    if tensors.isEmpty { return head }
    return head + Array(repeating: 0, count: (alignment - head.count % alignment) % alignment)
      + data
  }

  /// The metadata of a small dense llama: D 8, H 2, K 1, F 6, V 5, one layer.
  static var llama: GGUFBuilder {
    var builder = GGUFBuilder()
    builder.add("general.architecture", "llama")
    let numbers: [(String, UInt32)] = [
      ("block_count", 1), ("context_length", 64), ("embedding_length", 8),
      ("feed_forward_length", 6), ("attention.head_count", 2), ("attention.head_count_kv", 1),
      ("vocab_size", 5), ("rope.dimension_count", 4),
    ]
    for (key, number) in numbers { builder.add("llama." + key, number) }
    builder.add("llama.attention.layer_norm_rms_epsilon", 1e-5 as Float)
    return builder
  }
}
