import Foundation
import Testing

@testable import Reports

@Suite struct TensorBoardWriterTests {
  @Test func checksumsOfKnownTexts() {
    #expect(CRC32C.checksum(Array("123456789".utf8)) == 0xE306_9283)
    // RFC 3720, appendix B.4.
    #expect(CRC32C.checksum([UInt8](repeating: 0, count: 32)) == 0x8A91_36AA)
    #expect(CRC32C.checksum([UInt8](repeating: 0xFF, count: 32)) == 0x62A8_AB43)
    #expect(CRC32C.checksum(Array(0..<32)) == 0x46DD_794E)
    #expect(CRC32C.checksum([]) == 0)
  }

  /// The fixture was written by TensorBoard 2.21's own RecordWriter and protobuf messages.
  @Test func theBytesAreThoseOfTensorBoard() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    defer { try? FileManager.default.removeItem(at: folder) }
    let writer = try TensorBoardWriter(
      folder: folder.path, wallTime: 1_790_000_000.25, host: "test")
    try writer.add(
      [("training/loss", 3.25), ("held-out/nll", 3.5)], step: 1, wallTime: 1_790_000_001)
    try writer.add(
      [("training/loss", -0.125), ("learning rate α", 6e-4)], step: 300, wallTime: 1_790_000_002.5)
    try writer.add([], step: 400)
    try writer.add([("training/loss", .nan)], step: 5_000_000_000, wallTime: 1_790_000_003)
    let name = "events.out.tfevents.1790000000.test"
    let fixture = URL(filePath: #filePath)
      .appending(path: "../../../Fixtures/tensorboard/" + name).standardized
    #expect(writer.path == folder.path + "/" + name)
    #expect(try Data(contentsOf: URL(filePath: writer.path)) == Data(contentsOf: fixture))
  }

  @Test(arguments: [Double.nan, .infinity, 1e300, -1e300])
  func aTimeThatIsNoneTrapsNothing(time: Double) throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    defer { try? FileManager.default.removeItem(at: folder) }
    let writer = try TensorBoardWriter(folder: folder.path, wallTime: time, host: "test")
    try writer.add([("loss", 1)], step: 1, wallTime: time)
    #expect(writer.path.hasSuffix("/events.out.tfevents.0000000000.test"))
  }

  @Test func aNameThatIsTakenGetsANumber() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    defer { try? FileManager.default.removeItem(at: folder) }
    let paths = try (0..<3).map { _ in
      try TensorBoardWriter(folder: folder.path + "/a/b", wallTime: 5, host: "no/slash").path
    }
    let first = folder.path + "/a/b/events.out.tfevents.0000000005.no-slash"
    #expect(paths == [first, first + ".1", first + ".2"])
  }

  @Test func aFolderThatCannotBeMadeIsNamed() throws {
    let file = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    try Data().write(to: file)
    defer { try? FileManager.default.removeItem(at: file) }
    let error = try #require(throws: TensorBoardError.self) {
      _ = try TensorBoardWriter(folder: file.path + "/run")
    }
    #expect(error.description.contains(file.path + "/run"))
    #expect(!error.description.contains("\n"))
  }
}
