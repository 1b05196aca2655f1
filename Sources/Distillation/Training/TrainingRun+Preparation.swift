import Foundation
import Models
import Shards
import Tensors
public import Text

extension TrainingRun {
  /// Opens everything that a config names, checks that it belongs together, and opens the run.
  ///
  /// - Throws: the errors of the files, and ``PreparationError`` where they do not fit.
  public static func prepare(
    _ config: RunConfig, version: String, command: [String]
  ) throws -> TrainingRun {
    let inputs = try RunInputs(config)
    if config.cache != nil, let cache = inputs.cache {
      try config.loss.requireSupport(of: cache.manifest.capture.codec, path: config.cachePath ?? "")
    }
    let (student, notes) = try inputs.makeStudent()
    let settings = AdamW.Settings(config.training)
    let trainer = Trainer(
      student: student, optimizer: AdamW(count: student.parameters.count, settings))
    let data = try inputs.trainingData()
    let manifest = RunManifest(
      version: version, command: command, seed: config.training.seed,
      fingerprints: try inputs.fingerprints(data))
    let directory = try RunDirectory(path: config.output, config: config, manifest: manifest)
    let run = try TrainingRun(
      config, directory, trainer, data.data,
      temperature: Float(inputs.cache?.manifest.capture.codec.temperature ?? 1),
      heldOut: try inputs.heldOut(), tokenizer: try inputs.tokenizer?.json())
    run.notes += notes
    return run
  }
}

extension AdamW.Settings {
  fileprivate init(_ config: TrainingConfig) {
    self.init(
      beta1: Float(config.adamBeta1), beta2: Float(config.adamBeta2),
      epsilon: Float(config.adamEpsilon), weightDecay: Float(config.weightDecay),
      maxGradientNorm: Float(config.maxGradNorm))
  }
}

/// What a run reads, opened and checked against one another.
struct RunInputs {
  let config: RunConfig
  let cache: CacheReader?
  let source: Checkpoint?
  let tokenizer: Tokenizer?
  let student: DecoderConfig

  init(_ config: RunConfig) throws {
    self.config = config
    let cache = try config.cachePath.map { try CacheReader(directory: URL(filePath: $0)) }
    let source = try config.initialize.map {
      try Checkpoint.open($0.isFromTeacher ? cache?.manifest.capture.teacher.name ?? "" : $0.from)
    }
    (self.cache, self.source) = (cache, source)
    tokenizer = try Self.tokenizer(config, cache, source)
    student = try Self.student(config, source)
    try checkVocabulary()
  }

  /// The tokenizer that the config names, or the source's, or the cached teacher's.
  private static func tokenizer(
    _ config: RunConfig, _ cache: CacheReader?, _ source: Checkpoint?
  ) throws -> Tokenizer? {
    if let path = config.tokenizer { return try Tokenizer(source: path) }
    if let tokenizer = try source?.tokenizer() { return tokenizer }
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

  private func checkVocabulary() throws {
    try cache?.requireMatch(
      vocabulary: student.vocabSize, tokenizer: tokenizer, path: config.cachePath ?? "")
    if let tokenizer, tokenizer.vocabularySize > student.vocabSize {
      throw PreparationError.tokenizerTooLarge(
        tokenizer: tokenizer.vocabularySize, student: student.vocabSize)
    }
  }

  /// The student with its first weights, and where it computes otherwise than their source.
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
    return (decoder, initialization.differences.map { "initialize: the student's \($0)" })
  }

  private func precision() throws(PreparationError) -> Precision {
    guard config.training.bf16 else { return .float32 }
    guard Precision.bfloat16.isSupported else {
      throw .noBfloat16(remedy: "leave out training.bf16")
    }
    return .bfloat16
  }

  func trainingData() throws -> (data: TrainingData, fingerprint: String) {
    if let cache {
      let fingerprint = cache.manifest.capture.dataFingerprint
      return (config.cache == nil ? .cachedTokens(cache) : .cached(cache), fingerprint)
    }
    guard let data = config.data else { throw PreparationError.noData }
    let packed = try data.load(tokenizer, length: data.sequenceLength)
    return (.text(packed.sequences), packed.fingerprint)
  }

  func fingerprints(_ data: (data: TrainingData, fingerprint: String)) throws -> [String: String] {
    var fingerprints = ["data": data.fingerprint]
    fingerprints["teacher"] = cache?.manifest.capture.teacher.fingerprint
    fingerprints["tokenizer"] = tokenizer?.fingerprint
    fingerprints["initialize"] = source?.fingerprint
    return fingerprints
  }

  func heldOut() throws -> HeldOutData? {
    guard let evaluation = config.evaluation else { return nil }
    return try HeldOutData(
      evaluation.data, tokenizer: tokenizer, window: student.maxPositionEmbeddings,
      vocabulary: student.vocabSize, tokens: evaluation.tokens)
  }
}

extension RunConfig {
  /// The cache that a run reads, for its targets or for its tokens alone.
  var cachePath: String? {
    if let cache { return cache }
    guard case .cache(let path) = data?.source else { return nil }
    return path
  }
}

extension DecoderConfig {
  /// The shape of a model made of some of this one's layers.
  func taking(layers: [Int]) -> DecoderConfig {
    var config = self
    let known = layers.filter { $0 < numHiddenLayers }
    config.numHiddenLayers = known.count
    config.ropeLayers = known.map { ropeLayers[$0] }
    config.chunkedLayers = known.map { chunkedLayers[$0] }
    config.moeLayers = known.indices.filter { moeLayers.contains(known[$0]) }
    return config
  }
}

extension Tokenizer {
  /// The tokenizer at a path: a tokenizer.json, a folder with one, or a checkpoint that carries one.
  public init(source path: String) throws {
    guard path.hasSuffix(".gguf") else {
      self = try Tokenizer(contentsOf: path)
      return
    }
    guard let tokenizer = try Checkpoint.open(path).tokenizer() else {
      throw PreparationError.noTokenizer(path: path)
    }
    self = tokenizer
  }
}
