@testable import Measuring
import Testing

@Suite struct StudentTTests {
  private static let points = [0.01, 0.5, 1, 2.5, 7, 40, 1000]
  /// P(T ≤ −x) at the points, by the degrees of freedom: `scipy.stats.t.cdf` of SciPy 1.17.1, which
  /// agrees with 40 digits of mpmath to 2e-14.
  private static let tails: [Double: [Double]] = [
    1: [
      0.496817007235093, 0.35241638234956674, 0.25000000000000006, 0.12111894159084341,
      0.04516723530086655, 0.007956089912025812, 0.0003183097800805589,
    ],
    2: [
      0.4964645544791005, 0.33333333333333337, 0.2113248654051871, 0.06480586011075541,
      0.00990197059019657, 0.0003122073360923703, 4.9999925000125e-07,
    ],
    3: [
      0.496324555706426, 0.3257239824240755, 0.19550110947788524, 0.04385332350403278,
      0.0029931278488535486, 1.7190340394579253e-05, 1.102653821288296e-09,
    ],
    4: [
      0.49625007812294925, 0.32166498159093165, 0.18695048315002943, 0.03338327240599407,
      0.0010960649033464694, 1.1670081613006339e-06, 2.999980000104999e-12,
    ],
    5.5: [
      0.4961870099497763, 0.3182201743577066, 0.17962668740656013, 0.025060042934610817,
      0.00030815865660456656, 2.70525499452305e-08, 5.585789748972707e-16,
    ],
    9: [
      0.49611972276816263, 0.31453564991301314, 0.1717181980689568, 0.016930913841492867,
      3.162369481868346e-05, 9.491499224669911e-12, 2.5458033039484705e-24,
    ],
    30: [
      0.49604374628658887, 0.3103615024425636, 0.1626543077130151, 0.009057824534033344,
      4.434979333610325e-08, 6.863022597203209e-28, 1.0360017415558664e-69,
    ],
    200: [
      0.4960156275766405, 0.30881237615823043, 0.15925942395487336, 0.006611586320850391,
      1.8947143250444713e-11, 1.1243698267601098e-97,
    ],
  ]

  private static let shares = [1e-8, 0.001, 0.025, 0.3, 0.9, 0.975, 0.9995]
  /// The quantiles of the shares, from `scipy.stats.t.ppf`.
  private static let quantiles: [Double: [Double]] = [
    1: [
      -31830988.61837906, -318.30883898555044, -12.706204736174705, -0.7265425280053609,
      3.0776835371752544, 12.706204736174694, 636.6192487687897,
    ],
    2: [
      -7071.067705799458, -22.327124770119873, -4.302652729749464, -0.6172133998483678,
      1.8856180831641272, 4.302652729749462, 31.599054576445365,
    ],
    4: [
      -131.59473694062356, -7.1731822197823085, -2.7764451051977943, -0.5686490630497053,
      1.533206274058944, 2.7764451051977934, 8.610301581379522,
    ],
    5.5: [
      -47.95562808550641, -5.504714867160981, -2.501858617589239, -0.5561204847180871,
      1.4559770334640723, 2.501858617589239, 6.35081750008378,
    ],
    30: [
      -7.556534651885402, -3.385184866829305, -2.042272456301238, -0.5300190039065046,
      1.3104150253913955, 2.0422724563012378, 3.6459586350420627,
    ],
    200: [
      -5.848150187488378, -3.131479814221121, -1.9718962236339093, -0.5252373340155534,
      1.2857987939948012, 1.9718962236339088, 3.3398354062757107,
    ],
  ]

  private func expect(
    _ value: Double, near expected: Double, _ place: String,
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    #expect(
      abs(value - expected) <= 1e-9 * abs(expected), "\(value), not \(expected), at \(place)",
      sourceLocation: sourceLocation)
  }

  @Test(arguments: tails.keys.sorted())
  func theDistributionFunctionIsSciPys(degreesOfFreedom: Double) throws {
    let distribution = StudentT(degreesOfFreedom: degreesOfFreedom)
    for (point, tail) in zip(Self.points, try #require(Self.tails[degreesOfFreedom])) {
      expect(distribution.twoSided(point), near: 2 * tail, "\(point)")
      #expect(distribution.twoSided(-point) == distribution.twoSided(point))
    }
  }

  @Test(arguments: quantiles.keys.sorted())
  func theQuantilesAreSciPys(degreesOfFreedom: Double) throws {
    let distribution = StudentT(degreesOfFreedom: degreesOfFreedom)
    for (share, t) in zip(Self.shares, try #require(Self.quantiles[degreesOfFreedom])) {
      expect(distribution.quantile(share), near: t, "\(share)")
    }
  }

  @Test func theEndsAreInfinite() {
    let distribution = StudentT(degreesOfFreedom: 3)
    #expect(distribution.twoSided(0) == 1 && distribution.quantile(0.5) == 0)
    #expect(distribution.twoSided(.infinity) == 0 && distribution.twoSided(-.infinity) == 0)
    #expect(distribution.quantile(0) == -.infinity && distribution.quantile(1) == .infinity)
    #expect(distribution.twoSided(1e200) < 1e-300)
    for share in [-0.1, 1.1, .nan] { #expect(distribution.quantile(share).isNaN) }
    #expect(distribution.twoSided(.nan).isNaN)
  }
}
