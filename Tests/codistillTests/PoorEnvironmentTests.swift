import Foundation
import Testing

/// Little memory, few descriptors, no threads, closed streams: no command hangs, traps, or does
/// nothing with exit code 0. (case little-memory-hangs)
@Suite struct PoorEnvironmentTests {
  /// Commands as a shell takes them; `$OUT` is a fresh path.
  private static let commands = [
    "plan student.yaml", "cache verify cache", "cache inspect cache --position 3",
    "distill student.yaml output=$OUT", "evaluate --model model --data text.jsonl --tokens 50",
    "generate --model model --prompt river --max-tokens 2",
    "logits --model model --tokens 1,2 --output $OUT",
    "tokenizer train --data text.jsonl --vocab-size 260 --output $OUT",
    SharedWorld.audit.joined(separator: " "), "doctor",
    (SharedWorld.build + ["--output", "$OUT"]).joined(separator: " "),
  ]

  private func run(_ script: String) throws -> Tool.Outcome {
    let place = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    defer { try? FileManager.default.removeItem(at: place) }
    return try Shell.run(
      script, in: try SharedWorld.folder(), environment: ["OUT": place.path])
  }

  @Test("case little-memory-hangs: little memory", arguments: commands)
  func littleMemory(command: String) throws {
    for kilobytes in [300_000, 600_000] {
      let outcome = try run("ulimit -v \(kilobytes); exec \"$TOOL\" \(command)")
      expectOrderlyEnd(outcome, "\(kilobytes) KB: \(command)")
    }
  }

  @Test(
    "case little-memory-hangs: what everything needs is asked for first",
    arguments: [
      ("ulimit -n 5", "ulimit -n"), ("ulimit -n 12", "ulimit -n"), ("ulimit -s 64", "ulimit -s"),
    ])
  func lowLimits(limit: String, remedy: String) throws {
    let outcome = try run("\(limit); exec \"$TOOL\" cache verify cache")
    #expect(outcome.status == 69 && outcome.errors.contains(remedy), "\(outcome.errors)")
    expectOrderlyEnd(outcome, limit)
  }

  @Test("case little-memory-hangs: a soft limit on descriptors is raised")
  func aSoftLimitIsRaised() throws {
    let outcome = try run("ulimit -S -n 5; exec \"$TOOL\" cache verify cache")
    #expect(outcome.status == 0, "\(outcome.errors)")
  }

  /// Whether another user may run the executable, who then is allowed no thread.
  static let canBeNobody: Bool = {
    let script = "setpriv --reuid=65533 --clear-groups \"$TOOL\" --version"
    return (try? Shell.run(script).status) == 0
  }()

  @Test(
    "case little-memory-hangs: without threads nothing is waited for",
    .enabled(if: canBeNobody, "only root can become a user without processes"))
  func noThreads() throws {
    let outcome = try Shell.run(
      "exec setpriv --reuid=65533 --clear-groups prlimit --nproc=1 \"$TOOL\" doctor", seconds: 20)
    #expect(outcome.status == 69 && outcome.errors.contains("ulimit -u"), "\(outcome)")
  }

  @Test(
    "case little-memory-hangs: a result that nobody gets is no success",
    arguments: [
      "--help", "--version", "plan --help", "doctor", "cache verify cache",
      "tokenizer encode --tokenizer tokenizer.json river",
      "generate --model model --prompt river --max-tokens 2",
    ])
  func lostResults(command: String) throws {
    for place in [">&-", "> /dev/full"] {
      let outcome = try run("exec \"$TOOL\" \(command) \(place)")
      #expect(outcome.status == 74, "\(command) \(place): \(outcome.errors)")
      expectOrderlyEnd(outcome, command + place)
    }
  }

  @Test("case little-memory-hangs: closed streams and an empty environment harm no work")
  func oddSurroundings() throws {
    let surroundings = [
      "exec \"$TOOL\" COMMAND <&-", "\"$TOOL\" COMMAND 2>&-", "\"$TOOL\" COMMAND 2> /dev/full",
      "exec env -i \"$TOOL\" COMMAND", "LC_ALL=C HOME=/none TMPDIR=/none PATH= \"$TOOL\" COMMAND",
    ]
    for script in surroundings {
      for command in ["distill student.yaml output=$OUT", "cache verify cache"] {
        let outcome = try run(script.replacing("COMMAND", with: command))
        #expect(outcome.status == 0, "\(script): \(outcome.errors)")
      }
    }
    let closed = try run("exec \"$TOOL\" tokenizer encode --tokenizer tokenizer.json <&-")
    #expect(closed.status == 66 && closed.errors.contains("standard input: cannot be read"))
  }
}
