package import Base
import Foundation
package import Models
package import Tensors

/// Pulls a student's hidden states towards a live teacher's, each by a distance of its own.
///
/// Projections between the widths are trained beside the student, by an optimizer of their own:
/// they belong to no model, and only checkpoints keep them.
package final class FeatureMatching {
  /// One distance, with its layers as indexes into a trace's hidden states.
  private struct Term {
    let kind: FeatureConfig.Kind
    let weight: Float
    let student, teacher: Int
    let projection: Tensor?
  }

  private let terms: [Term]
  /// The projections.
  private let parameters: ParameterStore
  private let optimizer: AdamW

  /// The distances of a config between two models; projections are drawn from a seed.
  ///
  /// - Throws: `FeatureError` for layers that a model lacks, or widths without a projection.
  package init(
    _ configs: [FeatureConfig], student: DecoderConfig, teacher: DecoderConfig,
    _ settings: AdamW.Settings, seed: UInt64
  ) throws(FeatureError) {
    var plans: [(config: FeatureConfig, student: Int, teacher: Int, isProjected: Bool)] = []
    for config in configs {
      plans.append(
        (
          config, try config.index(config.studentLayer, in: student, "student"),
          try config.index(config.teacherLayer, in: teacher, "teacher"),
          try config.needsProjection(student.hiddenSize, teacher.hiddenSize)
        ))
    }
    let shape = [teacher.hiddenSize, student.hiddenSize]
    let parameters = ParameterStore(
      count: plans.count { $0.isProjected } * shape[0] * shape[1], trainable: true)
    let deviation = 1 / Float(student.hiddenSize).squareRoot()
    terms = plans.enumerated().map { number, plan in
      let scope = parameters.root["features"]["\(number)"]
      return Term(
        kind: plan.config.kind, weight: Float(plan.config.weight), student: plan.student,
        teacher: plan.teacher,
        projection: plan.isProjected
          ? scope.normal("projection", shape, deviation: deviation) : nil)
    }
    parameters.initialize(seed: seed)
    self.parameters = parameters
    optimizer = AdamW(count: parameters.count, settings)
  }

  /// The weighted sum of the distances over some predictions, over `normalizer`.
  ///
  /// - Parameters:
  ///   - student: The student's hidden states, each (N, D): before every layer, and the final ones.
  ///   - teacher: The teacher's, each (N, D_teacher).
  ///   - counts: Whether each prediction counts (N).
  ///   - normalizer: The predictions of the whole step that count.
  ///   - precision: The precision that the projections' operands are rounded to.
  /// - Returns: One number.
  package func loss(
    student: [Tensor], teacher: [Tensor], counts: [Bool], normalizer: Float, precision: Precision
  ) -> Tensor {
    terms.reduce(Tensor([1], [0])) { sum, term in
      sum
        + featureLoss(
          term.kind, student: student[term.student], teacher: teacher[term.teacher],
          projection: term.projection, counts: counts, weight: term.weight,
          normalizer: normalizer, precision: precision)
    }
  }

  /// Updates the projections; returns the norm of their gradient before clipping.
  package func update(learningRate: Float) -> Double {
    parameters.count == 0 ? 0 : optimizer.update(parameters, learningRate: learningRate)
  }

  /// The name of a projection or moment that is not finite; nil where all are finite.
  package var notFinite: String? { optimizer.notFinite(in: parameters) }

  // MARK: - Checkpoints

  private static let names = ["projections", "first_moment", "second_moment"]

  /// Writes projections and moments into a checkpoint's folder; nothing where there are none.
  package func save(to folder: String) throws {
    guard parameters.count > 0 else { return }
    try withBuffers { buffers in
      try SafetensorsWriter.write(
        to: Self.path(folder),
        tensors: Self.names.map { NamedShape(name: $0, shape: [parameters.count]) }, type: .float32
      ) { name, body in
        let index = Self.names.firstIndex(of: name) ?? 0
        try body(UnsafeBufferPointer(buffers[index]))
      }
    }
  }

  /// Restores projections and moments from a checkpoint made after `step` updates.
  ///
  /// - Throws: `CheckpointError` where the file is missing or of other projections.
  package func restore(from folder: String, step: Int) throws {
    guard parameters.count > 0 else { return }
    let file = try SafetensorsFile(path: Self.path(folder))
    for name in Self.names {
      let shape = file.entry(name)?.shape ?? []
      guard shape == [parameters.count] else {
        throw CheckpointError.shapeMismatch(
          path: file.path, name: name, expected: [parameters.count], found: shape)
      }
    }
    try withBuffers { buffers in
      for (name, buffer) in zip(Self.names, buffers) { try file.read(name, into: buffer) }
    }
    optimizer.restore(step: step)
  }

  private static func path(_ folder: String) -> String { folder + "/features.safetensors" }

  private func withBuffers(_ body: ([UnsafeMutableBufferPointer<Float>]) throws -> Void) throws {
    try parameters.withValues { values in
      try optimizer.withMoments { try body([values, $0, $1]) }
    }
  }
}

extension FeatureConfig {
  /// The place of a layer's output among a model's recorded hidden states.
  ///
  /// A trace holds what goes into each layer, and last what comes out of the final norm.
  fileprivate func index(
    _ layer: Layer, in model: DecoderConfig, _ name: String
  ) throws(FeatureError) -> Int {
    guard case .after(let layer) = layer else { return model.numHiddenLayers }
    guard layer <= model.numHiddenLayers else {
      throw .layer(place: "\(place)", model: name, layer: layer, count: model.numHiddenLayers)
    }
    return layer
  }

  fileprivate func needsProjection(_ student: Int, _ teacher: Int) throws(FeatureError) -> Bool {
    guard student != teacher else { return projection == .learned }
    guard projection != FeatureConfig.Projection.none else {
      throw .widths(place: "\(place)", student: student, teacher: teacher)
    }
    return true
  }
}

/// Why hidden states cannot be compared as a config asks.
package enum FeatureError: Error, Equatable, CustomStringConvertible {
  /// A model has fewer layers than the one that is asked for.
  case layer(place: String, model: String, layer: Int, count: Int)
  /// The widths differ, and there is to be no projection.
  case widths(place: String, student: Int, teacher: Int)

  /// One line: where, what was found and expected, and the remedy.
  package var description: String {
    switch self {
    case .layer(let place, let model, let layer, let count):
      "\(place): \(model)_layer is \(layer), but the \(model) has \(count) layers; "
        + "give 0 (the embeddings) to \(count), or final"
    case .widths(let place, let student, let teacher):
      "\(place): projection: none needs equal widths, but the student's hidden states have "
        + "\(student) features and the teacher's \(teacher); use projection: learned"
    }
  }
}

extension FeatureError: ExitStatusError {
  package var exitStatus: ExitStatus { .badConfig }
}
