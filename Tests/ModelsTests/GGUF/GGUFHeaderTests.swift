import Testing

@testable import Models

@Suite struct GGUFHeaderTests {
  private static func read(_ bytes: [UInt8]) throws -> GGUFHeader {
    try bytes.withUnsafeBytes { try GGUFHeader($0, file: "f") }
  }

  private static func builder(_ change: (inout GGUFBuilder) -> Void) -> GGUFBuilder {
    var builder = GGUFBuilder()
    builder.add("k", "v")
    builder.add("a", shape: [2, 4], Array(repeating: 1, count: 8))
    builder.add("b", shape: [3], [1, 2, 3])
    change(&builder)
    return builder
  }

  @Test(arguments: [2, 3] as [UInt32]) func aSoundFileIsRead(version: UInt32) throws {
    let header = try Self.read(Self.builder { $0.version = version }.bytes)
    #expect(header.tensors.map(\.name) == ["a", "b"])
    #expect(header.tensors.map(\.shape) == [[2, 4], [3]])
    #expect(header.tensors[1].range.lowerBound == header.tensors[0].range.lowerBound + 32)
    #expect(header.metadata.keys.sorted() == ["k"])
  }

  @Test func everyKindOfValueIsRead() throws {
    func number<Value: FixedWidthInteger>(_ type: UInt32, _ value: Value) -> [UInt8] {
      littleEndian(type) + littleEndian(value)
    }
    let array = littleEndian(9 as UInt32)
    let cases: [([UInt8], GGUFValue)] = [
      (number(0, 200 as UInt8), .unsigned(200)), (number(1, -3 as Int8), .signed(-3)),
      (number(2, 60_000 as UInt16), .unsigned(60_000)), (number(3, -9 as Int16), .signed(-9)),
      (number(4, UInt32.max), .unsigned(4_294_967_295)), (number(5, -7 as Int32), .signed(-7)),
      (number(6, (1.5 as Float).bitPattern), .double(1.5)), (number(7, 1 as UInt8), .bool(true)),
      (number(10, UInt64.max), .unsigned(.max)), (number(11, Int64.min), .signed(.min)),
      (number(12, (0.1 as Double).bitPattern), .double(0.1)),
      (
        array + number(4, 2 as UInt64) + [1, 0, 0, 0, 2, 0, 0, 0],
        .array(type: 4, count: 2, start: 24 + 9 + 4 + 12)
      ),
      (
        array + number(9, 1 as UInt64) + number(8, 1 as UInt64) + GGUFBuilder.string("é"),
        .array(type: 9, count: 1, start: 24 + 9 + 4 + 12)
      ),
    ]
    for (bytes, value) in cases {
      var builder = GGUFBuilder()
      builder.values = [("k", bytes), ("end", littleEndian(7 as UInt32) + [0])]
      let header = try Self.read(builder.bytes)
      #expect(header.metadata == ["k": value, "end": .bool(false)])
    }
  }

  @Test func arraysAreReadWhenAskedFor() throws {
    let folder = try TemporaryFolder()
    var builder = GGUFBuilder()
    builder.add("texts", ["a", "", "Ġé"])
    builder.values.append(
      (
        "numbers",
        littleEndian(9 as UInt32) + littleEndian(5 as UInt32) + littleEndian(2 as UInt64)
          + littleEndian(-1 as Int32) + littleEndian(7 as Int32)
      ))
    let file = try GGUFFile(path: try folder.write(builder.bytes, as: "x"))
    #expect(try file.strings("texts") == ["a", "", "Ġé"])
    #expect(try file.int32s("numbers") == [-1, 7])
    #expect(try file.strings("none") == nil)
    #expect(throws: GGUFError.self) { try file.strings("numbers") }
    #expect(throws: GGUFError.self) { try file.int32s("texts") }
    #expect(throws: GGUFError.self) { try file.int("texts") }
  }

