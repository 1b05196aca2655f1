package import Base

/// Typed access to the keys of a config, with errors that name file and key.
struct ConfigReader {
  /// The file (or section) that the values came from.
  let file: String
  /// The values by key.
  let members: [String: JSONValue]
  /// The text before a key in messages, such as `text_config.`.
  var prefix = ""

  /// The value of a key; nil when it is absent or null.
  func value(_ key: String) -> JSONValue? {
    members[key].flatMap { $0 == .null ? nil : $0 }
  }

  /// Whether the key is there, be it null.
  func has(_ key: String) -> Bool { members[key] != nil }

  /// A whole number; a double without a fraction counts as one.
  func int(_ key: String) throws(DecoderConfigError) -> Int? {
    try value(key).map { value throws(DecoderConfigError) in try whole(value, key) }
  }

  /// A number within a range; throws when it lies outside.
  func int(_ key: String, in range: ClosedRange<Int>) throws(DecoderConfigError) -> Int? {
    guard let number = try int(key) else { return nil }
    guard range.contains(number) else {
      let lowest = range.lowerBound
      throw invalid(
        key,
        number < lowest
          ? "is \(number), but must be at least \(lowest)"
          : "is \(number), beyond anything sensible (\(range.upperBound))")
    }
    return number
  }

  /// A whole number that must be there, within a range.
  func required(_ key: String, in range: ClosedRange<Int>) throws(DecoderConfigError) -> Int {
    guard let number = try int(key, in: range) else {
      throw .missingKey(file: file, key: prefix + key)
    }
    return number
  }

  /// A number.
  func double(_ key: String) throws(DecoderConfigError) -> Double? {
    switch value(key) {
    case nil: return nil
    case .double(let number)?:
      guard number.isFinite else { throw invalid(key, "is \(number), which is no number") }
      return number
    case .int(let number)?: return Double(number)
    case let other?: throw wrongType(key, "a number", other)
    }
  }

  /// A number that is finite as the float32 that it becomes.
  func float(_ key: String) throws(DecoderConfigError) -> Float? {
    guard let number = try double(key) else { return nil }
    guard Float(number).isFinite else { throw invalid(key, "is \(number), beyond a float32") }
    return Float(number)
  }

  /// A finite number above zero.
  func positive(_ key: String) throws(DecoderConfigError) -> Double? {
    guard let number = try double(key) else { return nil }
    // As a Float, since that is what it becomes: 1e-60 would turn into 0.
    guard number > 0, Float(number) > 0, Float(number).isFinite else {
      throw invalid(key, "is \(number), but must be a positive number")
    }
    return number
  }

  /// A truth value.
  func bool(_ key: String) throws(DecoderConfigError) -> Bool? {
    try taken(key, "true or false", \.bool)
  }

  /// A text.
  func string(_ key: String) throws(DecoderConfigError) -> String? {
    try taken(key, "a string", \.string)
  }

  /// A list.
  func array(_ key: String) throws(DecoderConfigError) -> [JSONValue]? {
    try taken(key, "a list", \.array)
  }

  /// A list of whole numbers.
  func ints(_ key: String) throws(DecoderConfigError) -> [Int]? {
    guard let values = try array(key) else { return nil }
    var numbers: [Int] = []
    for value in values { numbers.append(try whole(value, key)) }
    return numbers
  }

  /// A list of texts.
  func strings(_ key: String) throws(DecoderConfigError) -> [String]? {
    guard let values = try array(key) else { return nil }
    var texts: [String] = []
    for value in values {
      guard let text = value.string else { throw wrongType(key, "a list of strings", value) }
      texts.append(text)
    }
    return texts
  }

  /// A mapping, as a reader whose messages carry its name.
  func object(_ key: String) throws(DecoderConfigError) -> ConfigReader? {
    try taken(key, "a mapping", \.object).map {
      ConfigReader(file: file, members: $0, prefix: prefix + key + ".")
    }
  }

  /// The error that a value makes no sense.
  func invalid(_ key: String, _ problem: String) -> DecoderConfigError {
    .invalidValue(file: file, key: prefix + key, problem: problem)
  }

  /// The error that a value is of the wrong type.
  func wrongType(_ key: String, _ expected: String, _ found: JSONValue) -> DecoderConfigError {
    .wrongType(file: file, key: prefix + key, expected: expected, found: found.configKind)
  }

  /// The error that the decoder does not support a value.
  func unsupported(_ key: String, _ value: String, _ supported: String) -> DecoderConfigError {
    .unsupported(file: file, key: prefix + key, value: value, supported: supported)
  }

