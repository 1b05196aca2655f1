import Base
import Capture
import Foundation

/// The folder of a run: its config, manifest, metrics and checkpoints, and the lock on it.
///
///     config.resolved.yaml   every value that the run uses
///     run.json               version, command, fingerprints, seed, host, and how it ended
///     metrics.jsonl          one JSON object a line
///     checkpoints/step-000010/ …
///     checkpoints/best-000008/ …  with `keep: best`: the weights that such a checkpoint refers to
///     model/                 the trained model, a Hugging Face folder
///     emitted.spool …        until the end: what `emit_cache` will write
///     measured.json …        in a comparison: what was measured of it, or where it diverged
///     events.out.tfevents.…  in a comparison: its metrics for TensorBoard
package final class RunDirectory {
  /// The folder's path.
  package let path: String
  /// The facts that the run was made with.
  package private(set) var manifest: RunManifest
  /// The identity that the run's checkpoints carry.
  let identity: String
  private let lock: FileLock

  /// Creates the run, or opens it to go on with, and locks it.
  ///
  /// The config may differ from the first time only in how often things are saved and logged,
  /// and in the time limit. Throws: `RunError`.
  package init(path: String, config: RunConfig, manifest: RunManifest) throws {
    self.path = path
    try Self.createFolders(path)
    lock = try FileLock(folder: path)
    let files = RunFiles(folder: path)
    identity = Self.identity(config.yaml, manifest.fingerprints)
    if FileManager.default.fileExists(atPath: files.manifest) {
      self.manifest = try RunManifest.read(files.manifest)
      try Self.requireSameConfig(config.yaml, files)
      try Self.requireSameInputs(self.manifest, manifest.fingerprints, path)
      guard isFinished || self.manifest.dataOrder == manifest.dataOrder else {
        throw RunError.differentOrder(path: path, version: self.manifest.version)
      }
      try Self.keep(config.yaml, in: files)
      return
    }
    try Self.requireOwnCheckpoints(identity, path)
    self.manifest = manifest
    // The manifest comes last: a folder without one has not begun.
    try AtomicFile.write(config.yaml, to: files.config)
    try manifest.write(files.manifest)
  }

  /// The metrics.
  package var metrics: MetricsLog { MetricsLog(path: RunFiles(folder: path).metrics) }

  /// Keeps the config as it is now: its paths may have changed.
  private static func keep(_ yaml: String, in files: RunFiles) throws {
    guard (try? OpenedFile(reading: files.config).readAll()) != Array(yaml.utf8) else { return }
    try AtomicFile.write(yaml, to: files.config)
  }

  /// Whether the run was made to its end.
  package var isFinished: Bool { manifest.result != nil }

  /// Records how the run ended.
  package func finish(_ result: RunManifest.Result) throws {
    manifest.result = result
    try manifest.write(RunFiles(folder: path).manifest)
  }

  /// Checks that a folder holds nothing but this run; writes nothing and takes no lock.
  ///
  /// - Returns: The manifest of the run there; nil where there is none yet.
  /// - Throws: `RunError` where it holds no run, or one with another config or other inputs.
  @discardableResult
  package static func require(
    _ config: RunConfig, fingerprints: [String: String], at path: String
  ) throws -> RunManifest? {
    let files = RunFiles(folder: path)
    guard FileManager.default.fileExists(atPath: files.manifest) else {
      let present = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
      guard present.allSatisfy(RunFiles.isOwn) || hasSealedCheckpoint(path) else {
        throw RunError.notARun(path: path)
      }
      try requireOwnCheckpoints(identity(config.yaml, fingerprints), path)
      return nil
    }
    let manifest = try RunManifest.read(files.manifest)
    try requireSameConfig(config.yaml, files)
    try requireSameInputs(manifest, fingerprints, path)
    guard manifest.result != nil || manifest.dataOrder == DataOrder.algorithm else {
      throw RunError.differentOrder(path: path, version: manifest.version)
    }
    return manifest
  }

  private static func createFolders(_ path: String) throws {
    let present = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
    guard present.allSatisfy(RunFiles.isOwn) || hasSealedCheckpoint(path) else {
      guard present.contains(RunFiles.manifestName) else { throw RunError.notARun(path: path) }
      return
    }
    try Folder.make(RunFiles(folder: path).checkpoints)
  }
}

