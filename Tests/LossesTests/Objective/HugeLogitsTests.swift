import Foundation
@testable import Losses
import Tensors
import Testing

/// Logits with a large common offset, which a softmax does not depend on.
@Suite struct HugeLogitsTests {
  /// The sums of a loss of one prediction whose logits are those of student and teacher.
  private func sums(
    student: [Float], teacher: [Float], temperature: Float
  ) throws -> LossSums {
    let (one, count) = (Tensor([1, 1], [1]), student.count)
    let live = try LiveTargets(
      hidden: one, output: Tensor([count, 1], teacher), labels: [1], temperature: temperature)
    let targets = LossTargets(
      labels: [1], signal: TeacherSignal([.live(live)]), soft: [0.5], hard: [0.5],
      temperature: temperature)
    return distillationLoss(
      hidden: one, output: Tensor([count, 1], student), targets, normalizer: 1
    ).sums
  }

  @Test("case nll-zero: losses do not cancel", arguments: [0, 1e3, 1e6] as [Float], [1, 3])
  func offset(offset: Float, temperature: Float) throws {
    let (student, teacher): ([Float], [Float]) = ([0, 1, 2, 0.5], [1, 0.5, 2, 0])
    let found = try sums(
      student: student.map { $0 + offset }, teacher: teacher.map { $0 + offset },
      temperature: temperature)
    let (p, q) = (softmax(teacher, temperature), softmax(student, temperature))
    let divergence = zip(p, q).reduce(0) { $0 + $1.0 * log($1.0 / $1.1) }
    #expect(abs(found.hard + log(softmax(student, 1)[1])) < 1e-6)
    #expect(abs(found.soft - divergence) < 1e-6)
    #expect(abs(found.teacherHard + log(softmax(teacher, 1)[1])) < 1e-6)
  }

  @Test("case nll-zero: equal logits are uniform, however large", arguments: [1, 3] as [Float])
  func uniform(temperature: Float) throws {
    let huge = [Float](repeating: 1e20, count: 300)
    let found = try sums(student: huge, teacher: huge, temperature: temperature)
    #expect(abs(found.hard - log(300)) < 1e-5 && abs(found.soft) < 1e-6)
    #expect(abs(found.teacherHard - log(300)) < 1e-5)
  }

  private func softmax(_ logits: [Float], _ temperature: Float) -> [Double] {
    let weights = logits.map { exp(Double($0 / temperature)) }
    return weights.map { $0 / weights.reduce(0, +) }
  }
}
