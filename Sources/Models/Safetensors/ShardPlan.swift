import Base

/// The division of tensors among safetensors files.
struct ShardPlan {
  /// The tensors of each file, in the order given.
  let shards: [[NamedShape]]
  private let byteCount: Int

  /// Fills shards greedily up to a size; a tensor is never split.
  init(_ tensors: [NamedShape], type: WeightType, maximumBytes: Int) {
    var (shards, filled, total) = ([[NamedShape]()], 0, 0)
    for tensor in tensors {
      let bytes = tensor.count * type.byteCount
      if filled + bytes > maximumBytes, shards.last?.isEmpty == false {
        shards.append([])
        filled = 0
      }
      shards[shards.count - 1].append(tensor)
      filled += bytes
      total += bytes
    }
    self.shards = shards
    byteCount = total
  }

  /// The file name of a shard, counted from 0.
  func fileName(of shard: Int) -> String {
    if shards.count == 1 { return "model.safetensors" }
    return "model-\(Self.padded(shard + 1))-of-\(Self.padded(shards.count)).safetensors"
  }

  /// The index that says which file holds which tensor; nil for a single file.
  var index: JSONValue? {
    if shards.count == 1 { return nil }
    var files: [String: JSONValue] = [:]
    for (shard, tensors) in shards.enumerated() {
      for tensor in tensors { files[tensor.name] = .string(fileName(of: shard)) }
    }
    let parameters = shards.joined().reduce(0) { $0 + $1.count }
    return .object([
      "metadata": .object(["total_size": .int(byteCount), "total_parameters": .int(parameters)]),
      "weight_map": .object(files),
    ])
  }

  private static func padded(_ number: Int) -> String {
    let digits = String(number)
    return String(repeating: "0", count: max(0, 5 - digits.count)) + digits
  }
}
