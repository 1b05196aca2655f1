import Foundation

/// What a step of work took, as a line of JSON.
struct Measurement: Encodable {
  /// The wall time.
  var seconds: Double
  /// The predictions that the step was about.
  var tokens: Int
  /// The floating-point operations that it needs; see ``OperationCount``.
  var flops: Double?
  /// The part of the time that went into reading, forward and backward, when taken apart.
  var forwardBackwardSeconds: Double?
  /// The part of the time that went into the optimizer, when taken apart.
  var updateSeconds: Double?
  /// The largest resident size of the process so far.
  var peakRssBytes = PeakMemory.bytes
}

/// The largest resident size of this process.
enum PeakMemory {
  /// The kernel's high-water mark; 0 where there is no /proc.
  ///
  /// `getrusage` would include what the process was before `exec`: the size of its parent.
  static var bytes: Int {
    let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
    let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
    let kilobytes = line?.split(whereSeparator: \.isWhitespace).dropFirst().first
    return (kilobytes.flatMap { Int($0) } ?? 0) * 1024
  }
}

/// The seconds that a piece of work takes.
func seconds(_ work: () throws -> Void) rethrows -> Double {
  let began = ContinuousClock.now
  try work()
  return (ContinuousClock.now - began) / .seconds(1)
}
