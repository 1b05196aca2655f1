import Reports

/// A plain file made of a cache. (`cache export`)
struct ExportSummary: Encodable {
  /// The file.
  var output: String
  /// Its form.
  var format: String
  /// The sequences in it.
  var sequences: Int
  /// Its size.
  var bytes: Int

  /// The summary for people.
  var text: String { "\(output): \(sequences) sequences, \(Figures.bytes(bytes))" }
}
