public import Base
public import Capture
public import Losses
package import Measuring

/// Everything that describes a run of `codistill pretrain` or `codistill distill`.
public struct RunConfig: Sendable, Equatable {
  /// The student's shape; nil takes the shape of the checkpoint that `initialize` names.
  public var model: ModelConfig?
  /// The source of the first weights; nil draws them.
  public var initialize: InitializationConfig?
  /// A `tokenizer.json`, or a checkpoint that holds one; nil takes the cache's or the checkpoint's.
  public var tokenizer: String?
  /// The training sequences; nil takes the cache's own.
  public var data: DataConfig?
  /// The cache to distil from, if any.
  public var cache: String?
  /// A live teacher's checkpoint: for the texts of `data`, and for hidden states.
  public var teacher: String?
  /// The cache that a pretraining writes from its own forward passes, if any.
  package var emission: EmissionConfig?
  /// The length and pace of the run.
  public var training: TrainingConfig
  /// The loss that the run minimises.
  public var loss: LossConfig
  /// Held-out measurements on the way, if any.
  package var evaluation: EvaluationConfig?
  /// The run directory.
  public var output: String
}

extension RunConfig {
  /// The command that a config is for.
  public enum Kind: String, Sendable {
    /// Hard labels only.
    case pretrain
    /// A teacher's signal, cached or live, and hard labels.
    case distill
  }

  /// A config from a file and `a.b=value` overrides.
  ///
  /// Paths in it count from the working directory. Throws: `ConfigError`.
  public static func read(
    file: String, kind: Kind, overrides: [String] = []
  ) throws(ConfigError) -> RunConfig {
    try RunConfig(try ConfigNode.read(file: file).applying(overrides), kind: kind)
  }

  package enum Key: String, ConfigKey {
    case model, initialize, tokenizer, cache, teacher, data, training, loss, evaluation, output
    case emission = "emit_cache"
  }

  /// A config of the command that it is for: one that names a teacher or a cache of its targets is a
  /// distillation.
  package init(_ root: ConfigNode) throws(ConfigError) {
    let isDistillation = try root.entries().contains {
      [Key.cache, .teacher].map(\.rawValue).contains($0.key) && !$0.value.isNull
    }
    try self.init(root, kind: isDistillation ? .distill : .pretrain)
  }

  /// A config from the root of a YAML document.
  package init(_ root: ConfigNode, kind: Kind) throws(ConfigError) {
    let section = try ConfigSection<Key>(root)
    if let node = section[.model] { model = try ModelConfig(node) }
    if let node = section[.initialize] { initialize = try InitializationConfig(node) }
    tokenizer = try section.optionalString(.tokenizer)
    cache = try section.optionalString(.cache)
    teacher = try section.optionalString(.teacher)
    if let node = section[.data] { data = try DataConfig(node) }
    training = try TrainingConfig(try section.required(.training))
    loss =
      try section[.loss].map { node throws(ConfigError) in try LossConfig(node) } ?? LossConfig()
    if let node = section[.emission] { emission = try EmissionConfig(node) }
    if let node = section[.evaluation] { evaluation = try EvaluationConfig(node) }
    output = try section.string(.output)
    try requireModel(section)
    if emission != nil, evaluation?.keep == .best {
      throw section.conflict(
        .emission,
        "emit_cache names the last weights as its teacher; remove it, or evaluation.keep: best")
    }
    switch kind {
    case .pretrain: try checkPretrain(section)
    case .distill: try checkDistill(section)
    }
  }

  private func requireModel(_ section: ConfigSection<Key>) throws(ConfigError) {
    if model == nil, initialize == nil { _ = try section.required(.model) }
    guard let initialize, initialize.isFromTeacher, cache == nil, teacher == nil,
      data?.readsCache != true
    else { return }
    throw section.conflict(
      .initialize,
      "initialize.from: teacher needs a teacher, or a cache, which names one; give a path")
  }

