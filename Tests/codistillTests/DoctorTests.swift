import Foundation
import Testing
import codistill

@Suite struct DoctorTests {
  @Test func theReportIsOneObject() throws {
    try inFolder { folder in
      let outcome = try Tool.run(["doctor", "--json"], in: folder)
      #expect(outcome.status == 0 && outcome.errors == "")
      let report = try #require(
        try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [String: Any])
      let keys: Set = [
        "version", "optimized", "system", "processor", "memory", "disk", "libraries",
        "open_files", "product_rates", "warnings",
      ]
      #expect(Set(report.keys) == keys)
      let rates = try #require(report["product_rates"] as? [String: Any])
      let float32 = try #require(rates["float32"] as? [String: Double])
      #expect(Set(float32.keys) == ["one_thread", "all_threads"])
      #expect(float32.values.allSatisfy { $0 > 0 })
      let processor = try #require(report["processor"] as? [String: Any])
      #expect(try #require(processor["usable_cores"] as? Int) >= 1)
      let disk = try #require(report["disk"] as? [String: Any])
      #expect(try #require(disk["fsync_seconds"] as? Double) >= 0)
      #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path()).isEmpty)
    }
  }

  @Test func peopleGetATable() throws {
    let outcome = try Tool.run(["doctor"])
    #expect(outcome.status == 0)
    #expect(outcome.output.contains("processor") && outcome.output.contains("fsync takes"))
    #expect(outcome.output.contains("float32, measured"))
    #expect(outcome.output.contains("GFLOP/s on one thread"))
  }

  /// Rates on one thread and on all, in GFLOP/s.
  private func rates(_ float32: (Double, Double), _ bfloat16: (Double, Double)?) -> ProductRates {
    func rate(_ figures: (Double, Double)) -> ProductRates.Rate {
      ProductRates.Rate(oneThread: 1e9 * figures.0, allThreads: 1e9 * figures.1)
    }
    return ProductRates(float32: rate(float32), bfloat16: bfloat16.map(rate))
  }

  @Test func slowBfloat16IsAWarning() throws {
    // The instructions are there, at half of float32's speed.
    let slow = rates((100, 200), (50, 101))
    #expect(slow.gain == 0.505)
    let warning = try #require(DoctorWarning.bfloat16(slow).first)
    #expect(warning.problem == "products in bfloat16 have 0.51 × the speed of float32")
    #expect(warning.remedy.contains("training.bf16"))
    #expect(warning.remedy.contains("--precision bfloat16"))
    // All threads decide: they are what a run uses.
    #expect(DoctorWarning.bfloat16(rates((100, 200), (120, 190))).count == 1)
  }

  @Test func fastOrMissingBfloat16IsNone() {
    #expect(DoctorWarning.bfloat16(rates((200, 400), (390, 780))) == [])
    #expect(DoctorWarning.bfloat16(rates((200, 400), (150, 400))) == [])
    #expect(DoctorWarning.bfloat16(rates((200, 400), nil)) == [])
    #expect(DoctorWarning.bfloat16(nil) == [])
  }

  @Test func theTightestControlGroupCounts() {
    let files = [
      "/sys/fs/cgroup/a/cpu.max": "150000 100000\n", "/sys/fs/cgroup/a/memory.max": "max\n",
      "/sys/fs/cgroup/a/b/cpu.max": "max 100000\n", "/sys/fs/cgroup/a/b/memory.max": "1000\n",
      "/sys/fs/cgroup/memory.max": "4000\n",
    ]
    let group = ControlGroup.reading(groups: "0::/a/b\n") { files[$0] }
    #expect(group.cores == 1.5)
    #expect(group.memoryBytes == 1000)
  }

  @Test func version1IsReadToo() {
    let files = [
      "/sys/fs/cgroup/cpu/d/cpu.cfs_quota_us": "50000\n",
      "/sys/fs/cgroup/cpu/d/cpu.cfs_period_us": "100000\n",
      "/sys/fs/cgroup/cpu/cpu.cfs_quota_us": "-1\n",
      "/sys/fs/cgroup/cpu/cpu.cfs_period_us": "100000\n",
      "/sys/fs/cgroup/memory/d/memory.limit_in_bytes": "9223372036854771712\n",
    ]
    let group = ControlGroup.reading(groups: "4:cpu,cpuacct:/d\n3:memory:/d\n") { files[$0] }
    #expect(group.cores == 0.5)
    #expect(group.memoryBytes == nil)
  }
}
