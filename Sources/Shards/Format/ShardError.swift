package import Base

/// Why a cache could not be written or read; each description is one line with the remedy.
public enum ShardError: Error, Equatable, CustomStringConvertible {
  /// A setting of the capture is outside what the format holds.
  case invalidSetting(name: String, reason: String)
  /// A row of logits holds NaN or +infinity, or nothing but -infinity.
  case invalidLogits(position: Int)
  /// A sequence handed to the writer does not fit the format or its capture settings.
  case invalidSequence(reason: String)
  /// A file or folder that should be there is not.
  case missing(path: String)
  /// Git LFS or git-annex put a pointer in the file's place; the text says so.
  case notFetched(String)
  /// The folder has captured frames, but no manifest yet.
  case unfinished(path: String)
  /// The folder holds something other than an unfinished cache.
  case notACache(path: String, found: String)
  /// Another process is writing into the folder.
  case locked(path: String)
  /// An unfinished or finished cache was begun with other settings.
  case captureMismatch(path: String, key: String, found: String, expected: String)
  /// Two captures cannot be parts of one cache.
  case incompatible(path: String, key: String, found: String, other: String)
  /// A part is already among those of the cache.
  case partTwice(path: String, earlier: String)
  /// Units of a cache in the making are not there, or damaged.
  case unitsMissing(path: String, units: [Int], of: Int)
  /// A part is to be mended by a machine that computes otherwise.
  case otherArithmetic(path: String, found: String, expected: String)
  /// The same settings gave other bytes than the manifest states.
  case otherBytes(path: String)
  /// The file's bytes are not what was written.
  case corrupt(path: String, reason: String)
  /// The sequences that a training has set aside for its cache are not what was written.
  case damagedSpool(path: String, reason: String)
  /// The file was written by a newer version of the format.
  case unsupportedVersion(path: String, version: Int)
  /// No space is left where the file should go.
  case diskFull(path: String)
  /// The system refused to read, write or create a file.
  case system(path: String, operation: String, reason: String)
  /// The cache has no sequence of this number.
  case noSuchSequence(index: Int, count: Int)

  /// One line that names the file, what was found and what to do.
  public var description: String {
    switch self {
    case .invalidSetting(let name, let reason): "\(name): \(reason)"
    case .invalidLogits(let position):
      "the teacher's logits at position \(position) hold NaN or infinity; check its weights"
    case .invalidSequence(let reason): "this sequence cannot be cached: \(reason)"
    case .missing(let path): "\(path): not found; check the path of the cache"
    case .notFetched(let text): text
    case .unfinished(let path):
      "\(path): this cache is unfinished; run the same `cache build` again to complete it"
    case .notACache(let path, let found):
      "\(path): holds \(found), which is no part of an unfinished cache; choose another folder"
    case .locked(let path):
      "\(path): another process is writing this cache; try again when it has ended"
    case .captureMismatch(let path, let key, let found, let expected):
      "\(path): was begun with \(key) = \(found), not \(expected);"
        + " use the same settings or another folder"
        + (key == "data_fingerprint" ? ", or --append to add data to a finished cache" : "")
    case .incompatible(let path, let key, let found, let other):
      "\(path): has \(key) = \(found), the other part \(other);"
        + " one cache has one teacher, tokenizer, vocabulary and codec"
    case .partTwice(let path, let earlier):
      "\(path): holds a part that \(earlier) holds too; name each once"
    case .unitsMissing(let path, let units, let count):
      "\(path): \(units.count) of \(count) units are missing or damaged (\(ranges(units)));"
        + " run the `cache build` of their workers again, then `cache commit`"
    case .otherArithmetic(let path, let found, let expected):
      "\(path): was made with \(found), here it would be \(expected), which gives other bytes;"
        + " repair it on such a machine, or with --force, which the manifest records"
    case .otherBytes(let path):
      "\(path): made again under the same settings, it has other bytes than the manifest states;"
        + " use the program and the machine type that it was made with"
    case .corrupt(let path, let reason):
      "\(path): \(reason); restore the file, or run `cache repair`"
    case .damagedSpool(let path, let reason):
      "\(path): \(reason); restore the file, or start the run anew in another folder"
    case .unsupportedVersion(let path, let version):
      "\(path): format version \(version) is not known here; use a newer codistill"
    case .diskFull(let path): "\(path): the disk is full; free some space and run again"
    case .system(let path, let operation, let reason):
      "\(path): cannot \(operation): \(reason); check the path, its permissions and the disk"
    case .noSuchSequence(let index, let count):
      "there is no sequence \(index): the cache has \(count), counted from 0"
    }
  }
}

/// Ascending numbers as people write them: `2, 5–7, 9`; of many, the first few.
private func ranges(_ numbers: [Int]) -> String {
  var runs: [ClosedRange<Int>] = []
  for number in numbers {
    if let last = runs.last, last.upperBound == number - 1 {
      runs[runs.count - 1] = last.lowerBound...number
    } else {
      runs.append(number...number)
    }
  }
  let shown = runs.prefix(12).map {
    $0.count == 1 ? "\($0.lowerBound)" : "\($0.lowerBound)–\($0.upperBound)"
  }
  return (shown + (runs.count > 12 ? ["…"] : [])).joined(separator: ", ")
}

extension ShardError: ExitStatusError {
  package var exitStatus: ExitStatus {
    switch self {
    case .missing: .missingInput
    case .invalidSetting, .noSuchSequence: .usage
    case .notACache: .cannotCreate
    case .locked, .unfinished, .unitsMissing: .tryAgain
    case .captureMismatch: .badConfig
    case .system(_, let operation, _):
      operation.hasPrefix("create") ? .cannotCreate : .inputOutput
    case .diskFull: .inputOutput
    case .invalidLogits, .invalidSequence, .notFetched, .incompatible, .partTwice,
      .otherArithmetic, .otherBytes, .corrupt, .damagedSpool, .unsupportedVersion:
      .badData
    }
  }
}
