import Reports

/// Something that slows the machine down or will stop a run, and what to do about it.
package struct DoctorWarning: Encodable, Equatable {
  /// The problem that was found.
  package var problem: String
  /// The remedy.
  package var remedy: String

  /// Everything in a report that is worth a warning.
  static func all(in report: DoctorReport) -> [DoctorWarning] {
    var warnings = build(report) + processor(report.processor, report.libraries)
    warnings += memory(report.memory) + disk(report.disk)
    // A debug build's rates say nothing of the machine.
    return report.optimized ? warnings + bfloat16(report.productRates) : warnings
  }

  /// A warning where bfloat16 is slower than float32.
  ///
  /// Processors may have its instructions without the units that would make them fast.
  package static func bfloat16(_ rates: ProductRates?) -> [DoctorWarning] {
    guard let gain = rates?.gain, gain < 1 else { return [] }
    return [
      DoctorWarning(
        problem: "products in bfloat16 have \(Figures.significant(gain)) × the speed of float32",
        remedy: "leave out training.bf16 and --precision bfloat16 on this machine")
    ]
  }

  private static func build(_ report: DoctorReport) -> [DoctorWarning] {
    var warnings: [DoctorWarning] = []
    if !report.optimized {
      warnings.append(
        DoctorWarning(
          problem: "this is a debug build, many times slower than it could be",
          remedy: "build with swift build -c release"))
    }
    if report.openFiles < 1024 {
      warnings.append(
        DoctorWarning(
          problem: "only \(report.openFiles) files may be open at once",
          remedy: "raise it with ulimit -n 4096"))
    }
    return warnings
  }

  private static func processor(
    _ facts: ProcessorFacts, _ libraries: LibraryFacts
  ) -> [DoctorWarning] {
    var warnings: [DoctorWarning] = []
    if !facts.features.contains("avx2") {
      warnings.append(
        DoctorWarning(
          problem: "the processor has no AVX2", remedy: "expect a fraction of the usual speed"))
    }
    let cores = min(Double(facts.usableCores), facts.limit ?? .infinity)
    if Double(libraries.threads) > cores + 0.5 {
      warnings.append(
        DoctorWarning(
          problem: "\(libraries.threads) threads share \(Figures.significant(cores)) cores' time",
          remedy: "pass --threads \(max(1, Int(cores)))"))
    }
    if facts.load > Double(facts.usableCores) + 0.5 {
      warnings.append(
        DoctorWarning(
          problem:
            "other processes keep the processor busy (load \(Figures.significant(facts.load)))",
          remedy: "wait for them, or pass fewer --threads"))
    }
    if facts.governor == "powersave" {
      warnings.append(
        DoctorWarning(
          problem: "the clock is governed by 'powersave'",
          remedy: "run cpupower frequency-set -g performance"))
    }
    return warnings
  }

  private static func memory(_ facts: MemoryFacts) -> [DoctorWarning] {
    guard facts.usable < 4_000_000_000 else { return [] }
    return [
      DoctorWarning(
        problem: "only \(Figures.bytes(facts.usable)) of memory can be had",
        remedy: "close other programs, or raise the container's limit; the demo takes 2 GB")
    ]
  }

  private static func disk(_ facts: DiskFacts) -> [DoctorWarning] {
    var warnings: [DoctorWarning] = []
    if facts.free < 2_000_000_000 {
      warnings.append(
        DoctorWarning(
          problem: "only \(Figures.bytes(facts.free)) are free under \(facts.folder)",
          remedy: "free some space, or work on another disk"))
    }
    guard let seconds = facts.fsyncSeconds else {
      return warnings + [
        DoctorWarning(
          problem: "\(facts.folder) cannot be written to",
          remedy: "give caches and runs an output on another disk")
      ]
    }
    if seconds > 0.05 {
      warnings.append(
        DoctorWarning(
          problem: "an fsync takes \(Figures.significant(seconds * 1000)) ms",
          remedy: "keep caches and runs on a local disk"))
    }
    return warnings
  }
}
