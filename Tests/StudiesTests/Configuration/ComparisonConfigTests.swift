@testable import Base
import Foundation
@testable import Losses
@testable import Studies
import TestSupport
import Testing
@testable import Training

@Suite struct ComparisonConfigTests {
  private let text = """
    runs:
      - {name: soft, config: a.yaml, overrides: [training.steps=3]}
      - {name: hard, config: a.yaml}
    teacher: teacher.gguf
    data: {paths: [texts], split: held_out, held_out: 0.1}
    prompt: Once upon a time
    output: runs/compare
    """
  private let grid = """
    base: a.yaml
    grid:
      weights: {plain: {loss: {soft: null}}, wsd: {loss: {soft: {value: 1}}}, as-is: }
      rate:
        fast: {training: {learning_rate: 2}}
        slow: {training.learning_rate: 0.5}
    seeds: [4, 1]
    data: {paths: [texts]}
    output: runs/compare
    """
  private let base = """
    initialize: {from: x}
    cache: c
    training: {steps: 1, batch_size: 1, learning_rate: 1, seed: 9}
    loss: {soft: {schedule: linear, start: 1, end: 0}, router_z_loss_coef: 0.5}
    output: o
    """

  private func read(_ text: String) throws -> ComparisonConfig {
    try ComparisonConfig(try ConfigNode.parse(text, file: "c.yaml"))
  }

  /// The message of the error that a text is refused with.
  private func refusal(_ text: String) throws -> String {
    let error = try #require(throws: ConfigError.self) { try read(text) }
    return error.description
  }

  /// Reads a comparison whose base is a file.
  private func withBase(
    _ text: String, _ body: (ComparisonConfig) throws -> Void
  ) throws {
    try withTemporaryDirectory { folder in
      let file = folder.appending(path: "a.yaml")
      try Data(base.utf8).write(to: file)
      try body(try read(text.replacing("a.yaml", with: file.path())))
    }
  }

  @Test func aListOfRunsIsReadWhole() throws {
    let config = try read(text)
    #expect(config.runs.map(\.name) == ["soft", "hard"])
    #expect(config.arms[0].overrides == ["training.steps=3"])
    #expect(config.arms[1].overrides.isEmpty)
    #expect(config.prompts == ["Once upon a time"])
    #expect(config.sets.count == 1 && config.sets[0].name == nil && config.sets[0].tokens == nil)
    #expect(config.halving == nil && config.maxSeconds == nil && config.baseline == nil)
    #expect(config.budget == nil && config.students == 1)
    #expect(config.jobs == 1 && config.seeds.isEmpty)
    #expect(config.folder(of: config.runs[1]) == "runs/compare/hard")
  }

  @Test(arguments: ["comparison.json", "runs.csv", "report.html", "teacher.json", "ranking.svg"])
  func aRunIsNotNamedLikeAFileOfTheComparison(name: String) throws {
    let message = try refusal(text.replacing("name: hard", with: "name: \(name)"))
    #expect(message.contains("'\(name)' is a file of the comparison itself; rename the run"))
  }

