import Base
public import Shards
import Tensors
package import Text

/// Makes a top-k cache of log-probabilities that a model elsewhere gave for texts.
///
/// The files are read several times, and all of them is checked before anything is written: how
/// long the texts are and how many entries they have decides the settings, and the digest of the
/// packed tokens goes into each shard. Killed at any moment, the same import goes on to the same
/// bytes. Memory is the same for files of any size.
public struct CacheImporter {
  /// The facts that the files do not state.
  public struct Settings: Sendable {
    /// The model that gave the log-probabilities.
    public var teacher: CaptureConfig.Teacher
    /// V, the teacher's number of token ids.
    public var vocabularySize: Int
    /// k, the entries to keep; nil takes the fewest of the first positions.
    public var entries: Int?
    /// The predictions of a sequence; nil takes those of the longest text, so that none is cut.
    public var sequenceLength: Int?
    /// The sequences of a shard file.
    public var sequencesPerShard = 64
    /// The seed of the rounding.
    public var seed: UInt64 = 0

    /// Settings of a teacher.
    public init(teacher: CaptureConfig.Teacher, vocabularySize: Int) {
      self.teacher = teacher
      self.vocabularySize = vocabularySize
    }
  }

  /// The findings of the first reading.
  public struct Survey: Sendable, Equatable {
    /// The texts with anything to predict.
    public internal(set) var texts = 0
    /// Their predictions.
    public internal(set) var predictions = 0
    /// The predictions of the longest.
    public internal(set) var longest = 0
    /// The number that have more predictions than a sequence: their later parts' targets know a
    /// context that the student will not see.
    public internal(set) var cut = 0
    /// The entries that were left to the tail because their text does not tell the token.
    public internal(set) var unidentified = 0
    /// The true tokens that the model gave no probability.
    public internal(set) var impossible = 0
    /// The files of folders that describe the others and are not read.
    public internal(set) var passedOver: [String] = []
    /// k, the entries that are kept of each position.
    public internal(set) var entries = 0
    /// Whether each begins with the tokenizer's BOS, and ends with its EOS.
    package internal(set) var (bos, eos) = (true, true)
  }

  /// The outcome of an import.
  public enum Outcome: Sendable {
    /// The cache is complete; `newTokens` predictions were written by this attempt.
    case finished(CacheManifest, newTokens: Int)
    /// It was interrupted with this many sequences stored; the same command continues.
    case interrupted(sequences: Int)
  }

  /// The number of positions that are looked at for their number of entries.
  private static let sampledPositions = 1_000

  let texts: ScoredTexts
  let settings: Settings
  let tokenizer: Tokenizer

  /// An importer of files, folders and compressed files of JSON lines.
  package init(paths: [String], tokenizer: Tokenizer, settings: Settings) {
    texts = ScoredTexts(
      paths: paths,
      parser: ScoredTextParser(tokenizer, vocabularySize: settings.vocabularySize))
    self.settings = settings
    self.tokenizer = tokenizer
  }

  /// Reads and checks everything; `progress` is told the predictions so far.
  ///
  /// - Throws: `ScoredTextError`, `DocumentError`.
  package func survey(progress: (_ tokens: Int) -> Void = { _ in }) throws -> Survey {
    var survey = Survey()
    survey.passedOver = try ScoredLines(paths: texts.paths).passedOver
    survey.entries = try settings.entries ?? usualEntries()
    try texts.forEach { text, path, line in
      try check(text, path, line, entries: survey.entries)
      survey.texts += 1
      survey.predictions += text.rows.count
      survey.longest = max(survey.longest, text.rows.count)
      if text.rows.count > settings.sequenceLength ?? .max { survey.cut += 1 }
      survey.unidentified += text.unidentified
      survey.impossible += text.rows.count { $0.trueLogProbability == -.infinity }
      survey.bos = survey.bos && text.tokens.first == tokenizer.bosTokenID
      survey.eos = survey.eos && text.tokens.last.map(tokenizer.roles.ends.contains) == true
      progress(survey.predictions)
      return true
    }
    guard survey.texts > 0 else {
      throw ScoredTextError(texts.paths.joined(separator: ", "), nil, .nothing)
    }
    return survey
  }