  static let lies: [(String, GGUFBuilder, GGUFError)] = [
    ("magic", builder { $0.magic = Array("GGML".utf8) }, .badMagic(file: "f")),
    ("version 1", builder { $0.version = 1 }, .unsupportedVersion(file: "f", version: 1)),
    (
      "big-endian", builder { $0.version = 3 << 24 },
      .unsupportedVersion(file: "f", version: 3 << 24)
    ),
    (
      "tensors beyond the file", builder { $0.tensorCount = .max },
      .truncated(file: "f", offset: 16, reading: "the number of tensors")
    ),
    (
      "values beyond the file", builder { $0.valueCount = 1 << 40 },
      .truncated(file: "f", offset: 24, reading: "the number of metadata values")
    ),
    (
      "an unknown value type", builder { $0.values[0].bytes = littleEndian(13 as UInt32) },
      .unknownValueType(file: "f", key: "k", type: 13)
    ),
    (
      "a string beyond the file",
      builder { $0.values[0].bytes = littleEndian(8 as UInt32) + littleEndian(UInt64.max) },
      .truncated(file: "f", offset: 45, reading: "k")
    ),
    (
      "an array beyond the file",
      builder {
        $0.values[0].bytes =
          littleEndian(9 as UInt32) + littleEndian(4 as UInt32) + littleEndian((1 as UInt64) << 61)
      },
      .truncated(file: "f", offset: 49, reading: "k")
    ),
    (
      "arrays of arrays of arrays",
      builder {
        let level = littleEndian(9 as UInt32) + littleEndian(1 as UInt64)
        $0.values[0].bytes =
          littleEndian(9 as UInt32) + level + level + level + level + level + level
      },
      .badMetadata(file: "f", key: "k", problem: "nests arrays too deeply")
    ),
    ("a key twice", builder { $0.add("k", 1 as UInt32) }, .duplicate(file: "f", name: "k")),
    (
      "a tensor twice", builder { $0.add("a", shape: [1], [0]) }, .duplicate(file: "f", name: "a")
    ),
    (
      "an alignment of 24", builder { $0.add("general.alignment", 24 as UInt32) },
      .badMetadata(file: "f", key: "general.alignment", problem: "is no power of two")
    ),
    (
      "an alignment of 0", builder { $0.add("general.alignment", 0 as UInt32) },
      .badMetadata(file: "f", key: "general.alignment", problem: "is no power of two")
    ),
    (
      "five dimensions", builder { $0.tensors[0].sizes = [1, 1, 1, 1, 8] },
      .badTensor(file: "f", name: "a", problem: "has 5 dimensions")
    ),
    (
      "a size of zero", builder { $0.tensors[0].sizes = [0, 8] },
      .badTensor(file: "f", name: "a", problem: "has the shape [0, 8], which cannot be")
    ),
    (
      "overflow", builder { $0.tensors[0].sizes = [1 << 32, 1 << 32] },
      .badTensor(
        file: "f", name: "a",
        problem: "has the shape [4294967296, 4294967296], which cannot be")
    ),
    (
      "half a block",
      builder {
        $0.tensors[0].type = 8
        $0.tensors[0].sizes = [16, 2]
      },
      .badTensor(file: "f", name: "a", problem: "has the shape [16, 2], which cannot be")
    ),
    (
      "an unknown type", builder { $0.tensors[0].type = 23 },
      .unsupportedType(file: "f", name: "a", type: 23)
    ),
    (
      "an unaligned tensor", builder { $0.tensors[1].offset = 36 },
      .badTensor(file: "f", name: "b", problem: "is not aligned to 32 bytes")
    ),
    (
      "overlap", builder { $0.tensors[1].offset = 0 },
      .badTensor(file: "f", name: "b", problem: "overlaps a")
    ),
    (
      "an offset beyond the file", builder { $0.tensors[1].offset = 1 << 63 },
      .truncated(file: "f", offset: 172, reading: "the 12 bytes of b")
    ),
  ]

  @Test(arguments: lies) func aLieIsNamed(title: String, builder: GGUFBuilder, error: GGUFError) {
    #expect(throws: error, "\(title)") { try Self.read(builder.bytes) }
    #expect(error.description.hasPrefix("f: ") && !error.description.contains("\n"))
  }

  @Test func textsMustBeUTF8() {
    var bytes = Self.builder { _ in }.bytes
    bytes[32] = 0xFF  // the key "k"
    #expect(throws: GGUFError.notUTF8(file: "f", reading: "a metadata key")) {
      try Self.read(bytes)
    }
  }

  @Test func theAlignmentOfTheFileCounts() throws {
    let wide = Self.builder {
      $0.alignment = 64
      $0.add("general.alignment", 64 as UInt32)
    }
    let ranges = try Self.read(wide.bytes).tensors.map(\.range.lowerBound)
    #expect(ranges[0] % 64 == 0 && ranges[1] == ranges[0] + 64)
  }

  @Test func everyTruncationIsAnError() {
    let whole = Self.builder { $0.add("texts", ["a", "bc"]) }.bytes
    #expect(throws: Never.self) { try Self.read(whole) }
    for count in whole.indices {
      #expect(throws: GGUFError.self) { try Self.read(Array(whole[..<count])) }
    }
  }

  @Test func everyChangedByteIsReadOrNamed() throws {
    let whole = Self.builder { $0.add("texts", ["a", "bc"]) }.bytes
    for index in whole.indices {
      for change: UInt8 in [1, 2, 16, 128, 255] {
        var bytes = whole
        bytes[index] ^= change
        do { _ = try Self.read(bytes) } catch is GGUFError {}
      }
    }
  }
}
