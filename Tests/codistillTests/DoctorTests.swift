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
        "open_files", "warnings",
      ]
      #expect(Set(report.keys) == keys)
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
