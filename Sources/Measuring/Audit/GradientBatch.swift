import Foundation
import Tensors

/// The output layer's gradient Σ (q − p) hᵀ over a batch by the whole distributions (V × width),
/// with which those of any number of schemes are compared.
struct GradientBatch {
  typealias Hidden = SIMD64<Float>

  /// The hidden state of each position so far.
  private(set) var hidden: [Hidden] = []
  private let student: StudentDistribution
  /// Σ p hᵀ, row after row.
  private let weighted: Storage

  init(_ student: StudentDistribution) {
    self.student = student
    weighted = Storage(zeros: student.probabilities.count * WeakStudent.width)
  }

  /// Adds the distributions of some positions (rows × V).
  mutating func add(_ probabilities: UnsafePointer<Float>, inputs: some Sequence<Int32>) {
    let new = inputs.map { Hidden(WeakStudent.hidden(after: $0)) }
    hidden += new
    let (V, width) = (student.probabilities.count, WeakStudent.width)
    new.withUnsafeBytes { bytes in
      guard let base = bytes.bindMemory(to: Float.self).baseAddress else { return }
      gemm(
        V, width, new.count, Operand(probabilities, stride: V, transposed: true),
        Operand(base, stride: width), adding: true, into: weighted.base, stride: width)
    }
  }

  /// Begins the next batch.
  mutating func clear() {
    hidden = []
    weighted.base.update(repeating: 0, count: weighted.count)
  }

  /// The angle, in degrees, between this gradient and the one by a scheme's estimates.
  func angle(to targets: BatchTargets) -> Double {
    // The scheme's gradient is this one less E = Σ (t − p) hᵀ: all follows from two products.
    var (square, product, errorSquare) = (0.0, 0.0, 0.0)
    let total = hidden.reduce(Hidden(), +)
    let rests = targets.rests(hidden)
    let order = targets.byID(student.probabilities.count)
    var next = 0
    for id in student.probabilities.indices {
      let q = student.probabilities[id]
      let p = row(id)
      let exact = q * total - p
      var error = rests.even + q * rests.asStudent - p
      while next < order.count, targets.entries[Int(order[next])].id == id {
        let entry = targets.entries[Int(order[next])]
        let rest = targets.rows[Int(entry.row)]
        error += (entry.value - rest.even - q * rest.asStudent) * hidden[Int(entry.row)]
        next += 1
      }
      square += Double((exact * exact).sum())
      product += Double((exact * error).sum())
      errorSquare += Double((error * error).sum())
    }
    let across = max(0, square * errorSquare - product * product).squareRoot()
    return atan2(across, square - product) * 180 / .pi
  }

  private func row(_ id: Int) -> Hidden {
    UnsafeRawPointer(weighted.base).loadUnaligned(
      fromByteOffset: id * MemoryLayout<Hidden>.size, as: Hidden.self)
  }
}

/// The estimates of one scheme over a batch.
struct BatchTargets {
  /// A listed entry of a position.
  struct Entry {
    let id: Int32
    let row: Int32
    let value: Float
  }

  private(set) var entries: [Entry] = []
  /// Per position, what each unlisted id has, and what it has per unit of the student's q.
  private(set) var rows: [(even: Float, asStudent: Float)] = []

  mutating func add(_ estimate: TargetEstimate, _ student: StudentDistribution) {
    let row = Int32(rows.count)
    for (id, value) in zip(estimate.ids, estimate.values) {
      entries.append(Entry(id: id, row: row, value: value))
    }
    rows.append(Self.rest(estimate, student))
  }

  mutating func clear() {
    entries.removeAll(keepingCapacity: true)
    rows.removeAll(keepingCapacity: true)
  }

  /// The places of the entries, ids ascending: a counting sort, for there may be a million.
  func byID(_ vocabularySize: Int) -> [Int32] {
    var next = [Int32](repeating: 0, count: vocabularySize + 1)
    for entry in entries { next[Int(entry.id) + 1] += 1 }
    for id in 0..<vocabularySize { next[id + 1] += next[id] }
    var places = [Int32](repeating: 0, count: entries.count)
    for (place, entry) in entries.enumerated() {
      places[Int(next[Int(entry.id)])] = Int32(place)
      next[Int(entry.id)] += 1
    }
    return places
  }

  /// Σ of the hidden states, weighted with what the unlisted ids have.
  func rests(
    _ hidden: [GradientBatch.Hidden]
  ) -> (even: GradientBatch.Hidden, asStudent: GradientBatch.Hidden) {
    var sums = (even: GradientBatch.Hidden(), asStudent: GradientBatch.Hidden())
    for (row, state) in zip(rows, hidden) {
      sums.even += row.even * state
      sums.asStudent += row.asStudent * state
    }
    return sums
  }

  private static func rest(
    _ estimate: TargetEstimate, _ student: StudentDistribution
  ) -> (even: Float, asStudent: Float) {
    switch estimate.rest {
    case .nothing: return (0, 0)
    case .even(let mass):
      return (Float(mass / Double(max(1, student.probabilities.count - estimate.ids.count))), 0)
    case .asStudent(let mass):
      let listed = estimate.ids.reduce(0.0) { $0 + Double(student.probabilities[Int($1)]) }
      return (0, Float(mass / max(1e-30, 1 - listed)))
    }
  }
}
