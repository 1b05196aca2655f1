import Base
import Foundation
import Models
import Shards

extension CacheExporter {
  /// Writes the sequences as flat tensors in one safetensors file.
  ///
  /// For S sequences with T tokens, F fragments and R records: `identities` (S), `tokens` (T) with
  /// `token_offsets` (S + 1), `fragments` (F) with `fragment_offsets` (S + 1), `record_offsets`
  /// (S + 1), and a record each `loss_mask`, `argmax`, `entropy`, `next_log_probability` (R).
  /// Sparse targets are `draws.N.ids` and `draws.N.values` with `draws.N.offsets` (R + 1), dense
  /// ones `log_probabilities` (R × V). All are read twice, because the header comes first.
  func writeTensors(to path: String, _ progress: (_ sequences: Int) -> Void) throws {
    var sizes = ExportSizes(reader.manifest.capture)
    try forEachBatch { _ in
    } _: { sequence, _ in
      ExportSizes(sequence)
    } body: {
      sizes += $0
    }
    let file = try TensorFile(sizes.tensors, metadata: try metadata(), path: path)
    var tensors = CacheTensors(file)
    try tensors.begin(sizes)
    try forEachBatch(progress) { sequence, _ in
      sequence
    } body: {
      try tensors.append($0)
    }
    try file.commit()
  }

  /// The facts that a reader of the numbers needs: the whole capture, as the manifest has it.
  private func metadata() throws -> [String: String] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    let capture = try encoder.encode(reader.manifest.capture)
    return [
      "format": "pt", "first_sequence": "\(sequences.lowerBound)",
      "capture": String(decoding: capture, as: UTF8.self),
    ]
  }
}

/// The counts of everything that some sequences hold.
private struct ExportSizes {
  var sequences = 0
  var tokens = 0
  var fragments = 0
  var records = 0
  /// The entries of each draw of sparse targets.
  var entries: [Int]
  /// V of dense targets.
  let denseVocabulary: Int?

  /// Nothing yet of a capture.
  init(_ capture: CaptureConfig) {
    denseVocabulary = capture.codec.isSparse ? nil : capture.vocabularySize
    entries = Array(repeating: 0, count: capture.codec.isSparse ? capture.draws : 0)
  }

  init(_ sequence: CachedSequence) {
    sequences = 1
    tokens = sequence.tokens.count
    fragments = sequence.fragments.count
    records = sequence.text.recordCount
    entries = sequence.draws.compactMap {
      if case .sparse(let targets) = $0 { targets.ids.count } else { nil }
    }
    denseVocabulary = nil
  }

  static func += (left: inout ExportSizes, right: ExportSizes) {
    left.sequences += right.sequences
    left.tokens += right.tokens
    left.fragments += right.fragments
    left.records += right.records
    for (draw, count) in right.entries.enumerated() { left.entries[draw] += count }
  }

  var tensors: [SafetensorsLayout.Tensor] {
    var tensors: [SafetensorsLayout.Tensor] = [
      .init("identities", .uint64, [sequences]),
      .init("token_offsets", .int64, [sequences + 1]), .init("tokens", .int32, [tokens]),
      .init("fragment_offsets", .int64, [sequences + 1]), .init("fragments", .int32, [fragments]),
      .init("record_offsets", .int64, [sequences + 1]), .init("loss_mask", .bool, [records]),
      .init("argmax", .int32, [records]), .init("entropy", .float32, [records]),
      .init("next_log_probability", .float32, [records]),
    ]
    for (draw, count) in entries.enumerated() {
      tensors += [
        .init("draws.\(draw).offsets", .int64, [records + 1]),
        .init("draws.\(draw).ids", .int32, [count]),
        .init("draws.\(draw).values", .float32, [count]),
      ]
    }
    return tensors
      + (denseVocabulary.map { [.init("log_probabilities", .float16, [records, $0])] } ?? [])
  }
}

/// The tensors of an export in the making.
private struct CacheTensors {
  private let file: TensorFile
  private var tokens = 0
  private var fragments = 0
  private var records = 0
  private var entries: [Int] = []

  init(_ file: TensorFile) { self.file = file }

  /// Writes the zero that every list of offsets begins with.
  mutating func begin(_ sizes: ExportSizes) throws {
    entries = sizes.entries.map { _ in 0 }
    let lists =
      ["token_offsets", "fragment_offsets", "record_offsets"]
      + entries.indices.map { "draws.\($0).offsets" }
    for name in lists { try file.append([0], to: name) }
  }

  mutating func append(_ sequence: CachedSequence) throws {
    try file.append([sequence.identity], to: "identities")
    try file.append(sequence.tokens, to: "tokens")
    try file.append(sequence.fragments.map { Int32($0) }, to: "fragments")
    tokens += sequence.tokens.count
    fragments += sequence.fragments.count
    records += sequence.text.recordCount
    try file.append([tokens], to: "token_offsets")
    try file.append([fragments], to: "fragment_offsets")
    try file.append([records], to: "record_offsets")
    let all = [Bool](repeating: true, count: sequence.text.recordCount)
    try file.append((sequence.lossMask ?? all).map { $0 ? 1 : 0 } as [UInt8], to: "loss_mask")
    let scalars = sequence.targets.scalars
    try file.append(scalars.argmax, to: "argmax")
    try file.append(scalars.entropy, to: "entropy")
    try file.append(scalars.nextLogProbability, to: "next_log_probability")
    for (draw, targets) in sequence.draws.enumerated() { try append(targets, draw) }
  }

  private mutating func append(_ targets: Targets, _ draw: Int) throws {
    switch targets {
    case .sparse(let rows):
      let first = entries[draw]
      entries[draw] += rows.ids.count
      try file.append(
        rows.offsets.dropFirst().map { first + Int($0) }, to: "draws.\(draw).offsets")
      try file.append(rows.ids, to: "draws.\(draw).ids")
      try file.append(rows.values, to: "draws.\(draw).values")
    case .dense(let rows): try file.append(rows.logProbabilities, to: "log_probabilities")
    }
  }
}

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