  /// The value of a key as one of JSON's kinds.
  private func taken<Value>(
    _ key: String, _ expected: String, _ kind: (JSONValue) -> Value?
  ) throws(DecoderConfigError) -> Value? {
    guard let value = value(key) else { return nil }
    guard let taken = kind(value) else { throw wrongType(key, expected, value) }
    return taken
  }

  private func whole(_ value: JSONValue, _ key: String) throws(DecoderConfigError) -> Int {
    switch value {
    case .int(let number): return number
    case .double(let number):
      if let exact = Int(exactly: number) { return exact }
      throw wrongType(key, "a whole number", value)
    default: throw wrongType(key, "a whole number", value)
    }
  }
}

extension ConfigReader {
  /// The kind of attention in each layer, one of those that are known; nil where none is given.
  func layerTypes(
    _ known: [String], count: Int? = nil
  ) throws(DecoderConfigError) -> [String]? {
    guard let types = try strings("layer_types") else { return nil }
    if let count, types.count != count {
      throw invalid("layer_types", "has \(types.count) entries for \(count) layers")
    }
    if let other = types.first(where: { !known.contains($0) }) {
      throw unsupported("layer_types", other, known.joined(separator: ", "))
    }
    return types
  }

  /// Per layer, whether it rotates; without a list, or with an empty one, every fourth does not.
  func ropeLayers(count: Int) throws(DecoderConfigError) -> [Bool] {
    let interval = try int("no_rope_layer_interval", in: 1...Int(Int32.max)) ?? 4
    guard let flags = try ints("no_rope_layers"), !flags.isEmpty else {
      return (0..<count).map { ($0 + 1) % interval != 0 }
    }
    guard flags.count >= count else {
      throw invalid("no_rope_layers", "has \(flags.count) entries for \(count) layers")
    }
    if let other = flags.first(where: { $0 != 0 && $0 != 1 }) {
      throw invalid("no_rope_layers", "has an entry \(other), but they must be 0 or 1")
    }
    return flags.prefix(count).map { $0 == 1 }
  }
}

/// The faults of a `config.json`, or of the `model:` section of a YAML file.
public enum DecoderConfigError: Error, Equatable, CustomStringConvertible {
  /// The file is no JSON.
  case badJSON(file: String, offset: Int, problem: String)
  /// A key occurs twice in one object.
  case duplicateKey(file: String, key: String)
  /// A key that has no default is missing.
  case missingKey(file: String, key: String)
  /// A value is of the wrong type.
  case wrongType(file: String, key: String, expected: String, found: String)
  /// A value makes no sense.
  case invalidValue(file: String, key: String, problem: String)
  /// The model is of a kind that the decoder does not implement.
  case unsupported(file: String, key: String, value: String, supported: String)

  /// One line: the file, the key, what is wrong, and the remedy.
  public var description: String {
    switch self {
    case .badJSON(let file, let offset, let problem):
      "\(file): not valid JSON at byte \(offset): \(problem); correct the file"
    case .duplicateKey(let file, let key):
      "\(file): has the key \(key) twice; remove one"
    case .missingKey(let file, let key):
      "\(file): lacks the key \(key); add it"
    case .wrongType(let file, let key, let expected, let found):
      "\(file): \(key) must be \(expected), but is \(found); correct it"
    case .invalidValue(let file, let key, let problem):
      "\(file): \(key) \(problem); correct it"
    case .unsupported(let file, let key, let value, let supported):
      "\(file): \(key) is \(value), which this decoder does not support; supported: \(supported)"
    }
  }
}

extension DecoderConfigError: ExitStatusError {
  package var exitStatus: ExitStatus {
    switch self {
    case .badJSON, .duplicateKey: .badData
    case .missingKey, .wrongType, .invalidValue, .unsupported: .badConfig
    }
  }
}

extension DecoderConfig {
  /// Throws where a token would visit more experts than there are.
  func requireEnoughExperts(_ reader: ConfigReader) throws(DecoderConfigError) {
    if !moeLayers.isEmpty, numExpertsPerTok > numLocalExperts {
      throw reader.invalid(
        "num_experts_per_tok", "is \(numExpertsPerTok), but there are \(numLocalExperts) experts")
    }
  }
}

extension JSONValue {
  /// The kind of the value, in a config's words, for messages.
  fileprivate var configKind: String {
    switch self {
    case .int: "a whole number"
    case .array: "a list"
    case .object: "a mapping"
    default: kind
    }
  }
}
