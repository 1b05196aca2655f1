/// Which document of a data set a sequence is from.
public struct DocumentOrigin: Sendable, Equatable {
  /// The document's number among those in the data, from 0.
  public var index: Int
  /// The document's group, where the data has groups.
  public var group: String?

  /// A document's number and group.
  public init(index: Int, group: String? = nil) {
    self.index = index
    self.group = group
  }
}
