package import Base

/// The faults of a checkpoint as a whole: of its place, its tensors, its writing.
package enum CheckpointError: Error, Equatable, CustomStringConvertible {
  /// Nothing is at the path.
  case notFound(path: String)
  /// The operating system refused to read the file.
  case unreadable(path: String, reason: String)
  /// Git LFS or git-annex put a pointer in the file's place; the text says so.
  case notFetched(String)
  /// The path is a file that is neither a GGUF nor part of a folder of safetensors.
  case unknownFormat(path: String)
  /// The folder has no `config.json`.
  case noConfig(folder: String)
  /// The folder has neither `model.safetensors` nor an index of shards.
  case noWeights(folder: String)
  /// The index of shards breaks a rule.
  case badIndex(file: String, problem: String)
  /// A tensor that the decoder needs is nowhere in the checkpoint.
  case missingTensor(path: String, name: String)
  /// A checkpoint has a tensor that no part of the decoder reads.
  case unexpectedTensor(path: String, name: String)
  /// The config ties the output projection to the embeddings, and the file has another one.
  case otherProjection(path: String)
  /// A tensor has another shape than the config asks for.
  case shapeMismatch(path: String, name: String, expected: [Int], found: [Int])
  /// A tensor holds numbers that are no weights, such as integers or 8-bit floats.
  case notWeights(path: String, name: String, type: String)
  /// A weight is no number: the model diverged, or its file is damaged.
  case notFinite(path: String, name: String, index: Int, value: Float)
  /// The target of a save is already there.
  case exists(path: String)
  /// The tokenizer's file does not say what a save needs from it.
  case badTokenizer(file: String, problem: String)

  /// One line: the file, what is wrong, and the remedy.
  package var description: String {
    switch self {
    case .notFound(let path):
      "\(path): no such file or folder; give a Hugging Face folder or a .gguf file"
    case .unreadable(let path, let reason):
      "\(path): cannot be read: \(reason)"
    case .notFetched(let text): text
    case .unknownFormat(let path):
      "\(path): not a checkpoint; give a .gguf file, or the folder that holds config.json and "
        + "the .safetensors files"
    case .noConfig(let folder):
      "\(folder): has no config.json; give the folder that transformers' save_pretrained wrote"
    case .noWeights(let folder):
      "\(folder): has neither model.safetensors nor model.safetensors.index.json; "
        + "convert the weights to safetensors"
    case .badIndex(let file, let problem):
      "\(file): \(problem); download or convert the checkpoint again"
    case .missingTensor(let path, let name):
      "\(path): has no tensor \(name), which its config asks for; "
        + "check that config and weights belong together"
    case .unexpectedTensor(let path, let name):
      "\(path): has a tensor '\(name)' that its config does not call for; "
        + "check that config and weights belong together"
    case .otherProjection(let path):
      "\(path): tie_word_embeddings is true, but lm_head.weight is not the embedding table; set it to "
        + "false in config.json to compute with lm_head.weight, or take that tensor out of the file"
    case .shapeMismatch(let path, let name, let expected, let found):
      "\(path): \(name) has shape \(found), but its config asks for \(expected); "
        + "check that config and weights belong together"
    case .notWeights(let path, let name, let type):
      "\(path): \(name) holds \(type), but weights must be F32, F16 or BF16; "
        + "convert the checkpoint"
    case .notFinite(let path, let name, let index, let value):
      "\(path): \(name) holds \(value) at element \(index); the model diverged or its file is "
        + "damaged: use another checkpoint, or fetch it again"
    case .exists(let path):
      "\(path): already exists; choose another place or remove it"
    case .badTokenizer(let file, let problem):
      "\(file): \(problem); use the tokenizer.json of the checkpoint"
    }
  }
}

extension CheckpointError: ExitStatusError {
  package var exitStatus: ExitStatus {
    switch self {
    case .notFound, .noConfig, .noWeights, .unreadable: .missingInput
    case .exists: .cannotCreate
    case .notFetched, .unknownFormat, .badIndex, .missingTensor, .unexpectedTensor,
      .otherProjection, .shapeMismatch, .notWeights, .notFinite, .badTokenizer:
      .badData
    }
  }
}
