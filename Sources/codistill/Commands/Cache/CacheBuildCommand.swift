import ArgumentParser
import Capture
import Foundation
import Models
import Reports
import Shards
import Text
import Training

/// `codistill cache build`.
struct CacheBuildCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "build",
    abstract: "Run the teacher over texts and store what it says; resumes by itself.",
    discussion: """
      Killed at any moment, the same command goes on where it stopped, and gives the same bytes.
      Several processes or machines build one cache with --shard-index and --shard-count; `codistill \
      cache commit` then finishes it. --append adds other texts to a finished cache.
      A budget of entries or bytes a token is spent by finding τ on a sample of the texts first.

      Example:
        codistill cache build --teacher SmolLM2-135M-Instruct.Q4_1.gguf --data bible.jsonl.zst \\
          --output caches/bible --sequence-length 256 --tokens 61440 --held-out 0.02
      """)

  @Option(help: "The teacher: a Hugging Face folder, a .gguf file or a run directory.")
  var teacher: String
  @OptionGroup var texts: DataOptions
  @Option(help: "The folder of the cache.")
  var output: String
  @OptionGroup var capture: CaptureOptions
  @Flag(help: "Add the texts to a finished cache of the same teacher and codec.")
  var append = false
  @OptionGroup var share: ShareOptions
  @OptionGroup var machine: MachineOptions
  @OptionGroup var format: OutputOptions

  func validate() throws { try texts.requireAny() }

  func run() throws {
    let inputs = try capture.inputs(teacher, texts)
    machine.apply()
    Interruption.listen()
    let share = try share.share()
    let directory = URL(filePath: output)
    let present = append ? try? CacheReader(directory: directory) : nil
    var open: PreparedCapture
    do {
      open = try PreparedCapture(inputs, capture) { try $0(present?.documents()) }
    } catch DocumentError.nothingNew(let documents) {
      guard let present else { throw DocumentError.nothingNew(documents: documents) }
      // An append that was killed when all was written has left something to tidy up.
      _ = try? PartBuilder.commit(directory: directory, threads: 1)
      Console.note("all \(documents) documents are in \(output) already: nothing was added")
      return try CacheFigures(present.manifest).print(asJSON: format.json)
    }
    try tellDifferences(of: open, from: present)
    try open.findThreshold(in: directory)
    let began = ContinuousClock.now
    let outcome = try build(open, share)
    let seconds = (ContinuousClock.now - began) / .seconds(1)
    try tell(outcome, share, seconds: seconds, open.data.present)
  }

  /// Tells how added texts differ from those of a finished cache.
  private func tellDifferences(of open: PreparedCapture, from present: CacheReader?) throws {
    guard let present else { return }
    let tokenizer = try open.checkpoint.tokenizer()
    if let note = try present.note(of: open.data, tokenizer: tokenizer, path: output) {
      Console.note(note)
    }
    let marks = present.manifest.note(
      addingBOS: open.config.bosAdded, addingEOS: open.config.eosAdded)
    if let marks { Console.warning("\(output): \(marks)") }
  }

  private func build(_ open: PreparedCapture, _ share: WorkShare) throws -> CacheBuilder.Outcome {
    let line = ProgressLine(
      "caching", total: open.data.predictionCount / share.count, unit: "tokens")
    let outcome = try open.builder(progress: { line.update(done: $0.tokens) }).build(
      directory: URL(filePath: output), share: share, appending: append,
      onLeft: { Console.note("unit \($0) is being made by another process; going on without it") })
    line.finish()
    return outcome
  }

  /// Prints the outcome of a capture; throws where some of it is left to do.
  private func tell(
    _ outcome: CacheBuilder.Outcome, _ share: WorkShare, seconds: Double, _ present: PresentMarks
  ) throws {
    switch outcome {
    case .interrupted: throw CommandError.interrupted(resume: CommandLineText.quoted)
    case .leftToOthers(let units):
      throw CommandError.leftToOthers(units: units.count, resume: CommandLineText.quoted)
    case .shareDone(let units, let sequences, let newTokens):
      let answer = Answer([
        "shardIndex": share.index, "shardCount": share.count, "units": units,
        "sequences": sequences, "newTokens": newTokens, "seconds": seconds,
        "tokensPerSecond": Double(newTokens) / seconds, "cache": output,
      ])
      try Console.result(answer, asJSON: format.json) {
        "worker \(share.index) of \(share.count): \(units) units, \(sequences) sequences stored;"
          + " when all workers have ended, run: "
          + CommandLineText.command("cache", "commit", output)
      }
    case .finished(let manifest, let newTokens):
      try CacheFigures(manifest).print((seconds, newTokens), present, asJSON: format.json)
    }
  }
}
