@testable import Capture
import Foundation
import Shards
import TestRuns
import TestSupport
import Testing

@Suite struct CacheExporterTests {
  static let codecs: [CacheCodec] = [
    .sparse, .topk(entries: 7, temperature: 2), .sample(samples: 20, temperature: 1), .whole,
  ]

  /// A cache of eleven sequences, some with masks, exported in one form.
  private func export(
    _ codec: CacheCodec, _ format: CacheExporter.Format, sequences: Range<Int>? = nil,
    _ body: (CacheReader, Data) throws -> Void
  ) throws {
    try withTemporaryDirectory { folder in
      let cache = try TinyCache(codec: codec).build(
        Tiny.sequences(11), in: folder.appending(path: "cache"))
      let file = folder.appending(path: "file")
      try withThreadCount(2) {
        var done = 0
        try CacheExporter(cache, sequences: sequences).write(to: file.path, format: format) {
          done = $0
        }
        #expect(done == sequences?.count ?? 11)
      }
      try body(cache, try Data(contentsOf: file))
    }
  }

  @Test(arguments: codecs, [nil, 3..<6])
  func linesHoldWhatTheCacheHolds(codec: CacheCodec, sequences: Range<Int>?) throws {
    try export(codec, .jsonl, sequences: sequences) { cache, data in
      let lines = data.split(separator: UInt8(ascii: "\n"))
      let numbers = sequences ?? 0..<11
      #expect(lines.count == numbers.count && data.last == UInt8(ascii: "\n"))
      for (line, number) in zip(lines, numbers) {
        let found = try JSONDecoder().decode(ExportedSequence.self, from: line)
        try found.expectSame(as: try cache.sequence(at: number), number: number)
      }
    }
  }

  @Test(arguments: codecs, [nil, 3..<6])
  func tensorsHoldWhatTheCacheHolds(codec: CacheCodec, sequences: Range<Int>?) throws {
    try export(codec, .safetensors, sequences: sequences) { cache, data in
      let tensors = try ExportedTensors(data)
      #expect(tensors.metadata["first_sequence"] == "\(sequences?.lowerBound ?? 0)")
      #expect(tensors.metadata["capture"]?.contains(codec.name) == true)
      let all = try (sequences ?? 0..<11).map { try cache.sequence(at: $0) }
      #expect(tensors["identities", UInt64.self] == all.map(\.identity))
      #expect(tensors["tokens", Int32.self] == all.flatMap(\.tokens))
      #expect(tensors["token_offsets", Int64.self] == offsets(all.map(\.tokens.count)))
      #expect(tensors["fragments", Int32.self] == all.flatMap(\.fragments).map { Int32($0) })
      #expect(tensors["fragment_offsets", Int64.self] == offsets(all.map(\.fragments.count)))
      #expect(tensors["record_offsets", Int64.self] == offsets(all.map(\.text.recordCount)))
      let mask = all.flatMap { sequence in
        sequence.lossMask ?? Array(repeating: true, count: sequence.text.recordCount)
      }
      #expect(tensors["loss_mask", UInt8.self] == mask.map { $0 ? 1 : 0 } && mask.contains(false))
      try expectTargets(tensors, all)
    }
  }

  private func expectTargets(_ tensors: ExportedTensors, _ all: [CachedSequence]) throws {
    var (argmax, entropy, next) = ([Int32](), [Float](), [Float]())
    var (ids, values, counts, dense) = ([Int32](), [Float](), [Int](), [Float16]())
    for sequence in all {
      switch sequence.targets {
      case .sparse(let rows):
        (argmax, entropy) = (argmax + rows.argmax, entropy + rows.entropy)
        (next, ids) = (next + rows.nextLogProbability, ids + rows.ids)
        values += rows.values
        counts += (0..<rows.count).map { rows.entries(of: $0).count }
      case .dense(let rows):
        (argmax, entropy) = (argmax + rows.argmax, entropy + rows.entropy)
        (next, dense) = (next + rows.nextLogProbability, dense + rows.logProbabilities)
      }
    }
    #expect(tensors["argmax", Int32.self] == argmax)
    #expect(tensors["entropy", Float.self] == entropy)
    #expect(tensors["next_log_probability", Float.self] == next)
    guard dense.isEmpty else {
      #expect(tensors["log_probabilities", Float16.self] == dense)
      return
    }
    #expect(tensors["draws.0.ids", Int32.self] == ids)
    #expect(tensors["draws.0.values", Float.self] == values)
    #expect(tensors["draws.0.offsets", Int64.self] == offsets(counts))
  }

