import Text

/// The index that says which shard holds which tensor (`model.safetensors.index.json`).
struct ShardIndex {
  /// The name of such a file.
  static let fileName = "model.safetensors.index.json"

  /// The shard of each tensor, a file name without any folder.
  let shards: [String: String]
  private let file: String

  /// Reads and checks an index.
  ///
  /// - Throws: `CheckpointError.badIndex`, or what reading the file throws.
  init(path: String) throws {
    file = path
    let mapping = try MappedFile(path: path)
    do {
      shards = try mapping.withBytes { try Self.weightMap($0) }
    } catch let error as JSONSyntaxError {
      throw CheckpointError.badIndex(
        file: path, problem: "breaks at byte \(error.offset): \(error.problem)")
    } catch let error as JSONDuplicateKey {
      throw CheckpointError.badIndex(file: path, problem: "has \(error.key) twice")
    }
    if shards.isEmpty {
      throw CheckpointError.badIndex(file: path, problem: "has no tensors in its weight_map")
    }
    for shard in Set(shards.values) where !Self.isPlainName(shard) {
      throw CheckpointError.badIndex(
        file: path, problem: "names the shard \(shard), which is no plain .safetensors file name")
    }
  }

  /// Opens the shards, and checks that every tensor is where the index says and only there.
  func open(in folder: String) throws -> [SafetensorsFile] {
    let names = Set(shards.values).sorted()
    let files = try names.map { try SafetensorsFile(path: folder + "/" + $0) }
    var holders: [String: String] = [:]
    for (name, file) in zip(names, files) {
      for entry in file.entries {
        if let other = holders.updateValue(name, forKey: entry.name) {
          throw CheckpointError.badIndex(
            file: self.file, problem: "\(entry.name) is both in \(other) and in \(name)")
        }
      }
    }
    for (tensor, shard) in shards.sorted(by: { $0.key < $1.key }) where holders[tensor] != shard {
      throw CheckpointError.badIndex(
        file: file, problem: "\(tensor) is not in \(shard), where it should be")
    }
    return files
  }

  private static func weightMap(_ bytes: UnsafeRawBufferPointer) throws -> [String: String] {
    var (scanner, shards) = (JSONScanner(bytes), [String: String]())
    try scanner.object { scanner, key in
      guard key == "weight_map" else {
        return try scanner.skipValue(depth: 64)
      }
      guard shards.isEmpty else { throw JSONDuplicateKey(key: key) }
      try scanner.object { scanner, tensor in
        if shards.updateValue(try scanner.string(), forKey: tensor) != nil {
          throw JSONDuplicateKey(key: tensor)
        }
      }
    }
    try scanner.expectEnd()
    return shards
  }

  // A name with a folder in it could reach any file of the machine.
  private static func isPlainName(_ name: String) -> Bool {
    name.hasSuffix(".safetensors") && !name.hasPrefix(".")
      && !name.utf8.contains { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "\\") || $0 == 0 }
  }
}
