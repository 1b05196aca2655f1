import Base

/// A token that is found in the text before any splitting (the special tokens and the like).
struct AddedToken: Sendable, Equatable {
  /// The token's id.
  var id: Int32
  /// The text that it stands for, literally.
  var content: String
  /// Whether it counts only where no word character touches it.
  var isSingleWord = false
  /// Whether it swallows the blanks before it.
  var stripsLeft = false
  /// Whether it swallows the blanks after it.
  var stripsRight = false
  /// Whether it is looked for after normalisation rather than in the raw text.
  var isNormalized = false
  /// Whether decoding may leave it out.
  var isSpecial = true
}

extension AddedToken {
  /// The token of one element of `added_tokens`.
  init(_ node: JSONNode) throws {
    let id = try node.required("id").integer()
    guard let id = Int32(exactly: id), TokenizerDefinition.ids.contains(id) else {
      throw TokenizerError.vocabulary(
        source: node.source, reason: "an added token has the id \(id), out of range")
    }
    self.id = id
    content = try node.required("content").text()
    isSingleWord = try node.flag("single_word", absent: false)
    stripsLeft = try node.flag("lstrip", absent: false)
    stripsRight = try node.flag("rstrip", absent: false)
    isSpecial = try node.flag("special", absent: false)
    isNormalized = try node.flag("normalized", absent: !isSpecial)
  }

  /// The element of `added_tokens` for this token.
  var json: JSONValue {
    [
      "id": .int(Int(id)), "content": .string(content), "single_word": .bool(isSingleWord),
      "lstrip": .bool(stripsLeft), "rstrip": .bool(stripsRight),
      "normalized": .bool(isNormalized), "special": .bool(isSpecial),
    ]
  }
}
