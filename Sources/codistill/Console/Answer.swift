import Base

/// A command's answer with --json: fields, beside those of a report if there is one.
struct Answer: Encodable {
  /// The fields of an object; one that is nil is left out.
  typealias Fields = KeyValuePairs<String, (any Encodable)?>

  private let report: (any Encodable)?
  private let fields: Fields

  /// An answer of fields alone.
  init(_ fields: Fields) {
    report = nil
    self.fields = fields
  }

  /// A report with fields beside its own.
  init(_ report: some Encodable, _ fields: Fields) {
    self.report = report
    self.fields = fields
  }

  func encode(to encoder: any Encoder) throws {
    try report?.encode(to: encoder)
    try encoder.encode(fields)
  }
}
