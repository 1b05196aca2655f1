import Foundation

/// Units per second, the last ten seconds or so weighing most.
struct SmoothedRate {
  private static let memory = 10.0
  private var last: (done: Int, time: Double)?
  private var weightedDone = 0.0
  private var weightedTime = 0.0

  /// The rate so far; nil before anything was measured.
  var perSecond: Double? { weightedTime > 0 ? weightedDone / weightedTime : nil }

  /// Adds a measurement: the units done in all, at a time in seconds.
  mutating func add(done: Int, at time: Double) {
    defer { last = (done, time) }
    guard let last, time > last.time else { return }
    let elapsed = time - last.time
    let kept = exp(-elapsed / Self.memory)
    weightedDone = weightedDone * kept + Double(done - last.done)
    weightedTime = weightedTime * kept + elapsed
  }
}
