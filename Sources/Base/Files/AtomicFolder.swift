import Foundation

/// A folder that appears under its name only when it is complete and on disk.
///
/// It is filled under a hidden name beside its own; without `commit` that is removed. Only a folder
/// is ever replaced, in one step where the system can.
package struct AtomicFolder: ~Copyable {
  /// The hidden folder to write into.
  package let temporary: String
  private let path: String
  private let place: OutputPlace
  private let replacing: Bool
  private let file: OpenedFile

  /// Makes the hidden folder, and the folders above it.
  ///
  /// - Parameters:
  ///   - path: The folder's name.
  ///   - replacing: Whether a folder that holds something may be replaced.
  /// - Throws: `uncreatable` or `full`.
  package init(path: String, replacing: Bool = true) throws(FileError) {
    let path = Folder.trimmed(path)
    let place = try OutputPlace(of: path, replacing: .folder)
    try Self.makeParents(of: place.path)
    TemporaryName.removeLeftovers(of: place.path)
    file = try Self.create(for: place)
    temporary = file.path
    self.place = place
    self.path = path
    self.replacing = replacing
  }

  private static func makeParents(of path: String) throws(FileError) {
    do { try Folder.make(FolderSync.parent(of: path)) } catch {
      guard case .uncreatable(_, let reason) = error else { throw error }
      throw .uncreatable(path: path, reason: reason)
    }
  }

  private static func create(for place: OutputPlace) throws(FileError) -> OpenedFile {
    while true {
      let temporary = TemporaryName.new(for: place.path)
      guard mkdir(temporary, 0o777) == 0 else { throw .creating(place.path) }
      let descriptor = open(temporary, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
      guard descriptor >= 0 else { throw .creating(place.path) }
      let file = OpenedFile(descriptor, path: temporary)
      TemporaryName.lock(file)
      guard try file.isNamed() else { continue }
      try place.dress(file)
      return file
    }
  }

  deinit {
    // After a commit this is either gone or what the name led to before.
    try? FileManager.default.removeItem(atPath: temporary)
  }

  /// The path of a file inside, while the folder is pending.
  package borrowing func file(_ name: String) -> String { temporary + "/" + name }

  /// Flushes all that is inside and gives the folder its name, in place of what was there.
  package consuming func commit() throws(FileError) {
    try Self.flushAll(in: temporary)
    if rename(temporary, place.path) != 0 {
      guard errno == ENOTEMPTY || errno == EEXIST else { throw .writing(path) }
      guard replacing else { throw .uncreatable(path: path, reason: "it is there already") }
      try exchange()
    }
    try FolderSync.flush(FolderSync.parent(of: place.path))
  }

  private static func flushAll(in folder: String) throws(FileError) {
    for name in FileManager.default.enumerator(atPath: folder) ?? .init() {
      guard let name = name as? String else { continue }
      let path = folder + "/" + name
      switch FileKind(of: path) {
      case .folder: try FolderSync.flush(path)
      case .regular: try OpenedFile(reading: path).synchronize()
      default: throw .unwritable(path: path, reason: "it is no regular file")
      }
    }
    try FolderSync.flush(folder)
  }

  private borrowing func exchange() throws(FileError) {
    if Self.exchange(temporary, place.path) { return }
    let old = TemporaryName.new(for: place.path)
    guard rename(place.path, old) == 0, rename(temporary, place.path) == 0,
      rename(old, temporary) == 0
    else { throw .writing(path) }
  }

  // Swift's Glibc module does not show renameat2, which needs a feature macro.
  private static func exchange(_ one: String, _ other: String) -> Bool {
    typealias Rename =
      @convention(c) (
        Int32, UnsafePointer<CChar>, Int32, UnsafePointer<CChar>, UInt32
      ) -> Int32
    guard let symbol = dlsym(nil, "renameat2") else { return false }
    let exchangeFlag: UInt32 = 2  // RENAME_EXCHANGE
    return unsafeBitCast(symbol, to: Rename.self)(AT_FDCWD, one, AT_FDCWD, other, exchangeFlag)
      == 0
  }
}

extension AtomicFolder {
  /// Fills a folder that takes its name last; an error leaves what was there, and no trace.
  ///
  /// The body is given the path of the hidden folder to write into.
  package static func write(to path: String, _ body: (String) throws -> Void) throws {
    let folder = try AtomicFolder(path: path)
    try body(folder.temporary)
    try folder.commit()
  }
}
