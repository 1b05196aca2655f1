import Base

/// The special tokens that go before and after a text when they are asked for.
struct SpecialTokenTemplate: Sendable, Equatable {
  /// The ids before the text.
  var prefix: [Int32] = []
  /// The ids after it.
  var suffix: [Int32] = []
}

/// The `post_processor` of a tokenizer.json.
extension SpecialTokenTemplate {
  private static let supported = "null, ByteLevel, TemplateProcessing, Sequence"

  /// Reads a `post_processor`; templates of a sequence wrap one another.
  init(_ node: JSONNode?) throws {
    self.init()
    guard let node else { return }
    let type = try node.required("type").text()
    switch type {
    case "ByteLevel": return
    case "Sequence":
      for inner in try node.required("processors").elements() {
        let template = try Self(inner)
        prefix = template.prefix + prefix
        suffix += template.suffix
      }
    case "TemplateProcessing": self = try Self(template: node)
    default: throw node.unsupported("the post-processor", type, supported: Self.supported)
    }
  }

  private init(template node: JSONNode) throws {
    let single = try node.required("single").elements()
    let texts = single.filter { $0.child("Sequence") != nil }
    guard texts.count == 1 else {
      throw node.unsupported(
        "the template", "with \(texts.count) sequences", supported: "a template with one $A")
    }
    let text = single.firstIndex { $0.child("Sequence") != nil } ?? 0
    prefix = try single[..<text].flatMap { try Self.ids(of: $0, in: node) }
    suffix = try single[(text + 1)...].flatMap { try Self.ids(of: $0, in: node) }
  }

  private static func ids(of piece: JSONNode, in node: JSONNode) throws -> [Int32] {
    let name = try piece.required("SpecialToken").required("id").text()
    let ids = try node.required("special_tokens").required(name).required("ids")
    return try ids.elements().map { element in
      guard let id = Int32(exactly: try element.integer()), TokenizerDefinition.ids.contains(id)
      else { throw element.wrongKind("a token id") }
      return id
    }
  }

  /// The `post_processor`, given the text of each special token.
  func json(naming name: (Int32) -> String) -> JSONValue {
    let offsets: JSONValue = [
      "type": "ByteLevel", "add_prefix_space": true, "trim_offsets": false, "use_regex": true,
    ]
    if prefix.isEmpty && suffix.isEmpty { return offsets }
    let tokens = Set(prefix + suffix).sorted().map { id in
      JSONMember(
        name(id),
        [
          "id": .string(name(id)), "ids": [.int(Int(id))], "tokens": [.string(name(id))],
        ])
    }
    let template: JSONValue = [
      "type": "TemplateProcessing", "single": .array(pieces("A", type: 0, name)),
      "pair": .array(pieces("A", type: 0, name) + pieces("B", type: 1, name)),
      "special_tokens": .object(tokens),
    ]
    return ["type": "Sequence", "processors": [offsets, template]]
  }

  private func pieces(_ text: String, type: Int, _ name: (Int32) -> String) -> [JSONValue] {
    func special(_ id: Int32) -> JSONValue {
      ["SpecialToken": ["id": .string(name(id)), "type_id": .int(type)]]
    }
    let sequence: JSONValue = ["Sequence": ["id": .string(text), "type_id": .int(type)]]
    return prefix.map(special) + [sequence] + suffix.map(special)
  }
}
