import Base
import Capture
public import Shards
import Tensors
import Text

/// One pass over a teacher's rows that measures any number of schemes.
///
/// Rows come in blocks and are gone after them: no more than a block of positions × V is ever held,
/// beside V × 64 numbers a temperature for the gradient. Sequences follow one another and the
/// threads share the work on a block, so the figures do not depend on how many there are.
public struct FidelityMeasurement {
  /// A sequence, and the number that it has in a dense cache which may be the source.
  public struct Item: Sendable {
    /// The number of the sequence.
    public var number: Int
    /// Its tokens.
    public var text: SequenceTokens

    /// A sequence of a number.
    public init(number: Int, text: SequenceTokens) {
      self.number = number
      self.text = text
    }
  }

  /// The positions whose gradients are added before they are compared, as far as the sample goes.
  public static let batchTokens = 4096

  private let source: LogitsSource
  private let vocabularySize: Int
  private let schemes: [Scheme]
  private let temperatures: [TemperatureRows]

  /// A measurement of some schemes, by a source of whole distributions and a weak student.
  public init(source: LogitsSource, student: WeakStudent, estimators: [any TargetEstimator]) {
    self.source = source
    vocabularySize = student.vocabularySize
    schemes = estimators.map { Scheme($0) }
    let wanted = Set(estimators.map(\.temperature)).sorted()
    temperatures = wanted.map { TemperatureRows(StudentDistribution(student, temperature: $0)) }
  }

  /// Runs over the sequences; the figures are those of each estimator's readings, in order.
  public func run(
    _ items: [Item], isInterrupted: () -> Bool = { false }, progress: (_ tokens: Int) -> Void
  ) throws -> [[FidelityFigures]] {
    var done = 0
    for item in items where !isInterrupted() {
      for scheme in schemes { try scheme.estimator.begin(item.text) }
      try measure(item)
      for scheme in schemes { try scheme.endSequence() }
      done += item.text.recordCount
      progress(done)
      if batchCount >= Self.batchTokens { closeBatch() }
    }
    // What is left is a smaller batch, of a larger angle: it counts if there is no other.
    if schemes.contains(where: { $0.angles.isEmpty }) { closeBatch() }
    return schemes.map(\.figures)
  }

  private var batchCount: Int { temperatures.first?.gradient.hidden.count ?? 0 }

  private func measure(_ item: Item) throws {
    let packed = PackedSequence(item.text)
    let (inputs, labels) = (packed.inputs, packed.labels)
    try source.forEachBlock(
      of: item.text, number: item.number, vocabularySize: vocabularySize
    ) { first, count, logits in
      let positions = first..<(first + count)
      for rows in temperatures {
        rows.fill(logits, positions, labels: labels, inputs: inputs[positions])
        let (schemes, current) = (
          schemes.filter { $0.estimator.temperature == rows.student.temperature }, rows.rows
        )
        _ = try Parallel.map(schemes.count) { try schemes[$0].add(current, rows.student) }
      }
    }
  }

  private func closeBatch() {
    for rows in temperatures {
      let schemes = schemes.filter { $0.estimator.temperature == rows.student.temperature }
      Parallel.forEach(schemes.count) { schemes[$0].closeBatch(rows.gradient) }
      rows.gradient.clear()
    }
  }
}

/// The block's distributions at one temperature.
private final class TemperatureRows {
  let student: StudentDistribution
  var gradient: GradientBatch
  private(set) var rows: [ReferenceRow] = []
  private var probabilities = Storage(count: 0)

  init(_ student: StudentDistribution) {
    self.student = student
    gradient = GradientBatch(student)
  }

  func fill(
    _ logits: UnsafeMutablePointer<Float>, _ positions: Range<Int>, labels: [Int32],
    inputs: ArraySlice<Int32>
  ) {
    let V = student.probabilities.count
    if probabilities.count < positions.count * V {
      probabilities = Storage(count: positions.count * V)
    }
    let base = probabilities.base
    rows = Parallel.map(positions.count) { index in
      let position = positions.lowerBound + index
      return ReferenceRow(
        logits: UnsafeBufferPointer(start: logits + index * V, count: V),
        into: UnsafeMutableBufferPointer(start: base + index * V, count: V), student: student,
        position: position, nextToken: labels[position])
    }
    gradient.add(base, inputs: inputs)
  }
}

/// A scheme with its sums, one a reading; used by one thread at a time.
private final class Scheme {
  let estimator: any TargetEstimator
  /// The angle of each batch, per reading.
  private(set) var angles: [[Double]] = []
  private var sums: [FidelitySums]
  private var batches: [BatchTargets]

  init(_ estimator: any TargetEstimator) {
    self.estimator = estimator
    sums = estimator.readings.map { _ in FidelitySums() }
    batches = estimator.readings.map { _ in BatchTargets() }
  }

  func add(_ rows: [ReferenceRow], _ student: StudentDistribution) throws {
    for row in rows {
      for (reading, estimate) in try estimator.estimates(row).enumerated() {
        sums[reading].add(estimate, row, student)
        batches[reading].add(estimate, student)
      }
    }
  }

  func endSequence() throws {
    try estimator.end()
    for reading in sums.indices { sums[reading].endSequence() }
  }

  func closeBatch(_ gradient: GradientBatch) {
    angles.append(batches.map { gradient.angle(to: $0) })
    for reading in batches.indices { batches[reading].clear() }
  }

  var figures: [FidelityFigures] {
    sums.enumerated().map { reading, sums in
      let squares = angles.reduce(0) { $0 + $1[reading] * $1[reading] }
      return sums.figures(
        gradientAngle: (squares / Double(max(1, angles.count))).squareRoot())
    }
  }
}
