import Foundation
import Testing

/// A terminal that closes and a pipe that nobody reads do not cost a training.
@Suite struct HangupTests {
  private func inOutput(_ body: (_ world: URL, _ output: String) throws -> Void) throws {
    try inFolder { folder in
      try body(try SharedWorld.folder(), folder.appending(path: "run").path)
    }
  }

  /// Starts a training, waits for its first steps, and tells how it ended after some signal.
  private func end(_ signal: String, _ options: String, prefix: String = "") -> String {
    """
    \(prefix) "$TOOL" pretrain model.yaml \(options) output="$RUN" 2> "$RUN.errors" > /dev/null &
    p=$!
    while [ ! -s "$RUN/metrics.jsonl" ] && kill -0 $p 2> /dev/null; do sleep 0.02; done
    kill -\(signal) $p; wait $p; code=$?; cat "$RUN.errors" >&2; exit $code
    """
  }

  @Test(
    "case hangup-loses-the-run: SIGHUP saves as SIGTERM does", arguments: ["HUP", "TERM", "INT"])
  func aHangupSaves(signal: String) throws {
    try inOutput { world, output in
      let outcome = try Shell.run(
        end(signal, "training.steps=100000 training.logging_steps=1"), in: world,
        environment: ["RUN": output])
      #expect(outcome.status == 75, "\(outcome.errors)")
      #expect(outcome.errors.contains("stopped, and saved; to go on, run: "))
      let saved = try FileManager.default.contentsOfDirectory(atPath: output + "/checkpoints")
      #expect(saved.count == 1)
    }
  }

  @Test("case hangup-loses-the-run: nohup is respected")
  func nohupGoesOn() throws {
    try inOutput { world, output in
      let outcome = try Shell.run(
        end("HUP", "training.steps=30 training.logging_steps=1", prefix: "nohup"), in: world,
        environment: ["RUN": output])
      #expect(outcome.status == 0, "\(outcome.errors)")
    }
  }

  @Test("case hangup-loses-the-run: a pipe that nobody reads does not end training")
  func aClosedPipe() throws {
    try inOutput { world, output in
      let train = "\"$TOOL\" pretrain model.yaml output=\"$RUN\""
      let errors = try Shell.run(
        "{ \(train); echo $? > \"$RUN.code\"; } 2>&1 > /dev/null | true; cat \"$RUN.code\"",
        in: world, environment: ["RUN": output])
      #expect(errors.output == "0\n")
      let result = try Shell.run(
        "{ \(train)2; echo $? > \"$RUN.code\"; } | true; cat \"$RUN.code\"",
        in: world, environment: ["RUN": output])
      // The result is lost, and that is told; the model is there.
      #expect(result.output == "74\n" || result.output == "0\n")
      for run in [output, output + "2"] {
        #expect(FileManager.default.fileExists(atPath: run + "/model/model.safetensors"))
      }
    }
  }
}
