package import Base

/// Why hidden states cannot be compared as a config asks.
package enum FeatureError: Error, Equatable, CustomStringConvertible {
  /// A model has fewer layers than the one that is asked for.
  case layer(place: String, model: String, layer: Int, count: Int)
  /// The widths differ, and there is to be no projection.
  case widths(place: String, student: Int, teacher: Int)

  /// One line: where, what was found and expected, and the remedy.
  package var description: String {
    switch self {
    case .layer(let place, let model, let layer, let count):
      "\(place): \(model)_layer is \(layer), but the \(model) has \(count) layers; "
        + "give 0 (the embeddings) to \(count), or final"
    case .widths(let place, let student, let teacher):
      "\(place): projection: none needs equal widths, but the student's hidden states have "
        + "\(student) features and the teacher's \(teacher); use projection: learned"
    }
  }
}

extension FeatureError: ExitStatusError {
  package var exitStatus: ExitStatus { .badConfig }
}
