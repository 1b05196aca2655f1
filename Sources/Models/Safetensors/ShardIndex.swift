import Base

/// The index that says which shard holds which tensor (`model.safetensors.index.json`).
struct ShardIndex {
  /// The name of such a file.
  static let fileName = "model.safetensors.index.json"

  private let mapping: MappedFile
  private var file: String { mapping.path }
  private var tensors = NameList()
  // Per tensor its shard, a number of one of the shards' names.
  private var holders: [UInt32] = []
  private var shards: [String] = []

  /// Reads and checks an index.
  ///
  /// - Throws: `CheckpointError.badIndex`, or what reading the file throws.
  init(path: String) throws {
    mapping = try MappedFile(path: path)
    guard mapping.count <= NameList.largestText else {
      throw CheckpointError.badIndex(
        file: path, problem: "has more than \(NameList.largestText) bytes")
    }
    do {
      try mapping.withBytes { try readWeightMap($0) }
    } catch let error as JSONSyntaxError {
      throw CheckpointError.badIndex(
        file: path, problem: "breaks at byte \(error.offset): \(error.problem)")
    } catch let error as JSONDuplicateKey {
      throw CheckpointError.badIndex(file: path, problem: "has \(error.key) twice")
    }
    if tensors.count == 0 {
      throw CheckpointError.badIndex(file: path, problem: "has no tensors in its weight_map")
    }
    for shard in shards where !Self.isPlainName(shard) {
      throw CheckpointError.badIndex(
        file: path, problem: "names the shard \(shard), which is no plain .safetensors file name")
    }
  }

  /// Opens the shards, and checks that every tensor is where the index says and only there.
  func open(in folder: String) throws -> [SafetensorsFile] {
    let places = shards.indices.sorted { shards[$0] < shards[$1] }
    let files = try places.map { try SafetensorsFile(path: folder + "/" + shards[$0]) }
    var found = [Bool](repeating: false, count: tensors.count)
    var others: [String: Int] = [:]
    try mapping.withBytes { text in
      for (place, file) in zip(places, files) {
        try file.withHeader { header in
          try file.header.forEachName(in: header) { _, name in
            let number = tensors.number(of: name, in: text)
            if let number, !found[number], holders[number] == UInt32(place) {
              found[number] = true
              return
            }
            // A stranger, or not where it should be: it must not be elsewhere, too.
            let name = String(decoding: name, as: UTF8.self)
            let other = number.map { found[$0] ? Int(holders[$0]) : nil } ?? nil
            if let other = other ?? others.updateValue(place, forKey: name) {
              throw twice(name, other, place)
            }
          }
        }
      }
      try requireAll(found, others, in: text)
    }
    return files
  }

  private func requireAll(
    _ found: [Bool], _ others: [String: Int], in text: UnsafeRawBufferPointer
  ) throws {
    let missing = found.indices.lazy.filter { !found[$0] }
      .map { (name: tensors.string($0, in: text), shard: shards[Int(holders[$0])]) }
    // One that stands elsewhere, too, and was met there before it was found.
    for (name, place) in others.sorted(by: { $0.key < $1.key }) {
      var bytes = name
      let number = bytes.withUTF8 { tensors.number(of: UnsafeRawBufferPointer($0), in: text) }
      guard let number, found[number] else { continue }
      throw twice(name, place, Int(holders[number]))
    }
    if let first = missing.min(by: { $0.name < $1.name }) {
      throw CheckpointError.badIndex(
        file: file, problem: "\(first.name) is not in \(first.shard), where it should be")
    }
  }

  private func twice(_ name: String, _ one: Int, _ other: Int) -> CheckpointError {
    .badIndex(file: file, problem: "\(name) is both in \(shards[one]) and in \(shards[other])")
  }

  private mutating func readWeightMap(_ text: UnsafeRawBufferPointer) throws {
    var (scanner, numbers) = (JSONScanner(text), [String: UInt32]())
    try scanner.object { scanner, key in
      guard key == "weight_map" else { return try scanner.skipValue(depth: 64) }
      guard tensors.count == 0 else { throw JSONDuplicateKey(key: key, offset: scanner.offset) }
      try scanner.members { scanner in
        try tensors.append(&scanner, in: text)
        try scanner.expect(UInt8(ascii: ":"))
        let shard = try scanner.string()
        let number = numbers[shard] ?? UInt32(shards.count)
        if number == shards.count {
          numbers[shard] = number
          shards.append(shard)
        }
        holders.append(number)
      }
      if let twice = tensors.index(in: text) {
        throw JSONDuplicateKey(
          key: tensors.string(twice, in: text), offset: scanner.offset)
      }
    }
    try scanner.expectEnd()
  }

  // A name with a folder in it could reach any file of the machine.
  private static func isPlainName(_ name: String) -> Bool {
    name.hasSuffix(".safetensors") && !name.hasPrefix(".")
      && !name.utf8.contains { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "\\") || $0 == 0 }
  }
}

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
