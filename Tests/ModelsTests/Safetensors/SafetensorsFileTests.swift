import Base
import Foundation
import Testing

@testable import Models

@Suite struct SafetensorsFileTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  @Test(arguments: WeightType.allCases) func whatIsWrittenIsRead(type: WeightType) throws {
    let values: [String: ([Int], [Float])] = [
      "b.weight": ([2, 3], [1, -2, 0.5, 1024, -0, 3]), "a.weight": ([], [7]),
      "c": ([0, 4], []), "é\"\\\n": ([1], [0.25]),
    ]
    let path = folder.path + "/x.safetensors"
    try SafetensorsWriter.write(
      to: path, tensors: values.map { NamedShape(name: $0.key, shape: $0.value.0) }, type: type
    ) { name, body in try values[name]?.1.withUnsafeBufferPointer { try body($0) } }
    let file = try SafetensorsFile(path: path)
    #expect(file.metadata == ["format": "pt"])
    #expect(file.names == values.keys.sorted())
    for (name, (shape, numbers)) in values {
      #expect(file.entry(name)?.shape == shape)
      #expect(file.entry(name)?.type == type.elementType)
      #expect(try file.floats(name) == numbers)
    }
    let length = try Data(contentsOf: URL(filePath: path)).withUnsafeBytes {
      $0.loadUnaligned(as: UInt64.self)
    }
    #expect(length % 8 == 0, "the data begins at a multiple of eight")
    #expect(try folder.contents == ["x.safetensors"])
  }

  @Test func manyValuesAreRoundedInPieces() throws {
    let values = (0..<150_001).map { Float($0 % 251) }
    let path = folder.path + "/x.safetensors"
    try SafetensorsWriter.write(
      to: path, tensors: [NamedShape(name: "a", shape: [150_001])], type: .bfloat16
    ) { _, body in try values.withUnsafeBufferPointer { try body($0) } }
    #expect(try SafetensorsFile(path: path).floats("a") == values)
  }

  @Test func unalignedDataIsRead() throws {
    let header =
      #"{"s":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"#
      + #""a":{"dtype":"F32","shape":[2],"data_offsets":[1,9]},"#
      + #""h":{"dtype":"F16","shape":[1],"data_offsets":[9,11]},"#
      + #""i":{"dtype":"I64","shape":[1],"data_offsets":[11,19]}}"#
    let data =
      [9] + littleEndian([1.5, -2]) + littleEndian(UInt16(0x3C00)) + littleEndian(Int64(-3))
    let file = try SafetensorsFile(path: try folder.write(safetensors(header, data), as: "x"))
    #expect(try file.floats("a") == [1.5, -2])
    #expect(try file.floats("h") == [1])
    #expect(try file.int64s("i") == [-3])
  }

  @Test func whatIsNoWeightIsRefused() throws {
    let header = #"{"a":{"dtype":"F64","shape":[1],"data_offsets":[0,8]}}"#
    let path = try folder.write(safetensors(header, littleEndian(0 as UInt64)), as: "x")
    let file = try SafetensorsFile(path: path)
    #expect(throws: CheckpointError.notWeights(path: path, name: "a", type: "F64")) {
      try file.floats("a")
    }
    #expect(throws: CheckpointError.notWeights(path: path, name: "a", type: "F64")) {
      try file.int64s("a")
    }
    #expect(throws: CheckpointError.missingTensor(path: path, name: "b")) { try file.floats("b") }
  }

  @Test func wrongPathsAreNamed() throws {
    let missing = folder.path + "/none"
    #expect(throws: CheckpointError.notFound(path: missing)) { try SafetensorsFile(path: missing) }
    #expect(
      throws: CheckpointError.unreadable(
        path: folder.path, reason: "it is a folder, no regular file")
    ) {
      try SafetensorsFile(path: folder.path)
    }
  }

  @Test func aFailedWriteLeavesNothing() throws {
    struct Stop: Error {}
    #expect(throws: Stop.self) {
      try SafetensorsWriter.write(
        to: folder.path + "/x", tensors: [NamedShape(name: "a", shape: [1])], type: .float32
      ) { _, _ in throw Stop() }
    }
    #expect(try folder.contents.isEmpty)
    #expect(throws: FileError.self) {
      try SafetensorsWriter.write(to: folder.path + "/no/x", tensors: [], type: .float32) { _, _ in
      }
    }
  }
}
