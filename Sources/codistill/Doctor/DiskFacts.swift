import Foundation

/// The disk under a folder.
struct DiskFacts: Encodable {
  /// The folder.
  var folder: String
  /// The bytes that can still be written.
  var free: Int
  /// The seconds until a small write is on the disk, the median of several; nil when nothing can
  /// be written there.
  var fsyncSeconds: Double?

  /// The disk under the working directory.
  static var current: DiskFacts {
    let folder = FileManager.default.currentDirectoryPath
    return DiskFacts(
      folder: folder, free: freeBytes(folder), fsyncSeconds: synchronizationTime(folder))
  }

  private static func freeBytes(_ folder: String) -> Int {
    var facts = statvfs()
    guard statvfs(folder, &facts) == 0 else { return 0 }
    return Int(clamping: UInt64(facts.f_bavail) * UInt64(facts.f_frsize))
  }

  private static func synchronizationTime(_ folder: String) -> Double? {
    let path = "\(folder)/.codistill-doctor-\(getpid())"
    let descriptor = open(path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { return nil }
    defer {
      close(descriptor)
      unlink(path)
    }
    let block = [UInt8](repeating: 0x5A, count: 4096)
    var times: [Double] = []
    for _ in 0..<9 {
      let start = ProcessInfo.processInfo.systemUptime
      guard write(descriptor, block, block.count) == block.count, fsync(descriptor) == 0 else {
        return nil
      }
      times.append(ProcessInfo.processInfo.systemUptime - start)
    }
    return times.sorted()[times.count / 2]
  }
}
