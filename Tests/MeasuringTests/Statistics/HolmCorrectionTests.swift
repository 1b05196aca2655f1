@testable import Measuring
import Testing

@Suite struct HolmCorrectionTests {
  /// `statsmodels.stats.multitest.multipletests(values, method="holm")`.
  @Test(arguments: [
    ([0.01, 0.04, 0.03, 0.005], [0.03, 0.06, 0.06, 0.02]),
    ([0.2, 0.001, 0.9, 0.012, 0.6, 0.03], [0.6, 0.006, 1, 0.06, 1, 0.12]),
    ([0.02, 0.02, 0.02], [0.06, 0.06, 0.06]),
    ([0.04], [0.04]), ([], []),
  ])
  func theAdjustedValuesAreThoseOfStatsmodels(values: [Double], expected: [Double]) {
    let adjusted = HolmCorrection.adjusted(values)
    #expect(adjusted.count == expected.count)
    for (value, wanted) in zip(adjusted, expected) { #expect(abs(value - wanted) < 1e-12) }
  }
}
