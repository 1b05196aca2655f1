import Shards
import Text

extension CachePosition {
  /// Decodes a position, counted from 0 over all the records of a cache.
  init(_ reader: CacheReader, position: Int, cache: String, tokenizer: Tokenizer?) throws {
    let (index, row) = try Self.place(of: position, in: reader, cache)
    let sequence = try reader.sequence(at: index)
    let packed = PackedSequence(tokens: sequence.tokens, fragments: sequence.fragments)
    (self.position, self.sequence) = (position, index)
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
}
