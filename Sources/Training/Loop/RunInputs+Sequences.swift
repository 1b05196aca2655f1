package import Capture
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
    let lengths = cache?.manifest.parts.map(\.capture.sequenceLength)
    let capture = CaptureConfig(
      codec: emission.codec, vocabularySize: student.vocabSize,
      sequenceLength: config.data?.sequenceLength ?? lengths?.max() ?? 512,
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
    guard let evaluation = config.evaluation, let heldOut = try heldOut() else { return (nil, []) }
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

  private func heldOut() throws -> HeldOutData? {
    guard let evaluation = config.evaluation else { return nil }
    return try HeldOutData(
      evaluation.data, tokenizer: tokenizer, window: student.maxPositionEmbeddings,
      vocabulary: student.vocabSize, tokens: evaluation.tokens)
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
