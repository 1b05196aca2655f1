package import Base
package import Capture
import Foundation
package import Losses
package import Models
package import Shards
package import Tensors
package import Text

/// The inputs of a run, opened and checked against one another.
package struct RunInputs {
  package private(set) var config: RunConfig
  package let cache: CacheReader?
  let source: Checkpoint?
  /// The path of the model or run that the first weights are from.
  let sourcePath: String?
  package let teacher: Checkpoint?
  package private(set) var tokenizer: Tokenizer?
  package private(set) var student: DecoderConfig
  /// Newer checkpoints of the unfinished runs that it reads, which are damaged.
  let skipped: [SkippedCheckpoint]
  /// The rows that models have beyond the tokenizer's ids, and do without, each as one line.
  let padding: [String]

  package init(_ config: RunConfig) throws {
    self.config = config
    let cache = try config.cachePath.map { try CacheReader(directory: URL(filePath: $0)) }
    var skipped: [SkippedCheckpoint] = []
    func modelPath(_ path: String) throws -> String {
      let model = try RunDirectory.model(path)
      skipped += model.skipped
      return model.path
    }
    let teacherPath = try config.teacher.map(modelPath)
    sourcePath = config.initialize.map {
      guard $0.isFromTeacher else { return $0.from }
      return config.teacher ?? cache?.manifest.capture.teacher.name ?? ""
    }
    let source = try sourcePath.map { path in
      try Checkpoint.open(path == config.teacher ? teacherPath ?? path : modelPath(path))
    }
    let teacher = try teacherPath.map { try Checkpoint.open($0) }
    let tokenizer = try Self.tokenizer(config, cache, source, teacher)
    let student = try Self.student(config, source)
    var padding: [String] = []
    func withoutPadding(_ checkpoint: Checkpoint?) throws -> Checkpoint? {
      guard let checkpoint, try checkpoint.hasTokens(of: tokenizer) else { return checkpoint }
      let (cut, note) = checkpoint.withoutPadding(tokenizer)
      padding += [note].compactMap { $0 }
      return cut
    }
    self.cache = cache
    self.skipped = skipped
    self.tokenizer = tokenizer
    self.source = try withoutPadding(source)
    self.teacher = try withoutPadding(teacher)
    self.student = student.withoutPadding(tokenizer)
    if config.model != nil, self.student.vocabSize < student.vocabSize {
      padding.append(
        "the student has no rows beyond the tokenizer's \(self.student.vocabSize) ids, which no "
          + "text needs: model.vocab_size is \(student.vocabSize)")
    }
    self.padding = padding
    try checkVocabulary()
    try checkTeacher()
    try checkTargets()
    let named = try Self.specialTokens(config, tokenizer, source, self.student)
    self.tokenizer = named.tokenizer
    self.student = named.student
  }

  /// The tokenizer that the config names, or the source's, or the teacher's, live or cached.
  private static func tokenizer(
    _ config: RunConfig, _ cache: CacheReader?, _ source: Checkpoint?, _ teacher: Checkpoint?
  ) throws -> Tokenizer? {
    if let path = config.tokenizer { return try Tokenizer(source: path) }
    if let tokenizer = try source?.tokenizer() ?? teacher?.tokenizer() { return tokenizer }
    guard let teacher = cache?.manifest.capture.teacher.name,
      FileManager.default.fileExists(atPath: teacher)
    else { return nil }
    return try Checkpoint.open(teacher).tokenizer()
  }

  private static func student(_ config: RunConfig, _ source: Checkpoint?) throws -> DecoderConfig {
    if let model = config.model {
      return try DecoderConfig(hugging: model.values, source: "\(model.place)")
    }
    guard let source else { throw PreparationError.noModel }
    return config.initialize?.layers.map { source.config.taking(layers: $0) } ?? source.config
  }

  /// Gives the run the steps of its `training.epochs` over its data.
  ///
  /// - Throws: `ConfigError` where these are fewer than the learning rate's warm-up and decay take.
  package mutating func countSteps(over data: TrainingData) throws(ConfigError) {
    config.training = try config.training.counted(sequences: data.count)
  }

  private func checkVocabulary() throws {
    try cache?.requireMatch(
      vocabulary: student.vocabSize, tokenizer: tokenizer, path: config.cachePath ?? "")
    if let tokenizer, tokenizer.vocabularySize > student.vocabSize {
      throw PreparationError.tokenizerTooLarge(
        tokenizer: tokenizer.vocabularySize, student: student.vocabSize)
    }
  }

  /// Throws unless the cache's targets can give the loss.
  private func checkTargets() throws(PreparationError) {
    guard let path = config.cache, let cache else { return }
    try config.loss.requireSupport(of: cache.manifest.capture.codec, path: path)
    guard config.loss.soft?.maturity == nil || cache.knowsMaturity else {
      throw .noMaturity(path: path)
    }
  }

  /// Throws unless the live teacher goes with the student and, if there is one, the cache.
  private func checkTeacher() throws {
    guard let teacher, let path = config.teacher else { return }
    guard teacher.config.vocabSize == student.vocabSize else {
      throw PreparationError.teacherVocabulary(
        student: student.vocabSize, teacher: teacher.config.vocabSize, path: path)
    }
    if let tokenizer, let own = try teacher.tokenizer(), own.fingerprint != tokenizer.fingerprint {
      throw PreparationError.teacherTokenizer(
        found: tokenizer.fingerprint, expected: own.fingerprint, path: path)
    }
    guard let cachePath = config.cache, let cached = cache?.manifest.capture.teacher,
      cached.fingerprint != teacher.fingerprint
    else { return }
    throw PreparationError.otherTeacher(
      found: teacher.fingerprint, expected: cached.fingerprint, path: path, cache: cachePath)
  }

  /// The most predictions of a training sequence, as far as one knows before they are read.
  var sequenceLength: Int {
    config.data?.sequenceLength ?? cache?.manifest.parts.map(\.capture.sequenceLength).max() ?? 512
  }

  /// The temperature of the teacher's distributions.
  var temperature: Float {
    let cached = config.cache == nil ? nil : cache?.manifest.capture.codec.temperature
    return Float(cached ?? config.loss.temperature ?? 1)
  }

  /// The live teacher, computing as the student does.
  func liveTeacher() throws -> LiveTeacher? {
    guard let teacher else { return nil }
    var decoder = try Models.Decoder(teacher)
    decoder.precision = try precision()
    return LiveTeacher(decoder, temperature: temperature)
  }

  /// Returns the matching of the student's hidden states to the teacher's, if any is configured.
  package func features(_ settings: AdamW.Settings) throws -> FeatureMatching? {
    guard let teacher, !config.loss.features.isEmpty else { return nil }
    return try FeatureMatching(
      config.loss.features, student: student, teacher: teacher.config, settings,
      seed: UInt64(config.training.seed))
  }

  /// Returns the student with its first weights, and notes on where it computes otherwise than
  /// their source.
  func makeStudent() throws -> (student: Models.Decoder, notes: [String]) {
    var decoder = Models.Decoder(student, trainable: true)
    decoder.precision = try precision()
    let seed = UInt64(config.training.seed)
    guard let source, let initialize = config.initialize else {
      decoder.parameters.initialize(seed: seed)
      return (decoder, [])
    }
    let initialization = try StudentInitialization(
      from: source, layers: initialize.layers, student: student)
    try initialization.fill(decoder, seed: seed)
    // Without a name it is the source's own.
    let tokens = try (config.tokenizer == nil ? nil : source.tokenizer()).flatMap {
      tokenizer?.note(inPlaceOf: $0, of: sourcePath ?? source.path)
    }
    let notes =
      initialization.differences.map { "the student's \($0)" }
      + [tokens.map { $0 + "; their rows are taken all the same" }].compactMap { $0 }
    return (decoder, notes.map { "initialize: \($0)" })
  }

  package func precision() throws(PreparationError) -> Precision {
    guard config.training.bf16 else { return .float32 }
    guard Precision.bfloat16.isSupported else {
      throw .noBfloat16(remedy: "leave out training.bf16")
    }
    return .bfloat16
  }
}

