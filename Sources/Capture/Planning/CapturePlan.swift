import Base
public import Shards

/// The size and duration of a capture, predicted from a sample of its sequences.
public struct CapturePlan: Sendable {
  /// One way to store the teacher's distributions.
  public struct Size: Sendable {
    /// The codec that stores them.
    public var codec: CacheCodec
    /// Stored entries a position, in the mean; V for the dense codec.
    public var entriesPerToken: Double
    /// The bytes of all files.
    public var bytes: Int
    /// The bytes of all files a token.
    public var bytesPerToken: Double
    /// The half-width of the 95 % interval of the bytes, as a share of them, by the sample's
    /// spread.
    public var uncertainty: Double
  }

  /// The positions of the whole capture.
  public var tokens: Int
  /// Its sequences.
  public var sequences: Int
  /// The positions that the prediction rests on.
  public var sampledTokens: Int
  /// The positions of each sequence that were looked at, where the teacher is too slow for all.
  ///
  /// Beginnings are harder to predict, and so the bytes come out somewhat high. Nil for all.
  public var cutTo: Int?
  /// The codec that was asked for, and then others.
  public var sizes: [Size]
  /// Its speed, from the logits to the bytes of the frames.
  public var tokensPerSecond: Double
  /// The seconds that the capture will take at this speed, the tables' calibration included.
  public var seconds: Double
  /// The speed of the teacher's forward pass alone.
  public var teacherTokensPerSecond: Double
  /// The speed of reading such a cache.
  public var readTokensPerSecond: Double
  /// The process's largest resident size while it made frames as the capture will.
  public var peakBytes: Int

  /// The point from which on caching beats running the teacher live, under this plan.
  package var breakEven: BreakEven {
    BreakEven(
      captureSeconds: seconds, liveSeconds: Double(tokens) / teacherTokensPerSecond,
      readSeconds: Double(tokens) / readTokensPerSecond)
  }
}

/// The number of passes over the data after which a cache has paid for itself.
///
/// A student's own work is the same either way. Beside it, a pass with the teacher live costs the
/// teacher's forward passes, and one from a cache its reading; the cache also costs its capture
/// once. Caching n passes is cheaper than running the teacher in them as soon as
/// capture + n · reading < n · live. Every run, and every epoch of a run, is a pass.
package struct BreakEven: Sendable, Equatable {
  /// The seconds of the capture.
  package var captureSeconds: Double
  /// The seconds of the teacher's forward passes over the data.
  package var liveSeconds: Double
  /// The seconds of reading the cache once.
  package var readSeconds: Double

  /// The costs of both ways.
  package init(captureSeconds: Double, liveSeconds: Double, readSeconds: Double) {
    self.captureSeconds = captureSeconds
    self.liveSeconds = liveSeconds
    self.readSeconds = readSeconds
  }

  /// The least number of passes from which on the cache is cheaper; nil if reading is no cheaper
  /// than the teacher.
  package var passes: Int? {
    let saved = liveSeconds - readSeconds
    guard saved > 0, captureSeconds / saved < 1e15 else { return nil }
    return Int((captureSeconds / saved).rounded(.down)) + 1
  }

  /// The ratio of a pass's duration with the teacher live to one from the cache, for a student
  /// whose own work takes so many seconds.
  package func speedup(studentSeconds: Double) -> Double {
    (studentSeconds + liveSeconds) / (studentSeconds + readSeconds)
  }
}

extension CapturePlan: Encodable {
  /// Encodes the plan with the passes from which on it pays; its time is in hours.
  public func encode(to encoder: any Encoder) throws {
    try encoder.encode([
      "tokens": tokens, "sequences": sequences, "sampledTokens": sampledTokens, "cutTo": cutTo,
      "sizes": sizes, "tokensPerSecond": tokensPerSecond, "hours": seconds / 3600,
      "teacherTokensPerSecond": teacherTokensPerSecond,
      "readTokensPerSecond": readTokensPerSecond, "breakEvenPasses": breakEven.passes,
    ])
  }
}

extension CapturePlan.Size: Encodable {
  /// Encodes the size under the codec's name and its one setting.
  public func encode(to encoder: any Encoder) throws {
    try encoder.encode([
      "codec": codec.name, "setting": codec.setting, "entriesPerToken": entriesPerToken,
      "bytesPerToken": bytesPerToken, "cacheBytes": bytes, "uncertainty": uncertainty,
    ])
  }
}
