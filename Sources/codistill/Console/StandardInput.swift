import Glibc

/// Standard input, read to its end.
enum StandardInput {
  /// All of its bytes.
  ///
  /// Throws: `unreadable` where it is closed, a folder or broken.
  static func read() throws(CommandError) -> [UInt8] {
    var (bytes, block) = ([UInt8](), [UInt8](repeating: 0, count: 1 << 16))
    while true {
      let count = Glibc.read(STDIN_FILENO, &block, block.count)
      if count > 0 {
        bytes += block[..<count]
      } else if count == 0 {
        return bytes
      } else if errno != EINTR {
        throw .unreadable(path: "standard input", reason: String(cString: strerror(errno)))
      }
    }
  }
}