extension Checkpoint {
  /// Whether its ids are, as far as one can tell, those of a tokenizer.
  fileprivate func hasTokens(of tokenizer: Tokenizer?) throws -> Bool {
    guard let tokenizer, let own = try self.tokenizer() else { return true }
    return own.fingerprint == tokenizer.fingerprint
  }
}

extension DecoderConfig {
  /// The shape without rows beyond a tokenizer's ids.
  fileprivate func withoutPadding(_ tokenizer: Tokenizer?) -> DecoderConfig {
    var config = self
    if let tokenizer { config.vocabSize = min(vocabSize, tokenizer.vocabularySize) }
    return config
  }
}

extension RunInputs {
  /// The student and its tokenizer, with special tokens that the config names, else the checkpoint
  /// that it begins with, else the tokenizer, else none.
  ///
  /// - Throws: `RoleConflict` where a config names what the tokenizer says is something else,
  ///   `DecoderConfigError` for an id beyond the vocabulary.
  static func specialTokens(
    _ config: RunConfig, _ tokenizer: Tokenizer?, _ source: Checkpoint?, _ student: DecoderConfig
  ) throws -> (tokenizer: Tokenizer?, student: DecoderConfig) {
    var named: [NamedTokens] = []
    if let source, try source.hasTokens(of: tokenizer) { named.append(source.named) }
    if let model = config.model {
      named.append(
        try NamedTokens(
          section: model.values, source: "\(model.place)", vocabSize: student.vocabSize))
    }
    guard let tokenizer else {
      return (nil, try checked(student.naming(TokenRoles(named)), config))
    }
    let resolved = named.reduce(tokenizer) { $0.following($1) }
    for role in TokenRoles.Role.allCases { try resolved.requireNoConflict(role) }
    return (resolved, try checked(student.naming(resolved.roles), config))
  }

  private static func checked(
    _ student: DecoderConfig, _ config: RunConfig
  ) throws(DecoderConfigError) -> DecoderConfig {
    let ids: [(key: String, ids: [Int?])] = [
      ("bos_token_id", [student.bosTokenId]), ("eos_token_id", student.eosTokenIds),
      ("pad_token_id", [student.padTokenId]),
    ]
    for (key, ids) in ids {
      guard let outside = ids.compactMap({ $0 }).first(where: { $0 >= student.vocabSize })
      else { continue }
      throw .invalidValue(
        file: config.model.map { "\($0.place)" } ?? "the student", key: key,
        problem: "is \(outside), outside the vocabulary of \(student.vocabSize)")
    }
    return student
  }
}

extension TokenRoles {
  /// The roles that configs name, the later ones winning.
  fileprivate init(_ named: [NamedTokens]) {
    self.init()
    for named in named {
      if let ids = named.bos { bos = ids.first }
      if let ids = named.eos {
        eos = ids.first
        ends = ids
      }
      if let ids = named.padding { padding = ids.first }
    }
  }
}
