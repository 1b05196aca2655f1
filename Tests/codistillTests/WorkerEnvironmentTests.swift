import Testing

@testable import codistill

/// What launchers say of a process.
struct WorkerEnvironmentTests {
  private func worker(_ environment: [String: String]) throws -> [Int?]? {
    try WorkerEnvironment(environment).map { [$0.index, $0.count] }
  }

  @Test func eachLauncherIsUnderstood() throws {
    #expect(try worker([:]) == nil)
    #expect(try worker(["SLURM_PROCID": "3", "SLURM_NTASKS": "8"]) == [3, 8])
    #expect(try worker(["OMPI_COMM_WORLD_RANK": "1", "OMPI_COMM_WORLD_SIZE": "2"]) == [1, 2])
    #expect(try worker(["PMI_RANK": "0", "PMI_SIZE": "4"]) == [0, 4])
    #expect(try worker(["JOB_COMPLETION_INDEX": "5"]) == [5, nil])
    #expect(try worker(["SLURM_ARRAY_TASK_ID": "2"]) == [2, nil])
    let array = [
      "SLURM_ARRAY_TASK_ID": "30", "SLURM_ARRAY_TASK_COUNT": "4", "SLURM_ARRAY_TASK_MIN": "10",
      "SLURM_ARRAY_TASK_MAX": "40", "SLURM_ARRAY_TASK_STEP": "10",
    ]
    #expect(try worker(array) == [2, 4])
    let tasks = array.merging(["SLURM_PROCID": "1", "SLURM_NTASKS": "3"]) { $1 }
    #expect(try worker(tasks) == [7, 12])
  }

  /// A batch script has a rank too, though it is the only process.
  @Test func aBatchScriptIsNoRank() throws {
    var environment = ["SLURM_JOB_ID": "7", "SLURM_PROCID": "0", "SLURM_NTASKS": "4"]
    #expect(try worker(environment) == nil)
    environment["SLURM_STEP_ID"] = "0"
    #expect(try worker(environment) == [0, 4])
    environment["SLURM_STEP_NUM_TASKS"] = "2"
    #expect(try worker(environment) == [0, 2])
    // `mpirun` inside of it: its own ranks count.
    environment["OMPI_COMM_WORLD_RANK"] = "5"
    environment["OMPI_COMM_WORLD_SIZE"] = "6"
    #expect(try worker(environment) == [5, 6])
  }

  @Test(arguments: [
    ["SLURM_PROCID": "x", "SLURM_NTASKS": "8"], ["JOB_COMPLETION_INDEX": "-1"],
    // --array=1,3,7
    [
      "SLURM_ARRAY_TASK_ID": "3", "SLURM_ARRAY_TASK_COUNT": "3", "SLURM_ARRAY_TASK_MIN": "1",
      "SLURM_ARRAY_TASK_MAX": "7",
    ],
  ])
  func whatMakesNoSenseIsRefused(environment: [String: String]) {
    #expect(throws: (any Error).self) { try WorkerEnvironment(environment) }
  }
}
