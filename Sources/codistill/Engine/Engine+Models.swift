import Distillation

extension Engine {
  /// The path of the model that a path means, having said which checkpoints were passed over.
  static func modelPath(_ path: String) throws -> String {
    let model = try RunDirectory.model(path)
    for checkpoint in model.skipped { Console.warning(checkpoint.note) }
    return model.path
  }
}
