import Base
import Capture
import Losses
import Measuring
import Models
import Shards
import Tensors
import Text
import Training

extension StudyRun {
  /// All runs of a comparison, checked before the first is trained: so that the seventeenth does
  /// not fail after an hour.
  ///
  /// Configs are read, caches and checkpoints opened, texts tokenised once for all the arms that
  /// read them, and folders that hold runs already are compared. No weights are made.
  ///
  /// - Throws: ``ComparisonError``, which names the arm.
  static func checked(_ config: ComparisonConfig) throws -> CheckedRuns {
    // A misspelt key is said before anything is opened.
    for arm in config.arms { try naming(arm) { try requireNoEmission(arm) } }
    var checker = RunChecker(
      config, tokens: try config.teacher.map { try SharedTokens(teacher: $0) })
    let runs = try config.runs.map { run in
      let checked = try naming(run.arm) { try checker.check(run, folder: config.folder(of: run)) }
      do {
        try RunDirectory.require(
          checked.config, fingerprints: checked.fingerprints, at: checked.folder)
      } catch let error as RunError {
        throw ComparisonError.otherRun(name: run.name, path: checked.folder, reason: error)
      }
      return checked
    }
    return CheckedRuns(runs: runs, data: checker.trainingData, choices: try checker.choices())
  }

  /// Throws where a run would write a cache: all the runs of an arm would write the same one.
  private static func requireNoEmission(_ arm: ComparisonArm) throws(ConfigError) {
    guard let emission = try arm.runConfig().emission else { return }
    throw .conflict(
      arm.place,
      problem: "emit_cache (\(emission.path)) belongs to a single run, not to a comparison; "
        + "remove it here, and train that run by itself for the cache")
  }

  /// Runs a body whose errors are about an arm.
  private static func naming<Result>(
    _ arm: ComparisonArm, _ body: () throws -> Result
  ) throws -> Result {
    do {
      return try body()
    } catch let error as PreparationError where error.isVocabulary {
      throw error
    } catch {
      throw ComparisonError.arm(name: arm.name, reason: error)
    }
  }
}

/// The runs of a comparison, and the texts that they learn from.
struct CheckedRuns {
  let runs: [StudyRun]
  /// The texts that arms train on, and those of the runs their first weights are from, each once.
  let data: [TrainedText]
  /// The texts by which arms choose their weights.
  let choices: [ChoosingText]
}

/// A text by whose loss arms choose the weights that they keep. (`evaluation.keep: best`)
struct ChoosingText {
  /// The text.
  let text: TrainedText
  /// The names of the arms.
  let arms: [String]
}

extension PreparationError {
  /// Whether it is about two vocabularies, which it names itself.
  fileprivate var isVocabulary: Bool { if case .vocabulary = self { true } else { false } }
}

/// The tokens that every student must have, since all are measured on one text: the live teacher's,
/// else those of the first arm.
private struct SharedTokens {
  /// The owner of the tokens in words, and the teacher's path if it is the teacher.
  let owner: String
  let teacher: String?
  /// The number of ids.
  let count: Int
  /// The fingerprint of the tokenizer, as far as one is known.
  var tokenizer: String?

  init(teacher path: String) throws {
    let checkpoint = try Checkpoint.open(RunDirectory.modelPath(path))
    let tokenizer = try checkpoint.tokenizer()
    owner = "the teacher \(path)"
    teacher = path
    count = checkpoint.withoutPadding(tokenizer).checkpoint.config.vocabSize
    self.tokenizer = tokenizer?.fingerprint
  }

  init(of arm: RunChecker.Arm, named name: String) {
    owner = "arm '\(name)'"
    teacher = nil
    count = arm.student.vocabSize
    tokenizer = arm.tokenizer?.fingerprint
  }

  mutating func require(of arm: RunChecker.Arm) throws(PreparationError) {
    let ids = arm.student.vocabSize
    guard ids == count else {
      if let teacher { throw .vocabulary(student: ids, cache: count, path: teacher) }
      throw .comparedTokens(found: "\(ids) ids", expected: "\(count)", owner: owner)
    }
    guard let own = arm.tokenizer?.fingerprint else { return }
    guard let shared = tokenizer else { return tokenizer = own }
    guard own == shared else {
      throw .comparedTokens(
        found: "another tokenizer (SHA-256 \(own.prefix(12))…)",
        expected: "\(shared.prefix(12))…", owner: owner)
    }
  }
}

