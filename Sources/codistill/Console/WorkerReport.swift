import Foundation
import Reports
import Studies
import Training

/// The report of a process that trains for another one: a line of JSON for a step on standard
/// output, a few times a second.
struct WorkerReport {
  private static let pause = 0.2
  private var lastTold = -Double.infinity

  /// Tells of a step, unless another was told of just now.
  mutating func tell(_ news: StepNews) {
    let now = Terminal.seconds()
    guard now - lastTold >= Self.pause else { return }
    lastTold = now
    Self.write(news)
  }

  /// Runs a training; a worker's divergence is told before it is thrown, anybody else's comes with
  /// the command that trains on more carefully.
  static func tellingDivergence<Outcome>(
    _ isWorker: Bool, _ config: RunConfig, _ body: () throws -> Outcome
  ) throws -> Outcome {
    do {
      return try body()
    } catch {
      guard let news = DivergenceNews(error) else { throw error }
      guard isWorker else {
        throw CommandError.diverged("\(error)", retry: CommandLineText.retry(config))
      }
      write(news)
      throw error
    }
  }

  private static func write(_ news: some Encodable) {
    // Unlike the tool's results, the JSON of runs has words for nan and infinities.
    guard let line = try? JSONEncoder.ofRuns.line(news) else { return }
    // Nobody may be there to read it; the run is saved all the same.
    try? StandardStream.output.write(String(decoding: line, as: UTF8.self))
  }

  /// Saves the run and ends when standard input is closed, which it is when the parent process
  /// wants it and when that process itself is gone, however it ended.
  static func endWithParent() {
    Thread.detachNewThread {
      var byte: UInt8 = 0
      while true {
        let count = read(STDIN_FILENO, &byte, 1)
        if count == 0 || (count < 0 && errno != EINTR) { break }
      }
      Interruption.request()
    }
  }
}
