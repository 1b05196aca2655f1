import Foundation

/// Runs a body with the path of a fresh folder, and removes it afterwards.
func withTemporaryDirectory(_ body: (String) throws -> Void) throws {
  let folder = FileManager.default.temporaryDirectory.path + "/files-" + UUID().uuidString
  try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
  defer { try? FileManager.default.removeItem(atPath: folder) }
  try body(folder)
}

/// The names in a folder, hidden ones too, sorted.
func names(_ folder: String) throws -> [String] {
  try FileManager.default.contentsOfDirectory(atPath: folder).sorted()
}

/// The text of a file.
func text(_ path: String) throws -> String { try String(contentsOfFile: path, encoding: .utf8) }

/// The permissions of what a path leads to.
func mode(_ path: String) -> mode_t {
  var status = stat()
  return stat(path, &status) == 0 ? status.st_mode & 0o777 : 0
}

/// Makes everything that is no regular file, each under the name of its kind, and a link to each.
func makeStrangers(in folder: String) -> [String] {
  mkfifo(folder + "/fifo", 0o600)
  mkdir(folder + "/folder", 0o700)
  let socket = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
  defer { close(socket) }
  var address = sockaddr_un()
  address.sun_family = sa_family_t(AF_UNIX)
  withUnsafeMutableBytes(of: &address.sun_path) {
    $0.copyBytes(from: (folder + "/socket").utf8.prefix(107))
  }
  withUnsafePointer(to: &address) {
    $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
      _ = bind(socket, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
    }
  }
  let made = ["fifo", "folder", "socket"].filter { access(folder + "/" + $0, F_OK) == 0 }
  for name in made { symlink(folder + "/" + name, folder + "/link-to-" + name) }
  return made.flatMap { [folder + "/" + $0, folder + "/link-to-" + $0] } + ["/dev/null"]
}
