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

  @Test func valuesKeepTheirPlacesAndTakeTheirNewPaths() throws {
    let changes = try ConfigNode.parse("b.c: {d: [1.50, x]}\n", file: "b.yaml")
    let root = try ConfigNode.parse("a: 1\nb: ~\n", file: "a.yaml")
    let merged = try root.merging(changes).applying(["b.e=0x"])
    let b = try merged.entries()[1]
    #expect("\(b.place)" == "a.yaml:2:1" && b.value.path == "b")
    #expect(throws: ConfigError.self) { try b.value.string() }
    let inner = try b.value.entries()
    #expect(inner.map(\.key) == ["c", "e"])
    #expect(inner.map { "\($0.place)" } == ["b.yaml:1:1", "override 'b.e=0x'"])
    let d = try #require(try inner[0].value.entries().first)
    #expect("\(d.place)" == "b.yaml:1:7" && d.value.path == "b.c.d")
    let first = try #require(try d.value.elements().first)
    #expect("\(first.place)" == "b.yaml:1:11" && first.path == "b.c.d[0]")
    #expect(try first.string() == "1.50" && first.number() == 1.5)
  }
}
