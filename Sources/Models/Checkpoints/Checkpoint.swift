import Base
import Foundation
public import Text

/// A model on disk: its config, and its parameters by Hugging Face's names.
public struct Checkpoint: Sendable {
  /// The folder or file that was opened.
  public let path: String
  /// The decoder's shape.
  public internal(set) var config: DecoderConfig
  /// The special tokens that its configs name.
  package let named: NamedTokens
  /// The config that the fingerprint is of.
  let identity: DecoderConfig

  /// The rows of the stored matrices that have one for each token.
  private let storedVocabulary: Int

  let storage: Storage
  let tensors: TensorDirectory

  /// The files behind a checkpoint.
  enum Storage: Sendable {
    case safetensors([SafetensorsFile])
    case gguf(GGUFFile)
  }

  /// Opens a Hugging Face folder (one safetensors file or shards), or a GGUF file.
  ///
  /// Headers are read and checked, weights only when they are asked for.
  ///
  /// ```swift
  /// let checkpoint = try Checkpoint.open("models/SmolLM2-135M")
  /// print(checkpoint.config.numHiddenLayers, checkpoint.config.parameterCount)
  /// let tokenizer = try checkpoint.tokenizer()
  /// let model = try Decoder(checkpoint)
  /// ```
  ///
  /// - Throws: `CheckpointError`, `DecoderConfigError`, `SafetensorsError` or `GGUFError`.
  public static func open(_ path: String) throws -> Checkpoint {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
      throw CheckpointError.notFound(path: path)
    }
    if isFolder.boolValue { return try Checkpoint(folder: path) }
    if path.hasSuffix(".safetensors") {
      let folder = (path as NSString).deletingLastPathComponent
      return try Checkpoint(folder: folder.isEmpty ? "." : folder, weights: path)
    }
    let isGGUF = try MappedFile(path: path).withBytes { $0.starts(with: "GGUF".utf8) }
    guard isGGUF || path.hasSuffix(".gguf") else { throw CheckpointError.unknownFormat(path: path) }
    return try Checkpoint(gguf: path)
  }

  private init(folder: String, weights: String? = nil) throws {
    path = weights ?? folder
    let configFile = folder + "/config.json"
    // A link that git-annex left leads nowhere: there is no file, but a remedy.
    if let pointer = PointerFile(at: configFile) {
      throw CheckpointError.notFetched(pointer.description)
    }
    guard FileManager.default.fileExists(atPath: configFile) else {
      throw CheckpointError.noConfig(folder: folder)
    }
    let members = try DecoderConfig.members(of: configFile)
    let read = try DecoderConfig(hugging: members, source: configFile)
    named = try NamedTokens(folder: folder, vocabSize: read.vocabSize)
    config = read.naming(named)
    identity = read.identity(members)
    storedVocabulary = config.vocabSize
    let files = try Self.files(in: folder, weights: weights)
    storage = .safetensors(files)
    tensors = try TensorDirectory(
      files, path: path, fusesExperts: !config.modelType.storesExpertsSeparately)
  }

  private init(gguf file: String) throws {
    path = file
    let gguf = try GGUFFile(path: file)
    config = try gguf.decoderConfig()
    storedVocabulary = config.vocabSize
    named = NamedTokens(config, source: file)
    identity = try gguf.identity(config)
    storage = .gguf(gguf)
    tensors = try TensorDirectory(gguf, config: config)
  }

  private static func files(in folder: String, weights: String?) throws -> [SafetensorsFile] {
    if let weights { return [try SafetensorsFile(path: weights)] }
    let (single, index) = (folder + "/model.safetensors", folder + "/" + ShardIndex.fileName)
    if FileManager.default.fileExists(atPath: single) {
      return [try SafetensorsFile(path: single)]
    }
    for pointer in [single, index].compactMap({ PointerFile(at: $0) }) {
      throw CheckpointError.notFetched(pointer.description)
    }
    guard FileManager.default.fileExists(atPath: index) else {
      throw CheckpointError.noWeights(folder: folder)
    }
    return try ShardIndex(path: index).open(in: folder)
  }

  /// The names of the parameters, sorted, without the prefix of multimodal files.
  package var tensorNames: [String] { tensors.names }

  /// A parameter's shape, outermost size first; nil when the checkpoint does not have it.
  public func shape(of name: String) -> [Int]? { tensors[name]?.shape }

  /// The source of a parameter's values; it may have rows that no token of the vocabulary needs.
  ///
  /// - Throws: `CheckpointError.missingTensor` or `.shapeMismatch`.
  func source(_ name: String, shape: [Int]) throws(CheckpointError) -> TensorSource {
    guard let source = tensors[name] else { throw .missingTensor(path: path, name: name) }
    guard source.shape == stored(shape, of: name) else {
      throw .shapeMismatch(path: path, name: name, expected: shape, found: source.shape)
    }
    return source
  }

  /// The shape that a parameter has in the file.
  private func stored(_ shape: [Int], of name: String) -> [Int] {
    let isOfTokens = name == config.embeddings.name || name == config.output.name
    return isOfTokens ? [storedVocabulary] + shape.dropFirst() : shape
  }

  /// Throws `CheckpointError.unexpectedTensor` where there are parameters besides those named, and
  /// what ``requireTied()`` throws.
  func requireNothing(besides names: some Sequence<String>) throws {
    try requireTied()
    let other = tensors.firstName(besides: names) { name in
      // Tied models may carry a copy of the embedding table under the projection's name.
      Self.counts(name) && !(name == "lm_head.weight" && config.tieWordEmbeddings)
    }
    if let other { throw CheckpointError.unexpectedTensor(path: path, name: other) }
  }

  /// Whether a parameter counts: not those parts of a multimodal checkpoint that no text decoder
  /// has, nor the rotary tables that old files carry.
  private static func counts(_ name: String) -> Bool {
    !name.hasSuffix("rotary_emb.inv_freq") && !name.hasPrefix("vision_model.")
      && !name.hasPrefix("multi_modal_projector.")
  }
}