  private func checkPretrain(_ section: ConfigSection<Key>) throws(ConfigError) {
    guard cache == nil else {
      throw section.conflict(
        .cache, "pretrain reads no teacher; use distill, or data: {cache: ...} for its sequences")
    }
    guard teacher == nil else {
      throw section.conflict(.teacher, "pretrain asks no teacher; use distill")
    }
    _ = try section.required(.data)
    if loss.soft != nil {
      throw section.conflict(.loss, "pretrain trains on hard labels only; remove loss.soft")
    }
    try requireTeacher(section)
    guard case .paths = data?.source else { return }
    if tokenizer == nil, initialize == nil { _ = try section.required(.tokenizer) }
    try requireLength(section)
  }

  private func requireLength(_ section: ConfigSection<Key>) throws(ConfigError) {
    guard let data, case .paths = data.source, data.sequenceLength == nil else { return }
    throw .missingKey(
      try section.required(.data).place, key: "sequence_length", section: "data")
  }

  /// Hidden states are compared with a live teacher's only.
  private func requireTeacher(_ section: ConfigSection<Key>) throws(ConfigError) {
    guard let feature = loss.features.first, teacher == nil else { return }
    throw .conflict(
      feature.place,
      problem: "loss.features needs a live teacher: a cache holds no hidden states; add teacher")
  }

  private func checkDistill(_ section: ConfigSection<Key>) throws(ConfigError) {
    guard emission == nil else {
      throw section.conflict(
        .emission, "emit_cache belongs to pretrain: the cache is of a teacher's own training")
    }
    try requireTeacher(section)
    if teacher == nil { _ = try section.required(.cache) }
    if loss.soft == nil {
      let node = try section.required(.loss)
      throw .missingKey(node.place, key: "soft", section: "loss")
    }
    try checkMaturity(section)
    try checkSequences(section)
  }

  /// Only a cache tells how far its teacher was at each sequence.
  private func checkMaturity(_ section: ConfigSection<Key>) throws(ConfigError) {
    guard loss.soft?.maturity != nil, cache == nil else { return }
    throw section.conflict(
      .loss, "loss.soft.maturity needs a cache of a teacher's training (pretrain --emit-cache)")
  }

  /// A cache is read for its own sequences, a live teacher is asked about those of `data`.
  private func checkSequences(_ section: ConfigSection<Key>) throws(ConfigError) {
    guard let data else {
      if cache == nil { _ = try section.required(.data) }
      guard teacher != nil, cache != nil, loss.features.isEmpty else { return }
      throw section.conflict(
        .teacher, "with a cache alone a live teacher has nothing to say; add data, or remove it")
    }
    guard cache != nil else { return try requireLength(section) }
    if data.readsCache {
      throw section.conflict(
        .data, "distill reads the sequences of its cache; remove data, or the cache")
    }
    guard teacher != nil else {
      throw section.conflict(
        .data,
        "distill reads the cache's own sequences; remove data, build a cache of this text, or add "
          + "the teacher, to ask it live")
    }
    try requireLength(section)
  }

  /// The config as YAML, every default written out; reading it gives the same config.
  package var yaml: String {
    let resolved: ResolvedSection<Key> = [
      .model: .optional(model) { $0.resolved },
      .initialize: .optional(initialize) { $0.resolved.value },
      .tokenizer: .optional(tokenizer) { .string($0) },
      .cache: .optional(cache) { .string($0) },
      .teacher: .optional(teacher) { .string($0) },
      .data: .optional(data) { $0.resolved.value },
      .emission: .optional(emission) { $0.resolved.value },
      .training: training.resolved.value,
      .loss: loss.resolved.value,
      .evaluation: .optional(evaluation) { $0.resolved.value },
      .output: .string(output),
    ]
    return resolved.value.yaml + "\n"
  }

  /// A text as overrides write it: in quotes unless every reader of YAML takes it for just that
  /// text.
  package static func quoted(_ text: String) -> String { JSONValue.string(text).yaml }
}

extension DataConfig {
  /// Whether the sequences are those of a cache.
  var readsCache: Bool { if case .cache = source { true } else { false } }
}
