import Foundation
import Models
import Shards

extension StudyRun {
  /// All runs of a comparison, checked before the first is trained: so that the seventeenth does
  /// not fail after an hour.
  ///
  /// Configs are read, caches and checkpoints opened, texts tokenised once for all the arms that
  /// read them, and folders that hold runs already are compared. No weights are made.
  ///
  /// - Throws: ``ComparisonError``, which names the arm.
  static func checked(_ config: ComparisonConfig) throws -> [StudyRun] {
    var checker = RunChecker(vocabulary: try config.teacher.map(TeacherVocabulary.init))
    return try config.runs.map { run in
      let checked: StudyRun
      do {
        checked = try checker.check(run, folder: config.folder(of: run))
      } catch let error as PreparationError where error.isVocabulary {
        throw error
      } catch {
        throw ComparisonError.arm(name: run.arm.name, reason: error)
      }
      do {
        try RunDirectory.require(
          checked.config, fingerprints: checked.fingerprints, at: checked.folder)
      } catch let error as RunError {
        throw ComparisonError.otherRun(name: run.name, path: checked.folder, reason: error)
      }
      return checked
    }
  }
}

extension PreparationError {
  /// Whether it is about two vocabularies, which it names itself.
  fileprivate var isVocabulary: Bool { if case .vocabulary = self { true } else { false } }
}

/// The size of the live teacher's vocabulary, which every student must have.
private struct TeacherVocabulary {
  let path: String
  let count: Int

  init(_ path: String) throws {
    (self.path, count) = (
      path, try Checkpoint.open(RunDirectory.modelPath(path)).config.vocabSize
    )
  }

  func require(_ student: Int) throws(PreparationError) {
    guard student == count else {
      throw .vocabulary(student: student, cache: count, path: path)
    }
  }
}

/// Checks runs one after the other, and remembers what it read for those that read the same.
private struct RunChecker {
  let vocabulary: TeacherVocabulary?
  private var arms: [String: (student: DecoderConfig, length: Int, prints: [String: String])] = [:]
  private var data: [String: [String: String]] = [:]

  init(vocabulary: TeacherVocabulary?) { self.vocabulary = vocabulary }

  mutating func check(_ run: ComparisonConfig.Run, folder: String) throws -> StudyRun {
    let config = try run.runConfig(overrides: ["output=\"\(folder)\""])
    let known = try arms[run.arm.name] ?? open(config)
    arms[run.arm.name] = known
    try vocabulary?.require(known.student.vocabSize)
    return StudyRun(
      name: run.name, arm: run.arm.name, config: config, student: known.student,
      sequenceLength: known.length, fingerprints: known.prints,
      cachingSeconds: run.arm.cachingSeconds)
  }

  private mutating func open(
    _ config: RunConfig
  ) throws -> (student: DecoderConfig, length: Int, prints: [String: String]) {
    let inputs = try RunInputs(config)
    let key = Self.inputKey(config)
    let prints = try data[key] ?? Self.load(inputs)
    data[key] = prints
    let length =
      config.data?.sequenceLength ?? inputs.cache?.manifest.capture.sequenceLength ?? 512
    return (inputs.student, length, prints)
  }

  private static func load(_ inputs: RunInputs) throws -> [String: String] {
    _ = try inputs.heldOut()
    return try inputs.fingerprints(try inputs.trainingData())
  }

  /// The part of a config that names what is read.
  private static func inputKey(_ config: RunConfig) -> String {
    var config = config
    config.training = TrainingConfig(
      steps: 1, batchSize: 1,
      learningRate: LearningRateSchedule(kind: .constant, peak: 1, totalSteps: 1))
    (config.loss, config.output) = (LossConfig(), "")
    return config.yaml
  }
}
