import Capture
import Losses
public import Models
import Shards
import Tensors
import Text

/// A teacher that sees what the student learns from, in the same step.
///
/// Of its passes only hidden states are kept: its logits are made again, chunk by chunk, where the
/// loss needs them.
public struct LiveTeacher {
  /// The model, which is not trained.
  public let decoder: Decoder
  /// The temperature of its distributions.
  public let temperature: Float

  /// A teacher in memory, asked for distributions at a temperature.
  package init(_ decoder: Decoder, temperature: Float = 1) {
    precondition(!decoder.parameters.isTrainable, "a teacher is not trained")
    self.decoder = decoder
    self.temperature = temperature
  }

  /// Runs the teacher on some samples.
  ///
  /// - Parameters:
  ///   - samples: Those without stored targets are seen by the teacher, for a distribution each.
  ///   - needsFeatures: Whether hidden states are asked for, too, and so a pass over all samples.
  /// - Returns: Its distributions and, if they were asked for, its hidden states.
  /// - Throws: `ShardError.invalidLogits` where a logit is no number.
  func view(of samples: [TrainingSample], needsFeatures: Bool) throws -> TeacherView {
    let seen = samples.filter { needsFeatures || $0.isLive }
    guard !seen.isEmpty else { return TeacherView(samples) }
    let trace = ForwardTrace(keepsHiddenStates: needsFeatures)
    let hidden = decoder(TokenBatch(seen.map(\.sequence)), trace: trace)
    var (parts, row) = ([TeacherPart](), 0)
    for run in samples.runs {
      let count = run.samples.reduce(0) { $0 + $1.sequence.predictionCount }
      if run.isLive {
        parts.append(.live(try targets(hidden, row..<(row + count), run.samples)))
      } else {
        parts += run.samples.compactMap(\.targets).map { .stored($0) }
      }
      if run.isLive || needsFeatures { row += count }
    }
    return TeacherView(signal: TeacherSignal(parts), hiddenStates: trace.hiddenStates)
  }

  private func targets(
    _ hidden: Tensor, _ rows: Range<Int>, _ samples: some Sequence<TrainingSample>
  ) throws -> LiveTargets {
    let width = hidden.columns
    let range = (rows.lowerBound * width)..<(rows.upperBound * width)
    return try LiveTargets(
      hidden: Tensor([rows.count, width], Storage(of: hidden.storage, range: range)),
      output: decoder.output, labels: samples.flatMap(\.sequence.labels),
      temperature: temperature, precision: decoder.precision)
  }
}

/// The teacher's view of a micro-batch.
struct TeacherView {
  /// Its distributions; nil without any.
  var signal: TeacherSignal?
  /// Its hidden states (N, D), before every layer and after the final norm, if they were asked for.
  var hiddenStates: [Tensor] = []
}

extension TeacherView {
  /// The view that the samples' stored targets give.
  init(_ samples: [TrainingSample]) { signal = TeacherSignal(samples.compactMap(\.targets)) }
}

extension [TrainingSample] {
  /// Neighbours that are all seen by a live teacher, or all not.
  fileprivate var runs: [(isLive: Bool, samples: ArraySlice<TrainingSample>)] {
    var runs: [(isLive: Bool, samples: ArraySlice<TrainingSample>)] = []
    for (index, sample) in enumerated() {
      if let last = runs.last, last.isLive == sample.isLive {
        runs[runs.count - 1].samples = self[last.samples.startIndex...index]
      } else {
        runs.append((sample.isLive, self[index...index]))
      }
    }
    return runs
  }
}
