@testable import Base
@testable import Capture
@testable import Losses
@testable import Measuring
import Testing
import Text
@testable import Training

@Suite struct RunConfigTests {
  private let distill = """
    model: {model_type: llama4_text, vocab_size: 64, rms_norm_eps: 1e-5, moe_layers: [1]}
    initialize: {from: teacher, layers: [0, 6, 29]}
    cache: caches/a
    training:
      steps: 60
      batch_size: 4
      learning_rate: 1e-3
      lr_scheduler_type: warmup_stable_decay
      warmup_steps: 6
      decay_steps: 12
    loss:
      soft: {schedule: warmup_stable_decay, value: 0.9}
      router_aux_loss_coef: 0.01
    evaluation:
      every: 20
      data: {paths: [texts/a, "texts/b: c"], split: held_out, held_out: 0.02}
    output: runs/a
    """
  private let pretrain = """
    model: {model_type: llama4_text, vocab_size: 64}
    tokenizer: tokenizer.json
    data: {paths: texts, sequence_length: 256, eos: true}
    training: {steps: 60, batch_size: 4, learning_rate: 1e-3}
    output: runs/b
    """

  private func read(
    _ text: String, _ kind: RunConfig.Kind, _ overrides: [String] = []
  ) throws -> RunConfig {
    let root = try ConfigNode.parse(text, file: "a.yaml").applying(overrides)
    return try RunConfig(root, kind: kind)
  }

