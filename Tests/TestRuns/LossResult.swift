package import Losses
import Tensors

/// What the loss gives: its value, its sums and both gradients.
package struct LossResult: Equatable {
  package var loss: Float
  package var sums: LossSums
  package var hidden: [Float]
  package var output: [Float]

  package init(
    hidden: [Float], output: [Float], width: Int, _ targets: LossTargets, normalizer: Float,
    chunkRows: Int = 336
  ) {
    let h = Tensor([hidden.count / width, width], hidden, requiresGradient: true)
    let w = Tensor([output.count / width, width], output, requiresGradient: true)
    let (loss, sums) = distillationLoss(
      hidden: h, output: w, targets, normalizer: normalizer, chunkRows: chunkRows)
    self.loss = loss.item
    self.sums = sums
    loss.backward()
    self.hidden = h.gradientArray
    self.output = w.gradientArray
  }
}
