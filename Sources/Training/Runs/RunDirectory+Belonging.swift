import Base
import Capture
import Foundation

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