  @Test func aDistillationIsReadWhole() throws {
    let config = try read(distill, .distill)
    #expect(config.model?.values["moe_layers"] == .array([.int(1)]))
    #expect(config.initialize == InitializationConfig(from: "teacher", layers: [0, 6, 29]))
    #expect(config.cache == "caches/a")
    #expect(config.training.learningRate.kind == .warmupStableDecay)
    #expect(config.training.learningRate.decaySteps == 12)
    #expect(config.training.adamBeta2 == 0.999)
    #expect(
      config.loss.soft
        == SoftWeight(.warmupStableDecay(maximum: 0.9, warmup: 0.1, decay: 0.01)))
    #expect(config.evaluation?.data.source == .paths(["texts/a", "texts/b: c"]))
    #expect(config.evaluation?.data.split == .heldOut)
  }

  @Test func theResolvedConfigReadsBackAsItself() throws {
    for (text, kind) in [(distill, RunConfig.Kind.distill), (pretrain, .pretrain)] {
      let config = try read(text, kind)
      #expect(config.yaml.contains("adam_epsilon: 1e-08"))
      #expect(try read(config.yaml, kind) == config)
    }
  }

  @Test func theWeightsThatAreKept() throws {
    let config = try read(distill, .distill)
    #expect(config.evaluation?.keep == .last && config.evaluation?.patience == nil)
    // Runs from before the keys were there go on.
    #expect(!config.yaml.contains("keep:") && !config.yaml.contains("patience:"))
    #expect(try read(distill, .distill, ["evaluation.keep=last"]).yaml == config.yaml)
    let best = try read(distill, .distill, ["evaluation.keep=best", "evaluation.patience=3"])
    #expect(best.evaluation?.keep == .best && best.evaluation?.patience == 3)
    #expect(try read(best.yaml, .distill) == best)
  }

  @Test(arguments: [
    (["evaluation.keep=best", "evaluation.every="], "evaluation.keep=best", "set every"),
    (["evaluation.patience=2"], "evaluation.patience=2", "set keep: best"),
    (
      ["evaluation.keep=last", "evaluation.patience=2"], "evaluation.patience=2", "set keep: best"
    ),
  ])
  func aChoiceNeedsEvaluationsAndAKeeper(overrides: [String], place: String, remedy: String) {
    #expect {
      try read(distill, .distill, overrides)
    } throws: { error in
      guard case .conflict(.override(place), let problem)? = error as? ConfigError else {
        return false
      }
      return problem.hasSuffix(remedy)
    }
  }

  @Test(arguments: ["keep=first", "keep=2", "patience=0", "patience=1.5", "patience=-1"])
  func keepersAreLastAndBestAndPatienceACount(override: String) {
    let keep = override.hasPrefix("patience") ? ["evaluation.keep=best"] : []
    #expect(throws: ConfigError.self) {
      try read(distill, .distill, keep + ["evaluation." + override])
    }
  }

  @Test func textsSurviveTheWayBack() throws {
    for name in ["no", "3", "a b", "a#b", "#a", "q\"\\\n\u{1}é", "~", "- a", "1e5", "*a", "&a"] {
      var config = try read(pretrain, .pretrain)
      config.output = name
      #expect(try read(config.yaml, .pretrain).output == name)
    }
  }

  @Test(arguments: [
    ("training.step=3", "step", "steps"), ("traning.steps=3", "traning", "training"),
    ("training.lr_schedular_type=cosine", "lr_schedular_type", "lr_scheduler_type"),
    ("model.vocabsize=3", "vocabsize", "vocab_size"), ("loss.soft.vlaue=1", "vlaue", "value"),
    ("evaluation.data.spilt=all", "spilt", "split"),
  ])
  func aMisspeltKeyNamesTheNearestOne(override: String, key: String, nearest: String) {
    #expect {
      try read(distill, .distill, [override])
    } throws: { error in
      guard case .unknownKey(.override(override), key, _, nearest)? = error as? ConfigError else {
        return false
      }
      return "\(error)".hasSuffix("did you mean '\(nearest)'?")
    }
  }

  @Test(arguments: ["mlp_only_layers", "decoder_sparse_step", "norm_topk_prob"])
  func aKeyOfAnotherFamilyIsUnknown(key: String) {
    #expect {
      try read(distill, .distill, ["model.\(key)=1"])
    } throws: { error in
      guard case .unknownKey(_, key, "model", _)? = error as? ConfigError else { return false }
      return true
    }
  }

  @Test func anUnknownKeyOfAFileHasLineAndColumn() {
    let text = pretrain + "\nzebra_crossing: 1\n"
    let error = ConfigError.unknownKey(
      .file("a.yaml", line: 6, column: 1), key: "zebra_crossing", section: "", nearest: nil)
    #expect(throws: error) { try read(text, .pretrain) }
    #expect("\(error)" == "a.yaml:6:1: unknown key 'zebra_crossing' in this config; remove it")
  }

  @Test func aMissingKeyNamesItsSectionsPlace() {
    let text = distill.replacing("  steps: 60\n", with: "")
    let error = ConfigError.missingKey(
      .file("a.yaml", line: 5, column: 3), key: "steps", section: "training")
    #expect(throws: error) { try read(text, .distill) }
  }

  @Test(arguments: [
    "training.steps=0", "training.batch_size=-1", "training.learning_rate=0",
    "training.learning_rate=fast", "training.steps=1.5", "training.adam_beta1=1",
    "training.min_lr_ratio=2", "training.seed=-1", "training.max_seconds=0",
    "training.warmup_steps=61", "training.decay_steps=55", "training.lr_scheduler_type=cosin",
    "training.lr_scheduler_type=cosine", "loss.soft.value=1.5", "loss.soft.start=1",
    "loss.soft.warmup=0.999", "loss.soft=null", "loss.router_z_loss_coef=-1", "output=",
    "initialize.layers=[]", "initialize.layers=[-1]", "initialize.from=", "cache=",
    "data.paths=[a]", "evaluation.data.held_out=1", "evaluation.data.held_out=0",
    "evaluation.data.cache=c", "evaluation.data.bos=yes", "evaluation.data=[1]", "training=3",
  ])
  func valuesOutsideTheirRangeAreRefused(override: String) {
    #expect(throws: ConfigError.self) { try read(distill, .distill, [override]) }
  }

  @Test(arguments: [
    "cache=c", "loss.soft.value=0.9", "tokenizer=", "data.sequence_length=", "data=", "model=",
    "initialize.from=teacher", "data.sequence_length=1", "data.tokens=0",
  ])
  func aPretrainingNeedsTextAndTakesNoTeacher(override: String) {
    #expect(throws: ConfigError.self) { try read(pretrain, .pretrain, [override]) }
  }

  @Test func hardLabelsMayReadTheSequencesOfACache() throws {
    let text = pretrain.replacing("paths: texts, sequence_length: 256, eos: true", with: "cache: c")
      .replacing("tokenizer: tokenizer.json\n", with: "")
    #expect(try read(text, .pretrain).data?.source == .cache("c"))
    #expect(
      try read(text, .pretrain, ["initialize.from=teacher"]).initialize?.isFromTeacher == true)
  }

  @Test func everyMessageIsOneLine() {
    let text = distill.replacing("runs/a", with: "\"two\\nlines\"")
    for override in ["training.steps=\"a\\nb\"", "evaluation.data.split=\"a\\nb\"", "x=1"] {
      #expect {
        try read(text, .distill, [override])
      } throws: { !"\($0)".contains("\n") }
    }
  }
}
