@testable import Base
import Testing

@Suite struct OverrideTests {
  private let root = "training: {steps: 3, seed: 1}\noutput: runs/a\n"

  private func value(_ overrides: String...) throws -> JSONValue {
    try ConfigNode.parse(root, file: "a.yaml").applying(overrides).value
  }

  @Test func overridesReplaceAndAdd() throws {
    let changed = try value("training.steps=5", "initialize.layers=[0, 2]", "output=runs/b=c")
    #expect(
      changed
        == .object([
          "training": .object(["steps": .int(5), "seed": .int(1)]),
          "initialize": .object(["layers": .array([.int(0), .int(2)])]),
          "output": .string("runs/b=c"),
        ]))
  }

  @Test func anEmptyValueIsNull() throws {
    #expect(
      try value("training=", "output=null")
        == .object([
          "training": .null, "output": .null,
        ]))
  }

  @Test(arguments: ["training.steps", "=3", "training..steps=3", ".steps=3", "output.name=3"])
  func aMalformedOverrideIsAnError(text: String) {
    #expect {
      try value(text)
    } throws: { error in
      guard case .invalidOverride(text, _)? = error as? ConfigError else { return false }
      return true
    }
  }

  @Test func anEndlessKeyIsAnError() {
    let key = Array(repeating: "a", count: 50_000).joined(separator: ".")
    #expect(throws: ConfigError.self) { try value(key + "=1") }
  }

  @Test func aValueThatIsNoYAMLNamesTheOverride() {
    #expect {
      try value("training.steps=[1")
    } throws: { "\($0)".hasPrefix("override 'training.steps=[1': not valid YAML") }
  }
}
