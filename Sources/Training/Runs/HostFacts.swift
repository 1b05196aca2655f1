import Foundation

/// The machine that a run was made on.
package struct HostFacts: Codable, Sendable, Equatable {
  /// The machine's own name.
  package var name: String
  /// The processor's name.
  package var cpu: String
  /// The logical cores that the process may use.
  package var cores: Int
  /// The memory, in bytes.
  package var memoryBytes: Int
  /// The operating system and its version.
  package var system: String

  /// The facts of this machine.
  package static var current: HostFacts {
    let process = ProcessInfo.processInfo
    return HostFacts(
      name: hostName, cpu: cpuName, cores: process.activeProcessorCount,
      memoryBytes: Int(clamping: process.physicalMemory),
      system: process.operatingSystemVersionString)
  }

  // `ProcessInfo.hostName` asks the network, and may wait for it.
  private static var hostName: String {
    var buffer = [CChar](repeating: 0, count: 256)
    guard gethostname(&buffer, buffer.count - 1) == 0 else { return "unknown" }
    return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  private static var cpuName: String {
    let text = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
    let line = text.split(separator: "\n").first { $0.hasPrefix("model name") }
    guard let name = line?.split(separator: ":", maxSplits: 1).last else { return "unknown" }
    return name.trimmingCharacters(in: .whitespaces)
  }
}