/// Checks runs one after the other, and remembers what it read for those that read the same.
private struct RunChecker {
  /// The contents of a run's data.
  struct Contents {
    let fingerprints: [String: String]
    /// The training sequences.
    let sequences: Int
    let heldOut: HeldOutData?
    let training: [TrainedText]
  }

  /// The parts that all runs of an arm share.
  struct Arm {
    let student: DecoderConfig
    let teacher: DecoderConfig?
    let tokenizer: Tokenizer?
    let sequenceLength: Int
    let contents: Contents
    /// The key of the contents, where the arm chooses its weights by their held-out text.
    let choice: String?
  }

  private var tokens: SharedTokens?
  private var arms: [String: Arm] = [:]
  private var contents: [String: Contents] = [:]
  private(set) var trainingData: [TrainedText] = []

  private let budget: BudgetConfig?
  private let students: Int

  init(_ config: ComparisonConfig, tokens: SharedTokens?) {
    budget = config.budget
    students = config.students
    self.tokens = tokens
  }

  mutating func check(_ run: ComparisonConfig.Run, folder: String) throws -> StudyRun {
    var config = try run.runConfig(output: folder)
    let arm = try arms[run.arm.name] ?? open(config)
    arms[run.arm.name] = arm
    let cachingSeconds = run.arm.cachingSeconds / Double(students)
    if let budget {
      let training = config.training
      config = try run.runConfig(
        output: folder,
        overrides: try budget.overrides(
          run.arm, cachingSeconds: cachingSeconds,
          tokensPerStep: training.batchSize * training.gradientAccumulationSteps
            * arm.sequenceLength))
    }
    config.training = try config.training.counted(sequences: arm.contents.sequences)
    tokens = tokens ?? SharedTokens(of: arm, named: run.arm.name)
    try tokens?.require(of: arm)
    return StudyRun(
      name: run.name, arm: run.arm.name, config: config, student: arm.student,
      teacher: arm.teacher, tokenizer: arm.tokenizer, sequenceLength: arm.sequenceLength,
      fingerprints: arm.contents.fingerprints,
      heldOutCount: arm.contents.heldOut?.predictionCount, cachingSeconds: cachingSeconds)
  }

  private mutating func open(_ config: RunConfig) throws -> Arm {
    let inputs = try RunInputs(config)
    _ = try (inputs.precision(), inputs.features(AdamW.Settings()))
    let key = Self.inputKey(config)
    let found = try contents[key] ?? Self.load(inputs)
    if contents[key] == nil { trainingData += found.training }
    contents[key] = found
    return Arm(
      student: inputs.student, teacher: inputs.teacher?.config, tokenizer: inputs.tokenizer,
      sequenceLength: config.data?.sequenceLength
        ?? inputs.cache?.manifest.capture.sequenceLength ?? 512,
      contents: found, choice: config.evaluation?.keep == .best ? key : nil)
  }

  /// The texts by which arms choose their weights, each once.
  func choices() throws -> [ChoosingText] {
    let choosing = arms.filter { $0.value.choice != nil }
    return try Dictionary(grouping: choosing) { $0.value.choice ?? "" }.values
      .map { $0.sorted { $0.key < $1.key } }.sorted { $0[0].key < $1[0].key }
      .compactMap { arms in
        let (contents, tokenizer) = (arms[0].value.contents, arms[0].value.tokenizer)
        return try contents.heldOut.map {
          ChoosingText(
            text: TrainedText(data: try $0.data(), tokenizer: tokenizer), arms: arms.map(\.key))
        }
      }
  }

  private static func load(_ inputs: RunInputs) throws -> Contents {
    let data = try inputs.trainingData()
    let heldOut = try inputs.heldOut(apart: data.data).heldOut
    _ = try inputs.contextNotes(data.data, heldOut)
    return Contents(
      fingerprints: try inputs.fingerprints(data, heldOut), sequences: data.data.count,
      heldOut: heldOut,
      training: [TrainedText(data: data.data, tokenizer: inputs.tokenizer)]
        + inputs.trainedBefore().texts)
  }

  /// The part of a config that names what is read.
  private static func inputKey(_ config: RunConfig) -> String {
    var config = config
    config.training = TrainingConfig(
      steps: 1, batchSize: 1,
      learningRate: LearningRateSchedule(kind: .constant, peak: 1, totalSteps: 1))
    config.loss = LossConfig()
    config.output = ""
    config.evaluation?.keep = .last
    config.evaluation?.patience = nil
    return config.yaml
  }
}
