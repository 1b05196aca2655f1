import Distillation
import Foundation
import Text

extension Engine {
  /// Trains a byte-level BPE on the documents of a data set.
  static func trainTokenizer(_ request: TokenizerRequest) throws -> TrainedTokenizer {
    throw CommandError.unavailable("tokenizer train")
  }
}
