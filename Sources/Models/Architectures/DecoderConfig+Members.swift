import Base

extension DecoderConfig {
  /// The decoder that a `config.json` file describes.
  ///
  /// - Throws: `CheckpointError` when the file cannot be read, else `DecoderConfigError`.
  public init(contentsOf path: String) throws {
    try self.init(hugging: try Self.members(of: path), source: path)
  }

  /// The most text that the values of a `config.json` may have together, in bytes.
  private static let mostRead = 1 << 20

  /// The keys of a `config.json` whose values are looked at.
  private static let readKeys = Set(knownKeys).union(UnsupportedKeys.keysOfConfig)

  /// The values of a `config.json` file by key, of those keys that anybody looks at.
  ///
  /// - Throws: `CheckpointError` when the file cannot be read, else `DecoderConfigError`.
  static func members(of path: String) throws -> [String: JSONValue] {
    let file = try MappedFile(path: path)
    do {
      return try file.withBytes { try members(in: $0, path: path) }
    } catch let error as JSONSyntaxError {
      throw DecoderConfigError.badJSON(file: path, offset: error.offset, problem: error.problem)
    } catch let error as JSONDuplicateKey {
      throw DecoderConfigError.duplicateKey(file: path, key: error.key)
    }
  }

  private static func members(
    in text: UnsafeRawBufferPointer, path: String
  ) throws -> [String: JSONValue] {
    guard text.count <= NameList.largestText else {
      throw DecoderConfigError.badJSON(
        file: path, offset: NameList.largestText, problem: "no config is that long")
    }
    var (scanner, keys, members) = (JSONScanner(text), NameList(), [String: JSONValue]())
    var read = 0
    try scanner.members { scanner in
      try keys.append(&scanner, in: text)
      try scanner.expect(UInt8(ascii: ":"))
      _ = scanner.peek()
      var value = JSONScanner(scanner, at: scanner.offset)
      value.checksAllKeys = true
      try scanner.skipValue(depth: 63)
      let key = keys.string(keys.count - 1, in: text)
      guard readKeys.contains(key) else { return }
      read += scanner.offset - value.offset
      guard read <= mostRead else {
        throw DecoderConfigError.invalidValue(
          file: path, key: key, problem: "is longer than any model's (\(mostRead) bytes)")
      }
      members[key] = try value.value(depth: 63)
    }
    try scanner.expectEnd()
    if let twice = keys.index(in: text) {
      throw JSONDuplicateKey(key: keys.string(twice, in: text), offset: scanner.offset)
    }
    return members
  }
}
