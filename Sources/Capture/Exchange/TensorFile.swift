import Base
import Foundation
import Models

/// A safetensors file whose tensors are filled side by side, each from its start to its end.
///
/// The header states every size, so these must be known; no tensor is ever held in memory.
final class TensorFile {
  // Nil once it has its name.
  private var file: AtomicFile?
  /// The place where the next bytes of each tensor go, and its end.
  private var places: [String: (next: Int, end: Int)] = [:]

  /// Begins a file, which appears under its name when it is committed.
  init(_ tensors: [SafetensorsLayout.Tensor], metadata: [String: String], path: String) throws {
    // As Hugging Face's writer does: wide elements first, so that all are aligned.
    let sorted = tensors.sorted { ($1.type.bits, $0.name) < ($0.type.bits, $1.name) }
    let layout = SafetensorsLayout(sorted, metadata: metadata) {
      $0.compare($1, options: .numeric) == .orderedAscending
    }
    for (tensor, range) in zip(sorted, layout.ranges) {
      places[tensor.name] = (range.lowerBound, range.upperBound)
    }
    file = try AtomicFile(path: path)
    try file?.write(layout.head)
  }

  /// Adds the next elements of a tensor, of its type's size each.
  func append<Element: BitwiseCopyable>(_ elements: [Element], to name: String) throws {
    guard let place = places[name] else { preconditionFailure("no tensor \(name)") }
    try elements.withUnsafeBytes { bytes in
      precondition(place.next + bytes.count <= place.end, "more of \(name) than was stated")
      try file?.write(bytes, at: place.next)
      places[name]?.next += bytes.count
    }
  }

  /// Gives the file its name.
  ///
  /// - Precondition: Every tensor has all of its elements.
  func commit() throws {
    precondition(places.values.allSatisfy { $0.next == $0.end }, "a tensor is not whole")
    if let file = file.take() { try file.commit() }
  }
}
