package import Base

/// Why a cache cannot be audited.
package enum AuditError: Error, Equatable, CustomStringConvertible {
  /// The teacher is not the one that made the cache.
  case otherTeacher(path: String, found: String, expected: String)
  /// The dense cache does not hold the sequences of the cache.
  case otherData
  /// A cache that should be dense is not.
  case notDense(path: String, codec: String)
  /// The cache was emitted by its teacher's own training, of which only the end is there.
  case movingTeacher
  /// There is no source of the teacher's distributions.
  case noReference(teacher: String)

  /// One line: what was found, what was expected, and the remedy.
  package var description: String {
    switch self {
    case .otherTeacher(let path, let found, let expected):
      "\(path): has fingerprint \(found.prefix(12)), and the cache's teacher \(expected.prefix(12));"
        + " give the teacher that made the cache"
    case .otherData:
      "the reference holds other sequences than the cache; build it from the same data with"
        + " --codec dense and the same --sequence-length"
    case .notDense(let path, let codec):
      "\(path): is a \(codec) cache; --reference takes one built with --codec dense"
    case .movingTeacher:
      "the cache was emitted while its teacher was trained, and the finished teacher says other"
        + " things; emit a dense cache of the same training, and name it with --reference"
    case .noReference(let teacher):
      "the cache's teacher is not at \(teacher) any more; name it with --teacher, or a dense cache"
        + " of the same data with --reference"
    }
  }
}

extension AuditError: ExitStatusError {
  package var exitStatus: ExitStatus {
    switch self {
    case .otherTeacher, .otherData, .notDense, .movingTeacher: .badData
    case .noReference: .missingInput
    }
  }
}
