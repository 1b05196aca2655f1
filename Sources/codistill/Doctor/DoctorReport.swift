import Foundation
import Reports

/// The machine's parts and speed, and warnings of what slows it down. (`doctor`)
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
  /// The measured speed of matrix products; nil where nothing can multiply.
  var productRates = ProductRates.measured()
  /// The files that the process may hold open.
  var openFiles = openFileLimit
  /// The causes that slow the machine down, and their remedies.
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
      ("float32, measured", Self.text(productRates.float32)),
      ("bfloat16, measured", bfloat16Text),
      ("threads", "\(libraries.threads)"),
      ("Unicode", "\(libraries.unicode) (libpcre2: \(libraries.pcre2Unicode))"),
    ]
  }

  private var bfloat16Text: String {
    guard libraries.bfloat16 else { return "none in this processor" }
    let gain = productRates.gain.map { ", \(Figures.significant($0)) × float32" } ?? ""
    return Self.text(productRates.bfloat16) + gain
  }

  /// Rates in 10⁹ operations a second.
  private static func text(_ rate: ProductRates.Rate?) -> String {
    guard let rate else { return "not measured" }
    let (one, all) = (rate.oneThread / 1e9, rate.allThreads / 1e9)
    return "\(Figures.significant(one)) GFLOP/s on one thread, \(Figures.significant(all)) on all"
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
