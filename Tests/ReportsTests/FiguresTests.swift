import Reports
import Testing

@Suite struct FiguresTests {
  @Test(arguments: [
    (0, "0"), (7, "7"), (999, "999"), (1000, "1 k"), (999_499, "999 k"), (999_500, "1 M"),
    (134_515_008, "135 M"), (Int.max, "9.22 E"),
  ])
  func countsHavePrefixes(value: Int, expected: String) {
    #expect(Figures.count(value) == expected)
  }

  @Test(arguments: [(0, "0 B"), (1536, "1.54 kB"), (98_300_000_000, "98.3 GB")])
  func bytesAreDecimal(value: Int, expected: String) { #expect(Figures.bytes(value) == expected) }

  @Test(arguments: [
    (0.42, "0.42 s"), (59.9, "59.9 s"), (59.96, "1 min 00 s"), (65, "1 min 05 s"),
    (3725, "1 h 02 min"), (90_000, "1 d 01 h"), (.nan, "?"), (-1, "?"), (.infinity, "?"),
  ])
  func durations(seconds: Double, expected: String) {
    #expect(Figures.duration(seconds: seconds) == expected)
  }

  @Test(arguments: [
    (0, "0"), (0.00012, "1.20e-04"), (0.0123, "0.012"), (0.5, "0.5"), (1.234, "1.23"),
    (9.996, "10"), (42, "42"), (42.24, "42.2"), (123.4, "123"), (-1.5, "-1.5"),
  ])
  func threeDigits(value: Double, expected: String) {
    #expect(Figures.significant(value) == expected)
  }

  @Test func sharesAndWhatIsNotFinite() {
    #expect(Figures.percent(0.2684) == "26.8 %")
    #expect(Figures.decimal(.nan) == "nan")
    #expect(Figures.decimal(-0.0004) == "0.000" && Figures.decimal(-0.0006) == "-0.001")
    #expect(Figures.decimal(-.infinity) == "-inf")
  }
}
