import Distillation
import Foundation

extension CommandLineText {
  /// The largest learning rate that is suggested: training of transformers with AdamW is stable at it.
  private static let saneRate = 1e-3

  /// The command that trains a diverged run's model on with a tenth of the learning rate, in a folder
  /// of its own: from the run's newest sound checkpoint, or from the beginning if it has none that
  /// has learned anything.
  static func retry(_ config: RunConfig) -> String {
    let rate = min(config.training.learningRate.peak / 10, saneRate)
    var overrides = ["training.learning_rate=\(rate)"]
    if RunDirectory.isWorthGoingOn(config.output) {
      overrides.append("initialize={from: \(RunConfig.quoted(config.output))}")
    }
    overrides.append("output=" + RunConfig.quoted(freeFolder(beside: config.output)))
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
