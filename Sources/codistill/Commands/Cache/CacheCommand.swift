import ArgumentParser

/// The commands about caches.
struct CacheCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "cache",
    abstract: "Make, look into and check caches of a teacher's signal.",
    discussion: """
      Example:
        codistill cache build --teacher teacher.gguf --data texts/ --output caches/first
        codistill cache inspect caches/first --position 17
        codistill cache verify caches/first
        codistill cache audit caches/first --svg audit.svg
      """,
    subcommands: [
      CacheBuildCommand.self, CacheCommitCommand.self, CacheInspectCommand.self,
      CacheVerifyCommand.self, CacheAuditCommand.self, CacheRepairCommand.self,
      CacheMergeCommand.self, CacheExportCommand.self, CacheImportCommand.self,
    ])
}
