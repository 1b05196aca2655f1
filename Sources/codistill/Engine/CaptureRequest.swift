import Capture
import Text

/// What a cache is made from, and how.
struct CaptureRequest {
  /// The teacher's checkpoint.
  var teacher: String
  /// The texts, their sequence length and the most tokens.
  var data: DataConfig
  /// How distributions are stored.
  var options: CaptureOptions

  /// The request of a command line.
  init(teacher: String, texts: DataOptions, options: CaptureOptions) throws {
    try InputPath.require(teacher, remedy: "check --teacher")
    let data = try texts.config(
      defaultSplit: .train, sequenceLength: options.sequenceLength, tokens: options.tokens)
    guard let data else { throw CommandError.missingInput(path: "--data", remedy: "name a text") }
    (self.teacher, self.data, self.options) = (try Engine.modelPath(teacher), data, options)
  }
}