/// The names of a run's files.
package struct RunFiles {
  static let manifestName = "run.json"
  /// The names that a run's folder may hold without a manifest.
  ///
  /// `model` is none of them: one that no manifest stands beside may be anyone's, and a run would
  /// replace it at its end.
  private static let names: Set = [
    "config.resolved.yaml", manifestName, "metrics.jsonl", "checkpoints", "emitted.spool",
    "emitted.path",
    "diverged.json",
  ]

  /// Whether a name is that of a file of a run, or hidden.
  static func isOwn(_ name: String) -> Bool {
    names.contains(name) || name.hasPrefix(".") || name.hasPrefix("events.out.tfevents.")
      || (name.hasPrefix("measured") && name.hasSuffix(".json"))
  }

  package let folder: String

  /// The files of a run in a folder.
  package init(folder: String) {
    self.folder = folder
  }
  var config: String { folder + "/config.resolved.yaml" }
  package var manifest: String { folder + "/" + Self.manifestName }
  var metrics: String { folder + "/metrics.jsonl" }
  package var checkpoints: String { folder + "/checkpoints" }
  package var model: String { folder + "/model" }
  /// The sequences of a cache that is emitted at the end.
  var emitted: String { folder + "/emitted.spool" }
  /// The mark that the folder of that cache is this run's.
  var emissionMark: String { folder + "/emitted.path" }
}

/// The parts that belong to a run: the same config, the same inputs, checkpoints made with them.
extension RunDirectory {
  /// SHA-256 of everything that decides what a run learns.
  static func identity(_ yaml: String, _ fingerprints: [String: String]) -> String {
    let inputs = fingerprints.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)" }
    return Digest(of: ["run 1", DataOrder.algorithm] + decisiveLines(yaml) + inputs).hexadecimal
  }

  /// Checks, in a folder without a manifest, that the checkpoints are those of a run.
  ///
  /// - Throws: ``RunError/foreignCheckpoints(path:)`` where they are another's, or do not say
  ///   whose.
  static func requireOwnCheckpoints(_ identity: String, _ path: String) throws(RunError) {
    let checkpoints = RunCheckpoint.all(in: RunFiles(folder: path).checkpoints)
    guard !checkpoints.isEmpty else { return }
    let owners = checkpoints.compactMap { try? CheckpointSeal.read(in: $0.path).run }
    guard Set(owners) == [identity] else { throw .foreignCheckpoints(path: path) }
  }

  /// Whether a folder holds a checkpoint that says whose it is.
  static func hasSealedCheckpoint(_ path: String) -> Bool {
    RunCheckpoint.all(in: RunFiles(folder: path).checkpoints).contains {
      FileManager.default.fileExists(atPath: $0.path + "/" + CheckpointSeal.name)
    }
  }

  static func requireSameConfig(_ yaml: String, _ files: RunFiles) throws(RunError) {
    let bytes: [UInt8]
    do { bytes = try OpenedFile(reading: files.config).readAll() } catch {
      throw .corrupt(path: files.config, reason: error.reason)
    }
    let old = decisiveLines(String(decoding: bytes, as: UTF8.self))
    let new = decisiveLines(yaml)
    guard old != new else { return }
    let line = zip(old, new).first { $0 != $1 }?.0 ?? old.dropFirst(new.count).first ?? ""
    throw .differentConfig(
      path: files.folder, line: line.trimmingCharacters(in: .whitespaces))
  }

  /// The lines of a config that change what a run learns.
  ///
  /// The place of an input does not: it may be moved, and its fingerprint tells whether it is the
  /// same.
  private static func decisiveLines(_ yaml: String) -> [String] {
    let free = ["save_steps:", "logging_steps:", "max_seconds:", "output:", "tokenizer:"]
    let places = ["cache:", "teacher:", "paths:", "path:", "from:"]
    return yaml.split(separator: "\n").map(String.init).compactMap { line in
      let text = line.trimmingCharacters(in: .whitespaces)
      if free.contains(where: text.hasPrefix) { return nil }
      return places.first(where: text.hasPrefix) ?? line
    }
  }

  static func requireSameInputs(
    _ old: RunManifest, _ new: [String: String], _ path: String
  ) throws(RunError) {
    for (name, expected) in old.fingerprints.sorted(by: { $0.key < $1.key }) {
      let found = new[name] ?? "none"
      guard found == expected else {
        throw .differentInput(path: path, name: name, expected: expected, found: found)
      }
    }
  }
}

/// A lock on a folder that the system releases when the process ends, however it ends.
package struct FileLock: ~Copyable, Sendable {
  private let file: OpenedFile

  /// Takes the lock of a folder.
  ///
  /// - Throws: `RunError.locked` when another process holds it, `FileError` where there can be
  ///   none.
  package init(folder: String) throws {
    guard let file = try OpenedFile.claim(folder + "/.lock") else {
      throw RunError.locked(path: folder)
    }
    self.file = file
  }
}
