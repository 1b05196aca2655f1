/// Why a text is not the JSON that RFC 8259 allows.
struct JSONError: Error, Equatable, CustomStringConvertible {
  /// The byte offset at which reading stopped.
  var offset: Int
  /// What was wrong there.
  var reason: String

  /// One phrase for an error message.
  var description: String { "\(reason) at byte \(offset)" }
}
