import Base
import Foundation
import Tensors

/// A checkpoint's record of itself: its run, its step, and its files. (`checkpoint.json`)
///
/// It is written last, so that every file of a checkpoint is known by its SHA-256: a flipped bit, a
/// lost tail, the file of another run or step is found before anything is read.
struct CheckpointSeal: Codable, Equatable {
  static let name = "checkpoint.json"

  /// The identity of the run, ``RunDirectory/identity(_:_:)``.
  let run: String
  /// The steps made before it was written.
  let step: Int
  /// The SHA-256 of every file by its path in the folder.
  let files: [String: String]

  /// Writes the seal of all that is in a folder.
  static func write(run: String, step: Int, in folder: String) throws {
    let seal = CheckpointSeal(run: run, step: step, files: try FileHashes.of(folder))
    try AtomicFile.write(try seal.bytes(), to: folder + "/" + name)
  }

  /// The seal in a checkpoint's folder.
  ///
  /// - Throws: ``CheckpointFault``.
  static func read(in folder: String) throws(CheckpointFault) -> CheckpointSeal {
    let bytes: Data
    do { bytes = Data(try OpenedFile(reading: folder + "/" + name).readAll()) } catch .missing {
      throw .unsealed
    } catch {
      throw .unreadable(file: name, reason: error.reason)
    }
    // What is not written as it would be again was changed, be it where no value is.
    guard let seal = try? JSONDecoder().decode(CheckpointSeal.self, from: bytes),
      (try? seal.bytes()) == bytes
    else { throw .changed(file: name) }
    return seal
  }

  /// Checks the files of a folder, or those below one of its folders, against the seal.
  ///
  /// - Throws: ``CheckpointFault`` naming the first that differs, is missing or is not listed.
  func check(_ folder: String, below prefix: String = "") throws {
    let found = try FileHashes.of(folder, below: prefix, except: Self.name)
    for (file, hash) in files.sorted(by: { $0.key < $1.key }) where file.hasPrefix(prefix) {
      guard let own = found[file] else { throw CheckpointFault.missing(file: file) }
      guard own == hash else { throw CheckpointFault.changed(file: file) }
    }
    if let extra = found.keys.filter({ files[$0] == nil }).min() {
      throw CheckpointFault.added(file: extra)
    }
  }

  private func bytes() throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return try encoder.line(self)
  }
}

/// The reason why a run cannot go on from a checkpoint.
enum CheckpointFault: Error, Equatable, CustomStringConvertible {
  /// It has no seal: it is of a version that wrote none, or the seal was removed.
  case unsealed
  /// A file is not a regular file, or the system refuses to read it.
  case unreadable(file: String, reason: String)
  /// A file is not what was written.
  case changed(file: String)
  /// A file is not there.
  case missing(file: String)
  /// A file is there that was not written.
  case added(file: String)
  /// It belongs to another run.
  case otherRun
  /// Its step is not that of its folder, or is none of the run's.
  case step(found: Int, last: Int)
  /// The best weights that it refers to, in a folder beside it, cannot be used.
  case best(folder: String, reason: String)

  var description: String {
    switch self {
    case .unsealed:
      "it has no \(CheckpointSeal.name) to check it by, as those of earlier versions have none (they "
        + "go on with their version, or by initialize.from its model in a new run)"
    case .unreadable(let file, let reason): "\(file) cannot be read: \(reason)"
    case .changed(let file): "\(file) is not what was written (its SHA-256 differs)"
    case .missing(let file): "\(file) is missing"
    case .added(let file): "\(file) is none of its files"
    case .otherRun: "it is of a run with another config or other inputs"
    case .step(let found, let last): "it says step \(found), of a run of \(last) steps"
    case .best(let folder, let reason): "of \(folder), which it refers to: \(reason)"
    }
  }
}

/// SHA-256 of files.
enum FileHashes {
  /// The hashes of all files of a folder by their paths in it, or of those whose paths begin alike.
  static func of(
    _ folder: String, below prefix: String = "", except: String? = nil
  ) throws -> [String: String] {
    let names = try FileManager.default.subpathsOfDirectory(atPath: folder).filter {
      $0.hasPrefix(prefix) && $0 != except && FileKind(of: folder + "/" + $0) != .folder
    }.sorted()
    let hashes = try Parallel.map(names.count) { try hash(folder + "/" + names[$0]) }
    return Dictionary(zip(names, hashes), uniquingKeysWith: { first, _ in first })
  }

  private static func hash(_ path: String) throws -> String {
    let file = try OpenedFile(reading: path)
    var digest = Digest()
    while true {
      let bytes = try file.next(count: 1 << 20)
      if bytes.isEmpty { break }
      digest.append(bytes)
    }
    return digest.hexadecimal
  }
}
