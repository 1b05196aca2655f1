import Base
import Foundation
import Tensors
import Text
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
    let used = bytes("VmSize", SystemFile.text("/proc/self/status") ?? "")
    return max(0, Int(limit.rlim_cur) - used)
  }

  private static func bytes(_ name: String, _ text: String) -> Int {
    let words = SystemFile.value(of: name, in: text)?.split(separator: " ")
    return (words?.first.flatMap { Int($0) } ?? 0) * 1024
  }
}

/// The disk under a folder.
struct DiskFacts: Encodable {
  /// The folder.
  var folder: String
  /// The bytes that can still be written.
  var free: Int
  /// The seconds until a small write is on the disk, the median of several; nil when nothing can
  /// be written there.
  var fsyncSeconds: Double?

  /// The disk under the working directory.
  static var current: DiskFacts {
    let folder = FileManager.default.currentDirectoryPath
    return DiskFacts(
      folder: folder, free: freeBytes(folder), fsyncSeconds: synchronizationTime(folder))
  }

  private static func freeBytes(_ folder: String) -> Int {
    var facts = statvfs()
    guard statvfs(folder, &facts) == 0 else { return 0 }
    return Int(clamping: UInt64(facts.f_bavail) * UInt64(facts.f_frsize))
  }

  private static func synchronizationTime(_ folder: String) -> Double? {
    let path = "\(folder)/.codistill-doctor-\(getpid())"
    let descriptor = open(path, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { return nil }
    defer {
      close(descriptor)
      unlink(path)
    }
    let block = [UInt8](repeating: 0x5A, count: 4096)
    var times: [Double] = []
    for _ in 0..<9 {
      let start = ProcessInfo.processInfo.systemUptime
      guard write(descriptor, block, block.count) == block.count, fsync(descriptor) == 0 else {
        return nil
      }
      times.append(ProcessInfo.processInfo.systemUptime - start)
    }
    return times.sorted()[times.count / 2]
  }
}

/// The libraries that do the arithmetic.
struct LibraryFacts: Encodable {
  /// The kernel that makes the matrix products in float32.
  var products: String
  /// Whether the processor multiplies in bfloat16.
  var bfloat16: Bool
  /// The threads that work at once.
  var threads: Int
  /// The version of Unicode by which text is split, whatever libpcre2 knows.
  var unicode: String
  /// The version of Unicode that libpcre2 knows.
  var pcre2Unicode: String

  /// The libraries of this process.
  static var current: LibraryFacts {
    LibraryFacts(
      products: MatrixKernel.of(.float32).name,
      bfloat16: Precision.bfloat16.isSupported, threads: Parallel.threadCount,
      unicode: YoungCharacters.unicodeVersion, pcre2Unicode: YoungCharacters.libraryVersion)
  }
}

/// Small files in which the kernel tells about the machine.
enum SystemFile {
  /// The file's text; nil when it is not there.
  static func text(_ path: String) -> String? {
    guard let bytes = FileManager.default.contents(atPath: path) else { return nil }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// The value of the first line `name : value` of a file, or nil.
  static func value(of name: String, in text: String) -> String? {
    for line in text.split(separator: "\n") {
      let parts = line.split(separator: ":", maxSplits: 1)
      if parts.count == 2, parts[0].trimmingCharacters(in: .whitespaces) == name {
        return parts[1].trimmingCharacters(in: .whitespaces)
      }
    }
    return nil
  }
}
