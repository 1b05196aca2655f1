/// The merges of a tokenizer in the making, whose parts are looked up in its vocabulary.
struct MergeList {
  /// The merges so far.
  private(set) var merges: [TokenizerDefinition.Merge] = []
  private let table: TokenTable
  private let source: String

  /// No merges; `table` has the vocabulary's ids by content, and errors name `source`.
  init(in table: TokenTable, source: String, capacity: Int) {
    self.table = table
    self.source = source
    merges.reserveCapacity(capacity)
  }

  /// Adds a merge that is written as "left right".
  ///
  /// - Throws: `TokenizerError.merge` where it is not two tokens of the vocabulary.
  mutating func append(_ text: String) throws {
    let (bytes, space) = (Array(text.utf8), UInt8(ascii: " "))
    guard let cut = bytes.firstIndex(of: space), !bytes[(cut + 1)...].contains(space) else {
      throw notTwo
    }
    try append(bytes.span.extracting(0..<cut), bytes.span.extracting((cut + 1)..<bytes.count))
  }

  /// Adds a merge that is written as its parts.
  ///
  /// - Throws: `TokenizerError.merge` where it is not two tokens of the vocabulary.
  mutating func append(_ parts: [String]) throws {
    guard parts.count == 2 else { throw notTwo }
    let (left, right) = (Array(parts[0].utf8), Array(parts[1].utf8))
    try append(left.span, right.span)
  }

  private mutating func append(_ left: Span<UInt8>, _ right: Span<UInt8>) throws {
    guard let leftID = table.id(of: left), let rightID = table.id(of: right) else {
      throw fault("\(Self.quoted(left)) or \(Self.quoted(right)) is not in the vocabulary")
    }
    merges.append(TokenizerDefinition.Merge(left: leftID, right: rightID))
  }

  private static func quoted(_ part: Span<UInt8>) -> String {
    part.withUnsafeBufferPointer { "'\(String(decoding: $0, as: UTF8.self))'" }
  }

  private var notTwo: TokenizerError { fault("is not two tokens") }

  private func fault(_ reason: String) -> TokenizerError {
    .merge(source: source, index: merges.count, reason: reason)
  }
}