  private func offsets(_ counts: [Int]) -> [Int64] {
    counts.reduce(into: [0]) { $0.append(($0.last ?? 0) + Int64($1)) }
  }

  @Test func sequencesThatAreNotThereAreRefused() throws {
    try withTemporaryDirectory { folder in
      let cache = try TinyCache().build(Tiny.sequences(3), in: folder)
      for range in [0..<4, 3..<5, -1..<2] {
        #expect(throws: ShardError.self) { try CacheExporter(cache, sequences: range) }
      }
    }
  }
}

/// A line of JSON as a reader in any language sees it.
private struct ExportedSequence: Decodable {
  struct Draw: Decodable {
    var ids: [[Int32]]?
    var values: [[Float]]?
    var log_probabilities: [[Float?]]?
  }

  var sequence: Int
  var identity: String
  var tokens: [Int32]
  var fragments: [Int]
  var loss_mask: [Bool]?
  var argmax: [Int32]
  var entropy: [Float]
  var next_log_probability: [Float]
  var draws: [Draw]

  func expectSame(as cached: CachedSequence, number: Int) throws {
    #expect(sequence == number && UInt64(identity, radix: 16) == cached.identity)
    #expect(identity.count == 16)
    #expect(tokens == cached.tokens && fragments == cached.fragments)
    #expect(loss_mask == cached.lossMask)
    #expect(draws.count == cached.draws.count)
    for (draw, targets) in zip(draws, cached.draws) {
      switch targets {
      case .sparse(let rows):
        #expect(draw.ids == (0..<rows.count).map { Array(rows.ids[rows.entries(of: $0)]) })
        #expect(draw.values == (0..<rows.count).map { Array(rows.values[rows.entries(of: $0)]) })
        #expect(argmax == rows.argmax && entropy == rows.entropy)
        #expect(next_log_probability == rows.nextLogProbability)
      case .dense(let rows):
        let found = draw.log_probabilities?.flatMap { $0.map { $0.map { Float16($0) } } }
        #expect(found == rows.logProbabilities.map { $0.isFinite ? $0 : nil })
        #expect(argmax == rows.argmax && entropy == rows.entropy)
      }
    }
  }
}

/// A safetensors file, read from its bytes alone.
private struct ExportedTensors {
  private struct Entry: Decodable {
    var dtype: String
    var shape: [Int]
    var data_offsets: [Int]
  }

  let metadata: [String: String]
  private let entries: [String: Entry]
  private let body: Data

  init(_ data: Data) throws {
    let size = Int(data.prefix(8).reversed().reduce(0) { $0 << 8 | UInt64($1) })
    let header = data[8..<(8 + size)]
    var object = try #require(
      try JSONSerialization.jsonObject(with: header) as? [String: Any])
    metadata = try #require(object.removeValue(forKey: "__metadata__") as? [String: String])
    entries = try JSONDecoder().decode(
      [String: Entry].self, from: JSONSerialization.data(withJSONObject: object))
    body = Data(data[(8 + size)...])
    // The format wants the tensors to fill the file without holes.
    var end = 0
    for entry in entries.values.sorted(by: { $0.data_offsets[0] < $1.data_offsets[0] }) {
      #expect(entry.data_offsets[0] == end)
      end = entry.data_offsets[1]
    }
    #expect(end == body.count && size % 8 == 0)
  }

  subscript<Element: BitwiseCopyable>(_ name: String, _: Element.Type) -> [Element] {
    guard let entry = entries[name] else { return [] }
    let count = entry.shape.reduce(1, *)
    let bytes = body[entry.data_offsets[0]..<entry.data_offsets[1]]
    #expect(bytes.count == count * MemoryLayout<Element>.size, "\(name): \(entry.dtype)")
    return bytes.withUnsafeBytes { raw in
      (0..<count).map {
        raw.loadUnaligned(fromByteOffset: $0 * MemoryLayout<Element>.size, as: Element.self)
      }
    }
  }
}
