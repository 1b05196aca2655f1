import Foundation
import Reports

/// What this machine gives, and what slows it down. (`doctor`)
struct DoctorReport: Encodable {
  /// The tool's version.
  var version = Version.current
  /// Whether the compiler optimised the tool.
  var optimized = isOptimized
  /// The operating system.
  var system = ProcessInfo.processInfo.operatingSystemVersionString
  /// The processor.
  var processor = ProcessorFacts.current
  /// The memory.
  var memory = MemoryFacts.current
  /// The disk under the working directory.
  var disk = DiskFacts.current
  /// The libraries.
  var libraries = LibraryFacts.current
  /// The files that the process may hold open.
  var openFiles = openFileLimit
  /// What slows the machine down, and the remedies.
  var warnings: [DoctorWarning] = []

  private static var isOptimized: Bool {
    #if DEBUG
      false
    #else
      true
    #endif
  }

  private static var openFileLimit: Int {
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return 0 }
    return Int(clamping: limit.rlim_cur)
  }
}

extension DoctorReport {
  /// The report of this machine, with its warnings.
  static var current: DoctorReport {
    var report = DoctorReport()
    report.warnings = DoctorWarning.all(in: report)
    return report
  }

  /// The report for people.
  var text: String {
    var table = Table([.words("what"), .words("found")])
    for (name, value) in rows { table.append([name, value]) }
    let warnings = warnings.map { "! \($0.problem): \($0.remedy)" }
    let verdict = warnings.isEmpty ? ["Nothing slows this machine down."] : warnings
    return ([table.text, ""] + verdict).joined(separator: "\n")
  }

  private var rows: [(String, String)] {
    [
      ("codistill", version + (optimized ? "" : " (debug build)")), ("system", system),
      ("processor", processor.name), ("cores", coresText),
      ("vectors", processor.features.joined(separator: " ")),
      ("load", Figures.decimal(processor.load, places: 2)),
      ("memory", memoryText), ("disk", diskText), ("open files", "\(openFiles)"),
      ("matrix products", libraries.products),
      ("bfloat16", libraries.bfloat16 ? "yes" : "no"),
      ("threads", "\(libraries.threads)"),
      ("Unicode", "\(libraries.unicode) (libpcre2: \(libraries.pcre2Unicode))"),
    ]
  }

  private var coresText: String {
    let limit = processor.limit.map { ", limited to \(Figures.significant($0))" } ?? ""
    let nodes = processor.numaNodes > 1 ? ", \(processor.numaNodes) NUMA nodes" : ""
    return "\(processor.usableCores) of \(processor.cores)" + limit + nodes
  }

  private var memoryText: String {
    let limit = memory.limit.map { ", limited to \(Figures.bytes($0))" } ?? ""
    return "\(Figures.bytes(memory.available)) free of \(Figures.bytes(memory.total))" + limit
  }

  private var diskText: String {
    let speed = disk.fsyncSeconds.map { "fsync takes \(Figures.significant($0 * 1000)) ms" }
    return "\(Figures.bytes(disk.free)) free, " + (speed ?? "not writable")
  }
}
