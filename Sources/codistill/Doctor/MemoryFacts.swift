import Foundation

/// The memory, in bytes.
struct MemoryFacts: Encodable {
  /// The machine's memory.
  var total: Int
  /// What can be had now without swapping.
  var available: Int
  /// What the control group allows; nil without a limit.
  var limit: Int?
  /// The swap space.
  var swap: Int

  /// What this machine has.
  static var current: MemoryFacts {
    let text = SystemFile.text("/proc/meminfo") ?? ""
    return MemoryFacts(
      total: bytes("MemTotal", text), available: bytes("MemAvailable", text),
      limit: ControlGroup.current.memoryBytes, swap: bytes("SwapTotal", text))
  }

  /// The most that a process here can use.
  var usable: Int { min(available, limit ?? .max) }

  private static func bytes(_ name: String, _ text: String) -> Int {
    let words = SystemFile.value(of: name, in: text)?.split(separator: " ")
    return (words?.first.flatMap { Int($0) } ?? 0) * 1024
  }
}
