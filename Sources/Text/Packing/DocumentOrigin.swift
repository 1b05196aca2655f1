/// The document of a data set that a sequence is from.
public struct DocumentOrigin: Sendable, Equatable {
  /// The document's number among those in the data, from 0.
  package var index: Int
  /// The document's group, where the data has groups.
  package var group: String?
  /// The file, or `file:line`, that it is from.
  package var source: String

  /// A document's number, group and source.
  package init(index: Int, group: String? = nil, source: String = "") {
    self.index = index
    self.group = group
    self.source = source
  }
}
