import Base
package import Capture
import Foundation
package import Measuring
import Models
import Shards
import Text

extension RunInputs {
  /// The sequences and their fingerprints.
  package struct Sequences {
    package let data: TrainingData
    let fingerprint: String
    /// The fingerprint of a cache's sequences beside those of the data.
    var cached: String?
    var notes: [String] = []
  }

  package func trainingData() throws -> Sequences {
    guard let data = config.data, case .paths = data.source else {
      guard let cache else { throw PreparationError.noData }
      let tokens = TrainingData.cachedTokens(cache)
      return Sequences(
        data: config.cache != nil ? .cached(cache) : teacher == nil ? tokens : .live(tokens),
        fingerprint: cache.manifest.capture.dataFingerprint)
    }
    let known = try cache?.documents()
    let packed = try data.load(tokenizer, length: data.sequenceLength, leavingOut: known)
    let left = packed.uncounted.count > 0 ? ["data: left out \(packed.uncounted.description)"] : []
    let repeated = try cache?.note(of: packed, tokenizer: tokenizer, path: config.cache ?? "")
    let notes =
      [
        repeated, packed.passedOverNote,
        cache?.manifest.note(addingBOS: data.bos, addingEOS: data.eos)
          .map { "\(config.cache ?? "") and data: \($0)" },
        packed.present.note.map { "data: of the documents read, \($0)" },
      ].compactMap { $0 } + left
    if let cache {
      return Sequences(
        data: .mixed(cache, live: packed.sequences), fingerprint: packed.fingerprint,
        cached: cache.manifest.capture.dataFingerprint, notes: notes)
    }
    let text = TrainingData.text(packed.sequences)
    return Sequences(
      data: teacher == nil ? text : .live(text), fingerprint: packed.fingerprint, notes: notes)
  }

  package func fingerprints(_ data: Sequences, _ heldOut: HeldOutData?) throws -> [String: String] {
    var fingerprints = ["data": data.fingerprint]
    fingerprints["evaluation"] = heldOut?.fingerprint
    fingerprints["cached data"] = data.cached
    // A cache that is only read for its tokens has no say in what is learned.
    if config.cache != nil { fingerprints["targets"] = try cache?.manifest.targetsDigest() }
    fingerprints["teacher"] = teacher?.fingerprint ?? cache?.manifest.capture.teacher.fingerprint
    fingerprints["tokenizer"] = tokenizer?.fingerprint
    fingerprints["initialize"] = source?.fingerprint
    return fingerprints
  }

  /// Returns the writer that makes a cache of the run's forward passes, if the config asks for one.
  func emission(in folder: String) throws -> TargetEmission? {
    guard let emission = config.emission else { return nil }
    guard let identity = tokenizer?.fingerprint ?? cache?.manifest.capture.tokenizerSHA256 else {
      throw EmissionError.noTokenizer(path: emission.path)
    }
    let capture = CaptureConfig(
      codec: emission.codec, vocabularySize: student.vocabSize,
      sequenceLength: sequenceLength,
      sequencesPerShard: emission.sequencesPerShard, seed: UInt64(emission.seed),
      draws: emission.draws, teacher: CaptureConfig.Teacher(name: "", fingerprint: ""),
      tokenizerSHA256: identity, dataFingerprint: "",
      bosAdded: cache?.manifest.capture.bosAdded ?? config.data?.bos ?? false,
      eosAdded: cache?.manifest.capture.eosAdded ?? config.data?.eos ?? false,
      arithmetic: CaptureConfig.arithmetic(try precision()))
    return try TargetEmission(
      config, emission, folder: folder, capture: capture,
      kinds: tokenizer?.kinds(vocabularySize: student.vocabSize))
  }

  /// Returns the data that the run is evaluated on, apart from its training data, and remarks.
  package func heldOut(apart data: TrainingData) throws -> (heldOut: HeldOutData?, notes: [String])
  {
    guard let evaluation = config.evaluation else { return (nil, []) }
    let heldOut = try HeldOutData(
      evaluation.data, tokenizer: tokenizer, window: student.maxPositionEmbeddings,
      vocabulary: student.vocabSize, tokens: evaluation.tokens)
    let (before, note) = trainedBefore()
    let (apart, notes) = try heldOut.apart(
      from: [TrainedText(data: data, tokenizer: tokenizer)] + before, tokenizer: tokenizer,
      evaluation.overlap, key: "evaluation.overlap")
    return (apart, notes + note)
  }

  /// Returns the texts that the run of the first weights trained on, if they are of a run, and a
  /// note where these cannot be read any more.
  package func trainedBefore() -> (texts: [TrainedText], note: [String]) {
    guard let sourcePath else { return ([], []) }
    do {
      return (try RunDirectory.trainedTexts(ofModel: sourcePath), [])
    } catch {
      return ([], ["what \(sourcePath) trained on is not known any more: \(error)"])
    }
  }
}

extension RunConfig {
  /// The cache that a run reads, for its targets or for its tokens alone.
  package var cachePath: String? {
    if let cache { return cache }
    guard case .cache(let path) = data?.source else { return nil }
    return path
  }
}

extension RunDirectory {
  /// Returns the texts that the run of a model trained on, and those of the runs before it that its
  /// first weights are from.
  ///
  /// - Returns: none where the model is of no run.
  /// - Throws: ``PreparationError/changedData(path:)`` and the errors of what a run's config names:
  ///   it may have moved since.
  package static func trainedTexts(ofModel path: String) throws -> [TrainedText] {
    try trainedTexts(ofModel: path, seen: [])
  }

  /// The same but for runs that were seen already: a run that was made anew may lie where its own
  /// first weights were, so that folders name one another in a circle.
  private static func trainedTexts(
    ofModel path: String, seen: Set<String>
  ) throws -> [TrainedText] {
    guard let folder = folder(ofModel: path), !seen.contains(folder) else { return [] }
    let files = RunFiles(folder: folder)
    let root = try ConfigNode.read(file: files.config)
    let config = try (try? RunConfig(root, kind: .distill)) ?? RunConfig(root, kind: .pretrain)
    let inputs = try RunInputs(config)
    let sequences = try inputs.trainingData()
    let known = try RunManifest.read(files.manifest).fingerprints
    guard known["data"] == sequences.fingerprint, known["cached data"] == sequences.cached else {
      throw PreparationError.changedData(path: folder)
    }
    let own = TrainedText(data: sequences.data, tokenizer: inputs.tokenizer)
    guard let before = inputs.sourcePath else { return [own] }
    return try [own] + trainedTexts(ofModel: before, seen: seen.union([folder]))
  }

  /// The run's folder of a path that is it, its `model` or the model of one of its checkpoints.
  private static func folder(ofModel path: String) -> String? {
    func isRun(_ folder: URL) -> Bool {
      FileManager.default.fileExists(atPath: RunFiles(folder: folder.path).manifest)
    }
    var folder = URL(filePath: path).resolvingSymlinksInPath()
    if isRun(folder) { return folder.path }
    if folder.lastPathComponent.hasSuffix(".safetensors") { folder.deleteLastPathComponent() }
    guard folder.lastPathComponent == "model" else { return nil }
    folder.deleteLastPathComponent()
    let above = folder.deletingLastPathComponent()
    if above.lastPathComponent == "checkpoints" { folder = above.deletingLastPathComponent() }
    return isRun(folder) ? folder.path : nil
  }
}