  @Test func aGridIsTheProductOfItsAxes() throws {
    let config = try read(grid)
    #expect(
      config.arms.map(\.name) == [
        "plain+fast", "plain+slow", "wsd+fast", "wsd+slow", "as-is+fast", "as-is+slow",
      ])
    #expect(config.runs.count == 12)
    #expect(config.runs[0].name == "plain+fast/seed-4" && config.runs[6].seed == 1)
    #expect(config.folder(of: config.runs[7]) == "runs/compare/plain+slow/seed-1")
  }

  @Test func changesReplaceWhatStandsAtAKeyOfASection() throws {
    try withBase(grid) { config in
      let wsd = try config.arms[3].runConfig()
      #expect(wsd.loss.soft == SoftWeight(.constant(1)), "nothing of the linear schedule is left")
      #expect(wsd.loss.routerZLossCoef == 0.5 && wsd.training.learningRate.peak == 0.5)
      #expect(wsd.training.steps == 1 && wsd.cache == "c")
      let run = try config.runs[4].runConfig(output: "p")
      #expect(
        run.loss.soft == SoftWeight(.linear(start: 1, end: 0))
          && run.training.learningRate.peak == 2)
      #expect(run.training.seed == 4 && run.output == "p")
    }
  }

  @Test func nullTakesAwayAndOverridesHoldForAll() throws {
    let text = """
      base: a.yaml
      overrides: [training.steps=7, training.batch_size=2]
      arms:
        - {name: plain, changes: {cache: null, data: {cache: c}, loss: {soft: null}}}
        - {name: short, changes: {training: {steps: 5}}, overrides: [training.batch_size=3]}
      data: {paths: [texts]}
      output: o
      """
    try withBase(text) { config in
      let (plain, short) = (try config.arms[0].runConfig(), try config.arms[1].runConfig())
      #expect(plain.cache == nil && plain.loss.soft == nil && plain.training.steps == 7)
      #expect(short.training.steps == 5 && short.training.batchSize == 3)
    }
  }

  @Test func aMistakeInAChangeIsNamedAtItsPlace() throws {
    let text = grid.replacing("{value: 1}", with: "{valeu: 1}")
    try withBase(text) { config in
      let error = try #require(throws: ConfigError.self) { try config.arms[2].runConfig() }
      #expect(
        error.description
          == "c.yaml:3:62: unknown key 'valeu' in section 'loss.soft'; did you mean 'value'?")
    }
  }

  @Test func aChangeThroughAValueIsRefused() throws {
    try withBase(grid.replacing("training.learning_rate: 0.5", with: "cache.x: 1")) { config in
      let error = try #require(throws: ConfigError.self) { try config.arms[1].runConfig() }
      #expect(error.description.hasPrefix("c.yaml:6:12: 'cache.x' leads through 'cache'"))
    }
  }

  @Test func setsAreReadWithTheOneThatRanksFirst() throws {
    let sets = """
      sets:
        seen: {data: {paths: [a]}}
        unseen: {data: {paths: [b]}, tokens: 7}
      tokens: 5
      """
    let config = try read(grid.replacing("data: {paths: [texts]}", with: sets))
    #expect(config.sets.map(\.name) == ["seen", "unseen"] && config.sets.map(\.tokens) == [5, 7])
    let other = try read(
      grid.replacing("data: {paths: [texts]}", with: sets + "\nrank_by: unseen"))
    #expect(other.sets.map(\.name) == ["unseen", "seen"] && other.sets.map(\.tokens) == [7, 5])
    #expect(other.sets[0].fileName("measured") == "measured.unseen.json")
  }

  @Test func aBaselineIsAnArm() throws {
    let config = try read(grid.replacing("seeds:", with: "baseline: plain+fast\nseeds:"))
    #expect(config.baseline == "plain+fast")
    let alone = try refusal(
      "base: a\narms: [{name: one}]\nbaseline: one\ndata: {paths: [b]}\noutput: o")
    #expect(alone.contains("there are none"), "\(alone)")
  }

  @Test(arguments: [
    ("slow: {training.learning_rate: 0.5}", "slow: {loss: {soft: {value: 1}}}", "both change"),
    ("slow: {training.learning_rate: 0.5}", "a/b: {}", "folder's name"),
    ("slow: {training.learning_rate: 0.5}", "a+b: {}", "no plus"),
    ("base: a.yaml", "", "needs the key 'base'"),
    ("seeds: [4, 1]", "seeds: [4, 4]", "not there yet"),
    ("seeds: [4, 1]", "seeds: []", "at least one seed"),
    ("seeds: [4, 1]", "seed: [4, 1]", "did you mean 'seeds'?"),
    ("{learning_rate: 2}", "{seed: 2}", "sets training.seed"),
    ("output: runs", "overrides: ['training={seed: 2}']\noutput: runs", "sets training.seed"),
    ("output: runs", "arms: []\noutput: runs", "one of runs, grid and arms"),
    ("output: runs", "jobs: 0\noutput: runs", "from 1 to"),
    ("output: runs", "max_seconds: 0\noutput: runs", "above 0"),
    ("output: runs", "halving: {at: [0.5, 0.2]}\noutput: runs", "above the share before it"),
    ("output: runs", "halving: {at: [1]}\noutput: runs", "between 0 and 1"),
    ("output: runs", "halving: {at: [0.5], keep: 1}\noutput: runs", "below 1"),
    ("output: runs", "prompt: a\nprompts: [b]\noutput: runs", "not both"),
    ("output: runs", "sets: {a: {data: {paths: [b]}}}\noutput: runs", "data or sets, not both"),
    ("output: runs", "rank_by: a\noutput: runs", "there are none"),
    ("data: {paths: [texts]}", "sets: {}", "a text each"),
    ("data: {paths: [texts]}", "sets: {a/b: {data: {paths: [c]}}}", "part of a file's name"),
    ("data: {paths: [texts]}", "sets: {a: {tokens: 3}}", "needs the key 'data'"),
    ("data: {paths: [texts]}", "sets: {a: {data: {paths: [c]}}}\nrank_by: b", "the sets are a"),
    ("output: runs", "baseline: plain\noutput: runs", "no arm 'plain'"),
    ("output: runs", "equal: {steps: 3, tokens: 4}\noutput: runs", "not several"),
    ("output: runs", "equal: {}\noutput: runs", "steps, tokens or seconds"),
    ("output: runs", "equal: {seconds: 0}\noutput: runs", "above 0"),
    (
      "output: runs", "overrides: [training.steps=2]\nequal: {steps: 9}\noutput: runs",
      "sets training.steps"
    ),
    (
      "output: runs", "overrides: [training.epochs=2]\nequal: {tokens: 9}\noutput: runs",
      "sets training.epochs"
    ),
    ("output: runs", "students: 0\noutput: runs", "students"),
  ])
  func brokenGridsAreRefused(old: String, new: String, words: String) throws {
    let message = try refusal(grid.replacing(old, with: new))
    #expect(message.contains(words) && message.hasPrefix("c.yaml:"), "\(message)")
  }

  @Test func aLaterAxisMayChangeASingleValueOfAnEarlierOne() throws {
    let text = grid.replacing(
      "slow: {training.learning_rate: 0.5}", with: "x: {loss.soft.value: 0.5}")
    try withBase(text) { config in
      let run = try config.arms[3].runConfig()
      #expect(run.loss.soft == SoftWeight(.constant(0.5)))
    }
  }

  @Test(arguments: [
    ("hard", "soft"), ("hard", "a/b"), ("hard", ".."), ("name: hard, ", ""), ("config:", "confg:"),
    ("output: runs/compare", ""), ("teacher:", "base: x\nteacher:"),
    ("teacher:", "halving: {keep: 0.5}\nteacher:"),
  ])
  func brokenComparisonsAreRefused(old: String, new: String) {
    #expect(throws: ConfigError.self) { try read(text.replacing(old, with: new)) }
  }

  @Test func aRunsConfigTakesItsOverrides() throws {
    try withBase(text) { config in
      let run = try config.runs[0].runConfig(output: "p")
      #expect(run.training.steps == 3 && run.training.seed == 9)
      #expect(run.output == "p" && run.cache == "c")
    }
  }
}
