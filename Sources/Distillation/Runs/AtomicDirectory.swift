import Foundation

/// Folders that are whole or absent, whenever the process or the machine stops.
public enum AtomicDirectory {
  /// Fills a folder that takes its name last; an error leaves no trace, and what was at the path
  /// stays until the new folder is complete.
  ///
  /// The body is given the path of the hidden folder to write into.
  public static func write(to path: String, _ body: (String) throws -> Void) throws {
    let temporary = AtomicFile.hiddenNeighbour(of: path)
    try remove(temporary)
    guard mkdir(temporary, 0o755) == 0 else { throw RunError.creating(path) }
    do {
      try body(temporary)
      try synchronizeAll(in: temporary)
      try replace(path, by: temporary)
    } catch {
      try? FileManager.default.removeItem(atPath: temporary)
      throw error
    }
  }

  /// Removes what is at a path, if anything is.
  static func remove(_ path: String) throws(RunError) {
    guard FileManager.default.fileExists(atPath: path) else { return }
    do {
      try FileManager.default.removeItem(atPath: path)
    } catch {
      throw .cannotWrite(path: path, reason: "it cannot be removed")
    }
  }

  private static func replace(_ path: String, by temporary: String) throws(RunError) {
    guard FileManager.default.fileExists(atPath: path) else {
      return try AtomicFile.rename(temporary, to: path)
    }
    // `rename` replaces only an empty folder, so the old one steps aside.
    let old = AtomicFile.hiddenNeighbour(of: path + ".old")
    try remove(old)
    guard Foundation.rename(path, old) == 0 else { throw .writing(path) }
    try AtomicFile.rename(temporary, to: path)
    try remove(old)
  }

  private static func synchronizeAll(in folder: String) throws(RunError) {
    for name in FileManager.default.enumerator(atPath: folder) ?? .init() {
      guard let name = name as? String else { continue }
      try AtomicFile.synchronize(folder + "/" + name)
    }
    try AtomicFile.synchronize(folder)
  }
}
