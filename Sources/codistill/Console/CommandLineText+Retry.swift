import Distillation
import Foundation

extension CommandLineText {
  /// The command that trains a diverged run's model on with a tenth of the learning rate, in a folder
  /// of its own: from the run's newest sound checkpoint, or from the beginning if it has none.
  static func retry(_ config: RunConfig) -> String {
    let rate = config.training.learningRate.peak / 10
    var overrides = ["training.learning_rate=\(rate)"]
    if let model = try? RunDirectory.modelPath(config.output), model != config.output {
      overrides.append("initialize={from: \"\(config.output)\"}")
    }
    overrides.append("output=\(freeFolder(beside: config.output))")
    return quoted + overrides.map { " " + ShellQuoting.quote($0) }.joined()
  }

  /// The first of PATH-2, PATH-3 … that is not there.
  private static func freeFolder(beside path: String) -> String {
    var path = path
    while path.count > 1, path.hasSuffix("/") { path.removeLast() }
    let number = (2...).first { !FileManager.default.fileExists(atPath: "\(path)-\($0)") } ?? 2
    return "\(path)-\(number)"
  }
}
