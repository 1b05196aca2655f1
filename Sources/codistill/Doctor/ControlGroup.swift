import Foundation

/// The limits of the process's control group, the tightest of its parents' included.
package struct ControlGroup: Equatable {
  /// Cores' worth of time; nil without a limit.
  package var cores: Double?
  /// Bytes of memory; nil without a limit.
  package var memoryBytes: Int?

  /// The limits of this process, of either version of control groups.
  static var current: ControlGroup {
    reading(
      groups: SystemFile.text("/proc/self/cgroup") ?? "", file: { SystemFile.text($0) })
  }

  /// The limits by the text of `/proc/self/cgroup` and a way to read files.
  package static func reading(groups: String, file: (String) -> String?) -> ControlGroup {
    var limits = ControlGroup()
    for line in groups.split(separator: "\n") {
      let parts = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
      guard parts.count == 3 else { continue }
      let controllers = parts[1].split(separator: ",").map(String.init)
      for folder in parents(of: String(parts[2])) {
        if controllers.isEmpty { limits.tighten(version2: "/sys/fs/cgroup" + folder, file) }
        if controllers.contains("cpu") { limits.tighten(cpu: "/sys/fs/cgroup/cpu" + folder, file) }
        if controllers.contains("memory") {
          limits.tighten(bytes: file("/sys/fs/cgroup/memory\(folder)/memory.limit_in_bytes"))
        }
      }
    }
    return limits
  }

  /// A folder and all its parents, the root as an empty path.
  private static func parents(of path: String) -> [String] {
    var folders = [""]
    for part in path.split(separator: "/") { folders.append((folders.last ?? "") + "/" + part) }
    return folders
  }

  private mutating func tighten(version2 folder: String, _ file: (String) -> String?) {
    let numbers = file(folder + "/cpu.max")?.split(whereSeparator: \.isWhitespace) ?? []
    if numbers.count == 2 { tighten(quota: Double(numbers[0]), period: Double(numbers[1])) }
    tighten(bytes: file(folder + "/memory.max"))
  }

  private mutating func tighten(cpu folder: String, _ file: (String) -> String?) {
    let quota = file(folder + "/cpu.cfs_quota_us").flatMap(Self.number)
    let period = file(folder + "/cpu.cfs_period_us").flatMap(Self.number)
    tighten(quota: quota, period: period)
  }

  private mutating func tighten(quota: Double?, period: Double?) {
    // Version 1 says "no limit" with a quota of −1, version 2 with the word "max".
    guard let quota, let period, quota > 0, period > 0 else { return }
    cores = min(cores ?? .infinity, quota / period)
  }

  private mutating func tighten(bytes text: String?) {
    // Version 1 says "no limit" with a number near 2⁶³.
    guard let bytes = text.flatMap(Self.number), bytes < 1e18 else { return }
    memoryBytes = min(memoryBytes ?? .max, Int(bytes))
  }

  private static func number(_ text: String) -> Double? {
    Double(text.trimmingCharacters(in: .whitespacesAndNewlines))
  }
}
