import Foundation

/// The memory, in bytes.
struct MemoryFacts: Encodable {
  /// The machine's memory.
  var total: Int
  /// The bytes that can be had now without swapping.
  var available: Int
  /// The bytes that the control group allows; nil without a limit.
  var limit: Int?
  /// The bytes that the process may still map (`ulimit -v`); nil without a limit.
  var addresses: Int?
  /// The swap space.
  var swap: Int

  /// The memory of this machine.
  static var current: MemoryFacts {
    guard let text = SystemFile.text("/proc/meminfo") else { return withoutProc }
    return MemoryFacts(
      total: bytes("MemTotal", text), available: bytes("MemAvailable", text),
      limit: ControlGroup.current.memoryBytes, addresses: freeAddresses,
      swap: bytes("SwapTotal", text))
  }

  /// The most that a process here can use.
  var usable: Int { min(available, limit ?? .max, addresses ?? .max) }

  /// The memory as the system itself tells it where /proc is not mounted.
  private static var withoutProc: MemoryFacts {
    let total = Int(ProcessInfo.processInfo.physicalMemory)
    return MemoryFacts(
      total: total, available: total, limit: nil, addresses: freeAddresses, swap: 0)
  }

  /// The limit on addresses, without those that are in use.
  private static var freeAddresses: Int? {
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(RLIMIT_AS.rawValue), &limit) == 0,
      limit.rlim_cur < 1 << 60
    else { return nil }
    let used = SystemFile.value(of: "VmSize", in: SystemFile.text("/proc/self/status") ?? "")
    let kilobytes = used?.split(separator: " ").first.flatMap { Int($0) } ?? 0
    return max(0, Int(limit.rlim_cur) - kilobytes * 1024)
  }

  private static func bytes(_ name: String, _ text: String) -> Int {
    let words = SystemFile.value(of: name, in: text)?.split(separator: " ")
    return (words?.first.flatMap { Int($0) } ?? 0) * 1024
  }
}
