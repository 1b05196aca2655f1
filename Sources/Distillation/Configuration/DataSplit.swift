/// Which documents of a corpus are read: the training part, the held-out part, or both.
public enum DataSplit: String, Sendable, CaseIterable {
  /// The documents that are not held out.
  case train
  /// The documents that are held out.
  case heldOut = "held_out"
  /// Every document.
  case all
}
