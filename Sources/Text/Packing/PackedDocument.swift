/// A tokenised document on its way into sequences.
struct PackedDocument {
  /// The token ids, BOS and EOS included.
  var tokens: [Int32]
  /// The index of the first token whose prediction counts in the loss.
  let firstCounted: Int
  /// The document's group, where the data has groups.
  let group: String?
  /// The document's origin.
  let source: String
}
