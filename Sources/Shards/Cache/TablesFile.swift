import Base
public import Foundation

/// The file of the coding tables, one zstd frame: see docs/format.md, "Tables".
enum TablesFile {
  /// The zstd level: the file is written once and counts for little in small caches only if small.
  private static let level = 19

  /// The file's bytes.
  static func encode(_ tables: CodingTables) throws(ShardError) -> [UInt8] {
    let symbols = tables.symbols.tables
    var (header, contexts, frequencies) = (ByteWriter(), ByteWriter(), ByteWriter())
    header.append(UInt32(tables.vocabularySize))
    header.append(UInt32(symbols.count))
    for table in symbols {
      contexts.append(UInt16(table.context))
      contexts.append(UInt8(table.symbols.count - 1))
      for frequency in table.frequencies { frequencies.append(varying: Int(frequency)) }
    }
    return try ZstdFrame.compress(
      [
        header.bytes, tables.kinds, tables.octaves, contexts.bytes,
        Array(symbols.map(\.symbols).joined()), frequencies.bytes,
      ], level: level)
  }

  /// The SHA-256 of a file's bytes in hexadecimal.
  static func digest(_ bytes: [UInt8]) -> String { Digest(of: bytes).hexadecimal }

  /// Reads the tables that a capture names; throws `corrupt` if they are others.
  static func load(
    _ directory: CacheDirectory, _ capture: CaptureConfig, part: Int
  ) throws(ShardError) -> CodingTables? {
    guard let expected = capture.tablesSHA256 else { return nil }
    let name = CacheDirectory.tables(part)
    let path = directory.path(name)
    let bytes = try directory.read(name, limit: 128 << 20)
    guard digest(bytes) == expected else {
      throw .corrupt(path: path, reason: "its SHA-256 is not the one that the manifest states")
    }
    guard let tables = decode(bytes, vocabularySize: capture.vocabularySize) else {
      throw .corrupt(path: path, reason: "it holds no tables of \(capture.vocabularySize) ids")
    }
    return tables
  }

  /// The tables of a file; nil where it holds none for a vocabulary of this size.
  static func decode(_ bytes: [UInt8], vocabularySize: Int) -> CodingTables? {
    let most = 2 * vocabularySize + 8 + CodingContext.count * (3 + 3 * 256)
    guard let size = ZstdFrame.declaredSize(bytes), size <= most,
      let payload = try? ZstdFrame.decompress(bytes, size: size)
    else { return nil }
    var reader = ByteReader(payload)
    return try? tables(&reader, vocabularySize: vocabularySize)
  }

  private static func tables(
    _ reader: inout ByteReader, vocabularySize: Int
  ) throws(FrameProblem) -> CodingTables? {
    let size = Int(try reader.integer(UInt32.self))
    let count = Int(try reader.integer(UInt32.self))
    guard size == vocabularySize, count <= CodingContext.count else { return nil }
    let kinds = Array(try reader.take(size))
    let octaves = Array(try reader.take(size))
    var contexts: [(context: Int, count: Int)] = []
    for _ in 0..<count {
      contexts.append(
        (Int(try reader.integer(UInt16.self)), Int(try reader.integer(UInt8.self)) + 1))
    }
    var symbols: [[UInt8]] = []
    for context in contexts { symbols.append(Array(try reader.take(context.count))) }
    var tables: [SymbolTable] = []
    for (context, symbols) in zip(contexts, symbols) {
      var frequencies: [UInt16] = []
      for _ in symbols { frequencies.append(UInt16(min(try reader.varying(), 65_535))) }
      guard
        let table = SymbolTable(
          context: context.context, symbols: symbols, frequencies: frequencies)
      else { return nil }
      tables.append(table)
    }
    guard reader.remaining == 0 else { return nil }
    return CodingTables(kinds: kinds, octaves: octaves, tables: tables)
  }
}

extension CodingTables {
  /// The tables of a part that was begun or finished under the same settings; nil if there is none.
  ///
  /// They save computing the tables again. Tables without settings beside them, or with a hash
  /// other than the one that these state, are as if they were not there.
  public init?(directory url: URL, capture: CaptureConfig) throws(ShardError) {
    let directory = CacheDirectory(url)
    for (part, stored) in try directory.captures().enumerated() {
      var wanted = capture
      wanted.tablesSHA256 = stored.tablesSHA256
      guard try stored.firstDifference(from: wanted) == nil,
        let tables = try? TablesFile.load(directory, stored, part: part)
      else { continue }
      self = tables
      return
    }
    return nil
  }
}

extension CaptureConfig {
  /// The capture that names the file of some tables, and the bytes of that file.
  func with(
    _ tables: CodingTables?
  ) throws(ShardError) -> (capture: CaptureConfig, file: [UInt8]?) {
    let file = try tables.map { tables throws(ShardError) in try TablesFile.encode(tables) }
    var capture = self
    capture.tablesSHA256 = file.map(TablesFile.digest)
    return (capture, file)
  }
}
