import Foundation

/// The memory that the machine can give without swapping.
enum AvailableMemory {
  /// The bytes that `/proc/meminfo` names or the control group leaves, the lesser of the two;
  /// unlimited where neither tells.
  static var bytes: Int {
    min(fromMachine ?? .max, fromControlGroup ?? .max)
  }

  private static var fromMachine: Int? {
    number("MemAvailable:", in: "/proc/meminfo").map { $0 << 10 }
  }

  private static var fromControlGroup: Int? {
    let text = String(decoding: contents("/sys/fs/cgroup/memory.max"), as: UTF8.self)
    // Cached files give way, anonymous memory does not.
    guard let limit = Int(text.trimmingCharacters(in: .whitespacesAndNewlines)),
      let used = number("anon", in: "/sys/fs/cgroup/memory.stat")
    else { return nil }
    return max(0, limit - used)
  }

  /// The number after a word at the start of a line.
  private static func number(_ word: String, in path: String) -> Int? {
    let text = String(decoding: contents(path), as: UTF8.self)
    let lines = text.split(separator: "\n").map { $0.split(separator: " ") }
    return lines.first { $0.first == word[...] }?.dropFirst().first.flatMap { Int($0) }
  }

  private static func contents(_ path: String) -> Data {
    FileManager.default.contents(atPath: path) ?? Data()
  }
}
