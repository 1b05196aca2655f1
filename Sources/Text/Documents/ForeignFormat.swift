/// Formats that are known by their first bytes, and are neither text nor records that are read.
struct ForeignFormat: Equatable {
  /// The name of the format, with its article.
  let name: String
  /// The advice for the user.
  let remedy: String

  /// The format that the first bytes tell, of which 262 suffice; nil for what may be text.
  init?(_ bytes: some Collection<UInt8>) {
    let bytes = Array(bytes.prefix(512))
    let found = Self.known.first { known in
      bytes.dropFirst(known.at).starts(with: known.magic)
        && (!known.isWord || bytes.prefix(64).contains { $0 < 9 })
    }
    if let found {
      name = found.name
      remedy = found.remedy
    } else if bytes.count >= 16, bytes[8] == UInt8(ascii: "{"), bytes[3..<8].allSatisfy({ $0 == 0 })
    {
      name = "a safetensors file"
      remedy = Self.noText
    } else {
      return nil
    }
  }

  /// The format that a file's name tells; nil for those that content decides on.
  init?(named path: String) {
    let name = path.lowercased()
    let known = [("csv", "CSV"), ("tsv", "TSV"), ("psv", "PSV")]
    guard let found = known.first(where: { name.hasSuffix("." + $0.0) }) else { return nil }
    self.name = "a \(found.1) table"
    remedy = Self.table
  }

  private static let table =
    "turn its rows into JSON lines (pandas: read, then to_json(lines=True, orient=\"records\"))"
  private static let unpack = "unpack it and name the files"
  private static let decompress = "decompress it, or compress it with gzip or zstd"
  private static let noText = "name files that hold text"
  private static let extract = "extract its text first"
  private static let twice = "it is compressed twice: decompress it once"

  private struct Known {
    let magic: [UInt8]
    let at: Int
    let name: String
    let remedy: String

    init(_ magic: String, at: Int = 0, _ name: String, _ remedy: String) {
      self.init(Array(magic.utf8), at: at, name, remedy)
    }

    init(_ magic: [UInt8], at: Int = 0, _ name: String, _ remedy: String) {
      self.magic = magic
      self.at = at
      self.name = name
      self.remedy = remedy
    }

    /// Whether a text may begin so: then only a byte that no text has tells.
    var isWord: Bool {
      ["PAR1", "ARROW1", "GGUF", "MMIDIDX"].contains(String(decoding: magic, as: UTF8.self))
    }
  }

  private static let known =
    [
      Known("PAR1", "a Parquet file", table), Known("ARROW1", "an Arrow file", table),
      Known([0xFF, 0xFF, 0xFF, 0xFF], "an Arrow stream", table),
      Known("Obj\u{1}", "an Avro file", table), Known([0x89, 0x48, 0x44, 0x46], "HDF5", table),
      Known("SQLite format 3\0", "an SQLite database", table),
      Known([0x93, 0x4E, 0x55, 0x4D, 0x50, 0x59], "a NumPy array", noText),
      Known("GGUF", "a GGUF model", noText), Known("MMIDIDX", "a Megatron index", noText),
    ] + (2...5).map { Known([0x80, $0], "a Python pickle", table) } + [
      Known("PK\u{3}\u{4}", "a zip archive", unpack),
      Known("ustar", at: 257, "a tar archive", unpack),
      Known([0x37, 0x7A, 0xBC, 0xAF, 0x27, 0x1C], "a 7z archive", unpack),
      Known("Rar!\u{1A}", "a RAR archive", unpack),
      Known("1AY&SY", at: 4, "bzip2 data", decompress),
      Known([0xFD, 0x37, 0x7A, 0x58, 0x5A, 0], "xz data", decompress),
      Known([0x04, 0x22, 0x4D, 0x18], "lz4 data", decompress),
      Known([0x1F, 0x8B], "gzip data", twice), Known([0x28, 0xB5, 0x2F, 0xFD], "zstd data", twice),
      Known([0x1F, 0x9D], "compress (.Z) data", decompress),
      Known("%PDF-", "a PDF file", extract), Known("{\\rtf", "an RTF file", extract),
      Known([0xD0, 0xCF, 0x11, 0xE0], "an Office file", extract),
      Known("WARC/1.", "a web archive", "turn its records into JSON lines"),
      Known([0x89, 0x50, 0x4E, 0x47], "a PNG image", noText),
      Known([0xFF, 0xD8, 0xFF], "a JPEG image", noText), Known("GIF89a", "a GIF image", noText),
      Known([0x7F, 0x45, 0x4C, 0x46], "a program", noText),
    ]
}
