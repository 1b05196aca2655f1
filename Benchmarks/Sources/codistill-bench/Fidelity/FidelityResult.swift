import Capture
import Measuring
import Reports
import Shards

/// The table of size against fidelity.
struct FidelityResult: Encodable {
  /// A scheme under one reading.
  struct Row: Encodable {
    /// What the table calls it.
    var name: String
    /// τ of ours; nil for the others.
    var threshold: Double?
    /// How the entries are read.
    var reading: TargetReading
    /// Bytes a token of all the files of ours; of the others, of the targets alone.
    var bytesPerToken: Double
    /// Bytes a token of ids, values and counts.
    var targetBytesPerToken: Double
    /// How near it comes.
    var figures: FidelityFigures
    /// Bytes a token of each kind of number of ours.
    var planes: [String: Double]?
  }

  /// The teacher's checkpoint.
  var teacher: String
  /// V.
  var vocabulary: Int
  /// The predictions that were measured.
  var tokens: Int
  /// The predictions of a batch, over which gradients are added up.
  var batchTokens: Int
  /// The teacher's mean negative log-likelihood of the text, and its mean entropy, in nats.
  var nll, entropy: Double
  /// Ours, then the others.
  var rows: [Row]

  /// The curve.
  var chart: LogLogChart {
    let kinds: [(name: String, isJoined: Bool, isIn: (Row) -> Bool)] = [
      ("ours, threshold", true, { $0.threshold != nil }),
      ("RS-KD", true, { $0.name.hasPrefix("RS-KD") }),
      ("DistillKit, zero", true, { $0.reading == .renormalized }),
      ("DistillKit, uniform", true, { $0.reading == .even }),
      ("Megatron-LM", false, { $0.name.hasPrefix("Megatron") }),
    ]
    let series = kinds.map { kind in
      LogLogChart.Series(
        name: kind.name,
        points: rows.filter(kind.isIn).sorted { $0.bytesPerToken < $1.bytesPerToken }.map(\.point),
        isJoined: kind.isJoined)
    }
    return LogLogChart(
      title: "Size and fidelity: \(Figures.count(tokens)) predictions, V = \(vocabulary)",
      xTitle: "bytes a token (ours: every file; others: targets alone)",
      yTitle: "RMS error ‖t − p‖", series: series.filter { !$0.points.isEmpty })
  }
}

extension FidelityResult.Row {
  /// A row of ours.
  init(_ codec: CacheCodec, _ sizes: CacheOnDisk.Sizes, _ figures: FidelityFigures) {
    let name = codec.threshold.map { "threshold, τ = \($0)" } ?? "our codec of random draws, 50"
    self.init(
      name: name, threshold: codec.threshold, reading: .stored,
      bytesPerToken: sizes.everything, targetBytesPerToken: sizes.targets, figures: figures,
      planes: sizes.planes)
  }

  /// A row of another scheme.
  init(_ baseline: any Baseline, _ reading: TargetReading, _ figures: FidelityFigures) {
    let bytes = baseline.bytes / Double(max(1, baseline.positions))
    self.init(
      name: baseline.name, threshold: nil, reading: reading, bytesPerToken: bytes,
      targetBytesPerToken: bytes, figures: figures, planes: nil)
  }

  /// The place in the curve, labelled with the parameter alone.
  fileprivate var point: LogLogChart.Point {
    let label = name.split(separator: ", ").last.map(String.init) ?? name
    return LogLogChart.Point(x: bytesPerToken, y: figures.rmsError, label: label)
  }
}
