import Foundation
import Models
import TestSupport
import Tensors
import Testing

/// What rounding the operands of all products to bfloat16 does to a model.
@Suite(.enabled(if: Precision.bfloat16.isSupported))
struct PrecisionTests {
  /// Not `text_top2_tied`: there rounding sends a token to another expert.
  private static let folders = ["scout_like", "llama_tied"]

  @Test(arguments: folders) func logitsAreNearThoseOfFloat32(folder: String) throws {
    let checkpoint = try Checkpoint.open(Fixtures.url("golden/\(folder)").path)
    var model = try Decoder(checkpoint)
    let batch = TokenBatch(documents: [(0..<24).map { Int32($0 * 7 % 100) }])
    let plain = model.logits(batch).array
    model.precision = .bfloat16
    let rounded = model.logits(batch).array
    #expect(rounded != plain, "nothing was rounded")
    // Eight bits of mantissa: 2⁻⁹ a factor, and some layers.
    expectClose(rounded, plain, relative: 0.05)
  }

  @Test func gradientsAreNearThoseOfFloat32() {
    let (x, weight) = (Tensor.random([40, 70], seed: 1), Tensor.random([30, 70], seed: 2))
    func gradients(_ precision: Precision) -> [[Float]] {
      for leaf in [x, weight] { leaf.gradient.update(repeating: 0, count: leaf.count) }
      weightedSum(linear(x, weight, precision: precision), .random(1200, seed: 3)).backward()
      return [x, weight].map(\.gradientArray)
    }
    for (rounded, plain) in zip(gradients(.bfloat16), gradients(.float32)) {
      #expect(rounded != plain, "nothing was rounded")
      expectClose(rounded, plain, relative: 0.01)
    }
  }
}
