import Base
import Foundation
import Reports
import Studies
import Training

/// The event file of a run, made of its metrics.
struct RunEvents {
  /// The run's folder.
  let folder: String

  private var names: [String] {
    let all = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return all.filter {
      $0.hasPrefix("events.out.tfevents.") && FileKind(of: folder + "/" + $0) == .regular
    }
  }

  /// Writes the file, unless there is one since the last metrics; under its name it is whole.
  func write() throws {
    let metrics = folder + "/metrics.jsonl"
    let old = names
    if old.contains(where: { date(folder + "/" + $0) >= date(metrics) }) { return }
    let manager = FileManager.default
    // Never committed: its one file moves out, and the folder goes.
    let unfinished = try AtomicFolder(path: folder + "/.events")
    let records = try MetricsLog(path: metrics).records()
    // The times in the file are those of training alone, from its last line back.
    let end = date(metrics) - (records.last?.seconds ?? 0)
    let writer = try TensorBoardWriter(folder: unfinished.temporary, wallTime: end)
    for record in records {
      try writer.add(record.scalars, step: record.step, wallTime: end + (record.seconds ?? 0))
    }
    for name in old { try manager.removeItem(atPath: folder + "/" + name) }
    let name = URL(filePath: writer.path).lastPathComponent
    try manager.moveItem(atPath: writer.path, toPath: folder + "/" + name)
  }

  /// The time at which a file was last written, in seconds since 1970.
  private func date(_ path: String) -> Double {
    let attributes = try? FileManager.default.attributesOfItem(atPath: path)
    return (attributes?[.modificationDate] as? Date)?.timeIntervalSince1970 ?? 0
  }
}

extension MetricsRecord {
  /// The measurements, by TensorBoard's names.
  fileprivate var scalars: [(name: String, value: Double)] {
    let all: [(String, Double?)] = [
      ("loss/total", loss), ("loss/soft", softLoss), ("loss/hard", hardLoss),
      ("loss/soft_term", softTerm), ("loss/hard_term", hardTerm), ("loss/features", featureLoss),
      ("weight/soft", softWeight), ("weight/hard", hardWeight),
      ("weight/scheduled", scheduledWeight), ("weight/feedback", feedback),
      ("weight/teacher_share", teacherShare),
      ("train/learning_rate", learningRate), ("train/gradient_norm", gradientNorm),
      ("train/tokens_per_second", tokensPerSecond), ("router/loss", routerLoss),
      ("router/expert_max_load", expertMaxLoad), ("held_out/nll", heldOutNll),
      ("held_out/kl", heldOutKl), ("held_out/top1_agreement", heldOutTop1Agreement),
    ]
    return all.compactMap { name, value in value.map { (name, $0) } }
  }
}