extension Checkpoint {
  /// The tokenizer that lies with the model: `tokenizer.json`, or the vocabulary inside a GGUF.
  ///
  /// Its special tokens are those that the checkpoint's configs name, else its own.
  ///
  /// - Returns: nil when the checkpoint has none.
  /// - Throws: `TokenizerError` or `GGUFError` when there is one that cannot be used.
  public func tokenizer() throws -> Tokenizer? {
    switch storage {
    case .gguf(let file):
      return try file.vocabulary().map { try Tokenizer(gguf: $0).following(named) }
    case .safetensors(let files):
      let folder = files.first.map { FolderSync.parent(of: $0.path) } ?? path
      let file = folder + "/tokenizer.json"
      guard FileManager.default.fileExists(atPath: file) else { return nil }
      return try Tokenizer(contentsOf: file).following(named)
    }
  }

  /// The checkpoint without its matrices' rows beyond a tokenizer's ids, and a line that says so.
  ///
  /// Such rows pad a matrix to a round size. No text has their tokens, so that they are no part of
  /// the model's distribution; zeros there would hold more of it than many a token.
  ///
  /// - Parameter tokenizer: the tokenizer of the ids; nil leaves the checkpoint as it is.
  /// - Returns: the checkpoint, and a note of the rows left out; nil where there are none.
  package func withoutPadding(_ tokenizer: Tokenizer?) -> (checkpoint: Checkpoint, note: String?) {
    guard let tokenizer, tokenizer.vocabularySize < config.vocabSize else { return (self, nil) }
    let rows = config.vocabSize - tokenizer.vocabularySize
    return (
      withVocabulary(tokenizer.vocabularySize),
      "\(path): has \(rows) rows beyond the tokenizer's \(tokenizer.vocabularySize) ids, which no "
        + "text needs; they are left out"
    )
  }

  /// The checkpoint with the first rows alone of the matrices that have one for each token.
  package func withVocabulary(_ count: Int) -> Checkpoint {
    precondition(count <= config.vocabSize, "rows that are there")
    var checkpoint = self
    checkpoint.config.vocabSize = count
    return checkpoint
  }
}