  /// The fewest entries of the first positions: servers add the true token to the top k.
  private func usualEntries() throws -> Int {
    var (fewest, positions) = (Int.max, 0)
    try texts.forEach { text, _, _ in
      fewest = text.rows.reduce(fewest) { min($0, $1.ids.count + $1.impossible) }
      positions += text.rows.count
      return positions < Self.sampledPositions
    }
    return fewest == .max ? 1 : fewest
  }

  private func check(_ text: ScoredText, _ path: String, _ line: Int, entries: Int) throws {
    // Entries that were left out are in the tail, and a small vocabulary has no more.
    let wanted = min(entries, settings.vocabularySize)
    guard text.unidentified == 0,
      let position = text.rows.firstIndex(where: { $0.ids.count + $0.impossible < wanted })
    else { return }
    throw ScoredTextError(
      path, line,
      .tooFew(
        position: position + 1, found: text.rows[position].ids.count, wanted: wanted))
  }

  /// Calls `body` with each packed sequence and its number until it says that there are enough.
  func forEachSequence(
    length: Int, _ body: (ScoredSequence, _ number: Int) throws -> Bool
  ) throws {
    var (packer, number, isStopped) = (ScoredPacker(length: length), 0, false)
    try texts.forEach { text, _, _ in
      for sequence in packer.append(text) where !isStopped {
        isStopped = try !body(sequence, number)
        number += 1
      }
      return !isStopped
    }
    if !isStopped, let last = packer.finish() { _ = try body(last, number) }
  }
}

/// The texts of files with log-probabilities, parsed and checked on all threads, in order.
///
/// Memory is bounded by some lines for each thread.
struct ScoredTexts {
  private static let (linesPerThread, bytesPerThread) = (16, 16 << 20)

  let paths: [String]
  let parser: ScoredTextParser

  /// Calls `body` with each text and its place until it says that there are enough.
  func forEach(
    _ body: (ScoredText, _ path: String, _ line: Int) throws -> Bool
  ) throws {
    var lines = try ScoredLines(paths: paths)
    let threads = Parallel.threadCount
    while true {
      let batch = try lines.next(
        Self.linesPerThread * threads, bytes: Self.bytesPerThread * threads)
      guard !batch.isEmpty else { return }
      let parsed = try Parallel.map(batch.count) { try parser.texts(batch[$0]) }
      for (line, texts) in zip(batch, parsed) {
        for text in texts where text.tokens.count > 1 {
          guard try body(text, line.path, line.number) else { return }
        }
      }
    }
  }
}

/// A packed sequence with what is known of each of its predictions.
struct ScoredSequence {
  let sequence: PackedSequence
  let rows: [ScoredText.Row]
}

/// Lays scored texts end to end in sequences, as training texts are.
struct ScoredPacker {
  private var packer: SequencePacker
  /// The rows of predictions that are in no full sequence yet.
  private var waiting: ArraySlice<ScoredText.Row> = []

  /// A packer for sequences of so many predictions.
  init(length: Int) { packer = SequencePacker(length: length) }

  /// Adds a text, and returns the sequences that are now full.
  mutating func append(_ text: ScoredText) -> [ScoredSequence] {
    waiting += text.rows
    return packer.append(text.tokens).map { take($0) }
  }

  /// The last, shorter sequence, if there is one.
  mutating func finish() -> ScoredSequence? { packer.finish().map { take($0) } }

  private mutating func take(_ sequence: PackedSequence) -> ScoredSequence {
    let rows = waiting.prefix(sequence.predictionCount)
    // Of a slice it is quick, however long the text.
    waiting = waiting.dropFirst(rows.count)
    return ScoredSequence(sequence: sequence, rows: Array(rows))
  }
}
