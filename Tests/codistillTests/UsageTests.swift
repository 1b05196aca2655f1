import Foundation
import Testing

@Suite struct UsageTests {
  @Test(arguments: [
    [], ["cache"], ["cache", "build"], ["cache", "inspect"], ["cache", "verify"], ["pretrain"],
    ["distill"], ["compare"], ["evaluate"], ["draft"], ["generate"], ["logits"], ["tokenizer"],
    ["tokenizer", "train"], ["tokenizer", "encode"], ["tokenizer", "decode"], ["doctor"], ["plan"],
  ])
  func everyCommandHasHelpWithAnExample(command: [String]) throws {
    let help = try Tool.run(command + ["--help"])
    #expect(help.status == 0 && help.errors == "")
    #expect(help.output.contains(command.isEmpty ? "A first session:" : "Example:"))
    #expect(help.output.contains("codistill " + command.joined(separator: " ")))
  }

  @Test func theVersionIsALine() throws {
    let version = try Tool.run(["--version"])
    #expect(version.status == 0)
    #expect(version.output.wholeMatch(of: /\d+\.\d+\.\d+\n/) != nil)
  }

  @Test(arguments: [
    ["nonsense"], ["--nonsense"], ["distill"], ["distill", "a.yaml", "--nonsense"],
    ["distill", "a.yaml", "--seed", "-1"], ["distill", "a.yaml", "--threads", "0"],
    ["cache", "build", "--teacher", "t", "--output", "o"],
    ["cache", "build", "--teacher", "t", "--output", "o", "--data", "d", "--tau", "0"],
    ["cache", "build", "--teacher", "t", "--output", "o", "--data", "d", "--tau", "nan"],
    ["cache", "build", "--teacher", "t", "--output", "o", "--data", "d", "--codec", "zip"],
    ["cache", "build", "--teacher", "t", "--output", "o", "--data", "d", "--split", "held_out"],
    ["cache", "build", "--teacher", "t", "--output", "o", "--data", "d", "--held-out", "1"],
    ["cache", "build", "--teacher", "t", "--output", "o", "--data", "d", "--temperature", "0"],
    [
      "cache", "build", "--teacher", "t", "--output", "o", "--data", "d", "--tau", "0.1",
      "--entries-per-token", "9",
    ],
    ["cache", "build", "--teacher", "t", "--output", "o", "--data", "d", "--bytes-per-token", "0"],
    [
      "cache", "build", "--teacher", "t", "--output", "o", "--data", "d", "--codec", "dense",
      "--tau", "0.1",
    ],
    ["plan"], ["plan", "--teacher", "t"], ["plan", "--data", "d"], ["plan", "c.json", "a.b=1"],
    ["plan", "c.yaml", "--context-length", "0"], ["plan", "c.yaml", "--student-rate", "0"],
    ["cache", "inspect", "c", "--position", "-1"], ["evaluate", "--model", "m"],
    ["evaluate", "--model", "m", "--data", "d", "--cache", "c"],
    ["evaluate", "--model", "m", "--data", "d", "--window", "1"],
    ["draft", "--model", "m", "--data", "d"], ["draft", "--model", "m", "--teacher", "t"],
    ["draft", "--model", "m", "--teacher", "t", "--data", "d", "--temperature", "-1"],
    ["draft", "--model", "m", "--teacher", "t", "--data", "d", "--max-tokens", "8"],
    ["draft", "--model", "m", "--teacher", "t", "--data", "d", "--tokens", "63"],
    ["draft", "--model", "m", "--teacher", "t", "--data", "d", "--max-draft-length", "0"],
    ["generate", "--model", "m", "--prompt", "p", "--top-p", "0"],
    ["generate", "--model", "m", "--prompt", "p", "--max-tokens", "0"],
    ["logits", "--model", "m", "--output", "o", "--tokens", "1,x"],
    ["logits", "--model", "m", "--output", "o", "--tokens", "1,,2"],
    ["logits", "--model", "m", "--output", "o", "--tokens", "-1"],
    ["logits", "--model", "m", "--output", "o", "--tokens", "99999999999"],
    ["tokenizer", "train", "--data", "d", "--output", "o", "--vocab-size", "257"],
  ])
  func aWrongCommandLineIsExitCode64(arguments: [String]) throws {
    try Tool.expectFailure(arguments, status: 64, mentions: "--help")
  }

  @Test(arguments: [
    ["distill", "no.yaml"], ["pretrain", "no.yaml"], ["compare", "no.yaml"],
    ["cache", "inspect", "no"], ["cache", "verify", "no"], ["plan", "no.yaml"],
    ["plan", "--teacher", "no", "--data", "."], ["plan", "--teacher", ".", "--data", "no"],
    ["cache", "build", "--teacher", "no", "--data", ".", "--output", "o"],
    ["evaluate", "--model", "no", "--data", "."], ["evaluate", "--model", ".", "--data", "no"],
    ["draft", "--model", "no", "--teacher", ".", "--data", "."],
    ["draft", "--model", ".", "--teacher", "no", "--data", "."],
    ["evaluate", "--model", ".", "--cache", "no"], ["generate", "--model", "no", "--prompt", "p"],
    ["logits", "--model", "no", "--tokens", "1", "--output", "o"],
    ["tokenizer", "encode", "--tokenizer", "no", "text"],
    ["tokenizer", "train", "--data", "no", "--output", "o", "--vocab-size", "300"],
  ])
  func aMissingInputIsExitCode66AndLeavesNothing(arguments: [String]) throws {
    try inFolder { folder in
      try Tool.expectFailure(arguments, status: 66, mentions: "no", in: folder)
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path()).isEmpty)
    }
  }
}
