import ArgumentParser
import Capture
import Foundation
import Reports
import Shards
import Text

/// `codistill cache inspect`.
struct CacheInspectCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "inspect",
    abstract: "Tell what a cache holds, or decode one position of it.",
    discussion: """
      Example:
        codistill cache inspect caches/first
        codistill cache inspect caches/first --position 17 --tokenizer tokenizer.json
      """)

  @Argument(help: "The cache's folder.")
  var cache: String
  @Option(help: "Decode the record of this position, counted from 0 over the whole cache.")
  var position: Int?
  @Option(
    help: "A tokenizer.json or a checkpoint, to show tokens as text (default: the teacher's).")
  var tokenizer: String?
  @OptionGroup var format: OutputOptions

  func validate() throws { try Limits.atLeast(0, position, "--position") }

  func run() throws {
    try InputPath.require(cache, remedy: "check the path of the cache")
    let reader = try CacheReader(directory: URL(filePath: cache))
    guard let position else { return try CacheFigures(reader.manifest).print(asJSON: format.json) }
    let record = try CachePosition(
      reader, position: position, cache: cache, tokenizer: try cachedTokenizer(reader))
    try Console.result(record, asJSON: format.json) { record.text }
  }

  /// The tokenizer that was named, or the teacher's if it is still where it was.
  private func cachedTokenizer(_ reader: CacheReader) throws -> Tokenizer? {
    let teacher = reader.manifest.capture.teacher.name
    guard let path = tokenizer ?? (FileManager.default.fileExists(atPath: teacher) ? teacher : nil)
    else { return nil }
    let found = try Tokenizer(source: path)
    try reader.requireMatch(vocabulary: nil, tokenizer: found, path: cache)
    return found
  }
}

/// The record of one position of a cache. (`cache inspect --position`)
struct CachePosition: Encodable {
  /// A stored token of the teacher's distribution.
  struct Entry: Encodable {
    /// The token's id.
    var id: Int
    /// The token's text; nil without a tokenizer.
    var text: String?
    /// The stored estimate of its probability; nil for a token that is not stored.
    var probability: Double?
  }

  /// The position, counted over the whole cache.
  var position: Int
  /// The sequence that holds it.
  var sequence: Int
  /// The token there.
  var token: Entry
  /// The token that follows in the text.
  var next: Entry
  /// The token that the teacher finds most probable; drawn targets need not hold it.
  var argmax: Entry
  /// The log-probability of the next token, in nats.
  var nextLogProbability: Double
  /// The entropy of the teacher's distribution, in nats.
  var entropy: Double
  /// The stored tokens, the likeliest first.
  var entries: [Entry]

  /// The record for people.
  var text: String {
    var table = Table([.numbers("id"), .words("token"), .numbers("probability")])
    for entry in entries {
      let probability = entry.probability.map { Figures.decimal($0, places: 5) } ?? ""
      table.append(["\(entry.id)", entry.text?.debugDescription ?? "", probability])
    }
    return """
      position \(position), in sequence \(sequence): after \(token.name) comes \(next.name)
      most probable \(argmax.name), log-probability \(Figures.decimal(nextLogProbability)), entropy \
      \(Figures.decimal(entropy)) nats

      """ + table.text
  }
}

extension CachePosition {
  /// Decodes a position, counted from 0 over all the records of a cache.
  init(_ reader: CacheReader, position: Int, cache: String, tokenizer: Tokenizer?) throws {
    let (index, row) = try Self.place(of: position, in: reader, cache)
    let sequence = try reader.sequence(at: index)
    let packed = PackedSequence(tokens: sequence.tokens, fragments: sequence.fragments)
    self.position = position
    self.sequence = index
    token = Entry(id: packed.inputs[row], tokenizer: tokenizer)
    next = Entry(id: packed.labels[row], tokenizer: tokenizer)
    switch sequence.targets {
    case .sparse(let targets):
      argmax = Entry(id: targets.argmax[row], tokenizer: tokenizer)
      nextLogProbability = Double(targets.nextLogProbability[row])
      entropy = Double(targets.entropy[row])
      let stored = targets.entries(of: row).map { (targets.ids[$0], targets.values[$0]) }
      entries = Self.ranked(stored, tokenizer)
    case .dense(let targets):
      argmax = Entry(id: targets.argmax[row], tokenizer: tokenizer)
      nextLogProbability = Double(targets.nextLogProbability[row])
      entropy = Double(targets.entropy[row])
      let all = targets.probabilities(at: row).enumerated().map { (Int32($0.offset), $0.element) }
      entries = Self.ranked(Array(all.sorted { $0.1 > $1.1 }.prefix(20)), tokenizer)
    }
  }

  /// The sequence that holds a position, and the position's row in it.
  private static func place(
    of position: Int, in reader: CacheReader, _ cache: String
  ) throws -> (sequence: Int, row: Int) {
    guard position < reader.manifest.tokens else {
      throw CommandError.outOfRange(
        "\(cache): has no position \(position); its positions end at \(reader.manifest.tokens - 1)")
    }
    var row = position
    for index in 0..<reader.count {
      let count = try reader.recordCount(at: index)
      if row < count { return (index, row) }
      row -= count
    }
    throw ShardError.corrupt(path: cache, reason: "it holds fewer records than it states")
  }

  private static func ranked(_ stored: [(Int32, Float)], _ tokenizer: Tokenizer?) -> [Entry] {
    stored.sorted { $0.1 > $1.1 }.map { id, value in
      var entry = Entry(id: id, tokenizer: tokenizer)
      entry.probability = Double(value)
      return entry
    }
  }
}

extension CachePosition.Entry {
  fileprivate init(id: Int32, tokenizer: Tokenizer?) {
    self.id = Int(id)
    text = tokenizer.map { $0.decode([id]) }
  }

  /// The token in a sentence.
  fileprivate var name: String { text.map { "\($0.debugDescription) (\(id))" } ?? "\(id)" }
}
