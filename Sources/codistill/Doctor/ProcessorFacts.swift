import Foundation
import Training

/// The processor, and how much of it this process may use.
struct ProcessorFacts: Encodable {
  /// The processor's name.
  var name: String
  /// The logical cores of the machine.
  var cores: Int
  /// The logical cores that this process may run on.
  var usableCores: Int
  /// The cores' worth of time that the control group allows; nil without a limit.
  var limit: Double?
  /// The vector extensions that the kernels can use.
  var features: [String]
  /// The sockets' memory controllers.
  var numaNodes: Int
  /// Processes that want to run, on average over the last minute.
  var load: Double
  /// The governor by which the kernel chooses the clock; nil in most virtual machines.
  var governor: String?

  /// The processor of this machine.
  static var current: ProcessorFacts {
    let information = SystemFile.text("/proc/cpuinfo") ?? ""
    let process = ProcessInfo.processInfo
    return ProcessorFacts(
      name: HostFacts.current.cpu, cores: process.processorCount,
      usableCores: process.activeProcessorCount, limit: ControlGroup.current.cores,
      features: features(in: information), numaNodes: nodeCount, load: loadAverage,
      governor: SystemFile.text("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor")?
        .trimmingCharacters(in: .whitespacesAndNewlines))
  }

  /// The extensions that matter here, of all that `/proc/cpuinfo` lists.
  static func features(in information: String) -> [String] {
    let flags = SystemFile.value(of: "flags", in: information) ?? ""
    let present = Set(flags.split(separator: " ").map(String.init))
    let wanted = [
      "avx2", "fma", "f16c", "avx512f", "avx512bw", "avx512dq", "avx512vl", "avx512cd",
      "avx512_vnni", "avx512_bf16", "avx512_fp16", "amx_bf16",
    ]
    return wanted.filter(present.contains)
  }

  private static var nodeCount: Int {
    let names = try? FileManager.default.contentsOfDirectory(atPath: "/sys/devices/system/node")
    let nodes = (names ?? []).filter { $0.hasPrefix("node") && Int($0.dropFirst(4)) != nil }
    return max(nodes.count, 1)
  }

  private static var loadAverage: Double {
    let first = SystemFile.text("/proc/loadavg")?.split(separator: " ").first
    return first.flatMap { Double($0) } ?? 0
  }
}
