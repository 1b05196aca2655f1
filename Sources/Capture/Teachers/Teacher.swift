import Base
public import Models
public import Shards
import Tensors
public import Text

/// A teacher, with its weights in memory or in their file.
///
/// Both compute the same bits; see ``TeacherRunner``.
public enum Teacher {
  /// All weights are in memory, as float32.
  case resident(Decoder)
  /// The weights of one layer at a time are.
  case streamed(StreamedDecoder)

  /// The teacher's shape.
  public var config: DecoderConfig {
    switch self {
    case .resident(let decoder): decoder.config
    case .streamed(let decoder): decoder.config
    }
  }

  /// The number of sequences that it should be given at once.
  ///
  /// With all weights in memory, enough that every thread has several and an interruption is soon
  /// noticed. When they are read anew for every batch, enough that reading costs little beside
  /// computing.
  package var sequencesPerBatch: Int {
    let several = 4 * Parallel.threadCount
    return if case .streamed = self { max(64, several) } else { several }
  }
}

extension CacheBuilder {
  /// A builder for a teacher in memory.
  public init(
    teacher: Decoder, sequences: [PackedSequence], capture: CaptureConfig,
    isInterrupted: @escaping () -> Bool = { false },
    progress: @escaping (Progress) -> Void = { _ in }
  ) {
    self.init(
      teacher: .resident(teacher), sequences: sequences, capture: capture,
      isInterrupted: isInterrupted, progress: progress)
  }
}
