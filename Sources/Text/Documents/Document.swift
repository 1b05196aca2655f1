/// One text of a data set: what is tokenised as a whole and never sees its neighbours.
package struct Document: Sendable, Equatable {
  /// What comes before the text and does not count in the loss; nil when all counts.
  package var prompt: String?
  /// The text, or the completion of the prompt.
  package var text: String
  /// Where the document is from: a file, or `file:line`.
  package var source: String
  /// What it is counted under besides the whole, its language say; nil where nobody asked, and for
  /// a file of plain text, which has no keys.
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
