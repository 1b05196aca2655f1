/// One text of a data set: what is tokenised as a whole and never sees its neighbours.
package struct Document: Sendable, Equatable {
  /// The text before, which does not count in the loss; nil when all counts.
  package var prompt: String?
  /// The text, or the completion of the prompt.
  package var text: String
  /// The document's origin: a file, or `file:line`.
  package var source: String
  /// The group it is counted under besides the whole, such as its language; nil where no key was
  /// given, and for a file of plain text, which has no keys.
  package var group: String?

  /// A document from its parts.
  package init(prompt: String? = nil, text: String, source: String, group: String? = nil) {
    self.prompt = prompt
    self.text = text
    self.source = source
    self.group = group
  }
}

extension Document {
  /// The group of documents that do not say which is theirs.
  package static let otherGroup = "other"
}
