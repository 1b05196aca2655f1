import Foundation

/// Runs a body with a fresh folder, and removes it afterwards.
func inTemporaryFolder(_ body: (URL) throws -> Void) throws {
  let folder = FileManager.default.temporaryDirectory.appending(
    path: UUID().uuidString, directoryHint: .isDirectory)
  try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(at: folder) }
  try body(folder)
}

/// Writes bytes to a file.
func writeBytes(_ bytes: [UInt8], to file: URL) throws { try Data(bytes).write(to: file) }
