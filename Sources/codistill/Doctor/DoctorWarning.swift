import Reports

/// Something that slows the machine down or will stop a run, and what to do about it.
package struct DoctorWarning: Encodable, Equatable {
  /// The problem that was found.
  package var problem: String
  /// The remedy.
  package var remedy: String

  /// Everything in a report that is worth a warning.
  static func all(in report: DoctorReport) -> [DoctorWarning] {
    let found = build(report) + processor(report.processor, report.libraries)
    let warnings = (found + memory(report.memory) + disk(report.disk)).compactMap { $0 }
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

  private static func build(_ report: DoctorReport) -> [DoctorWarning?] {
    [
      DoctorWarning(
        where: !report.optimized, "this is a debug build, many times slower than it could be",
        remedy: "build with swift build -c release"),
      DoctorWarning(
        where: report.openFiles < 1024, "only \(report.openFiles) files may be open at once",
        remedy: "raise it with ulimit -n 4096"),
    ]
  }

  private static func processor(
    _ facts: ProcessorFacts, _ libraries: LibraryFacts
  ) -> [DoctorWarning?] {
    let cores = min(Double(facts.usableCores), facts.limit ?? .infinity)
    return [
      DoctorWarning(
        where: !facts.features.contains("avx2"), "the processor has no AVX2",
        remedy: "expect a fraction of the usual speed"),
      DoctorWarning(
        where: Double(libraries.threads) > cores + 0.5,
        "\(libraries.threads) threads share \(Figures.significant(cores)) cores' time",
        remedy: "pass --threads \(max(1, Int(cores)))"),
      DoctorWarning(
        where: facts.load > Double(facts.usableCores) + 0.5,
        "other processes keep the processor busy (load \(Figures.significant(facts.load)))",
        remedy: "wait for them, or pass fewer --threads"),
      DoctorWarning(
        where: facts.governor == "powersave", "the clock is governed by 'powersave'",
        remedy: "run cpupower frequency-set -g performance"),
    ]
  }

  private static func memory(_ facts: MemoryFacts) -> [DoctorWarning?] {
    [
      DoctorWarning(
        where: facts.usable < 4_000_000_000,
        "only \(Figures.bytes(facts.usable)) of memory can be had",
        remedy: "close other programs, or raise the container's limit; the demo takes 2 GB")
    ]
  }

  private static func disk(_ facts: DiskFacts) -> [DoctorWarning?] {
    let seconds = facts.fsyncSeconds ?? 0
    return [
      DoctorWarning(
        where: facts.free < 2_000_000_000,
        "only \(Figures.bytes(facts.free)) are free under \(facts.folder)",
        remedy: "free some space, or work on another disk"),
      DoctorWarning(
        where: facts.fsyncSeconds == nil, "\(facts.folder) cannot be written to",
        remedy: "give caches and runs an output on another disk"),
      DoctorWarning(
        where: seconds > 0.05, "an fsync takes \(Figures.significant(seconds * 1000)) ms",
        remedy: "keep caches and runs on a local disk"),
    ]
  }
}

extension DoctorWarning {
  /// A warning where there is cause for one, else nil.
  private init?(where isSo: Bool, _ problem: String, remedy: String) {
    guard isSo else { return nil }
    self.init(problem: problem, remedy: remedy)
  }
}
