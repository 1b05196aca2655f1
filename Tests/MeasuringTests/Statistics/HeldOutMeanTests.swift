@testable import Measuring
import Testing

@Suite struct HeldOutMeanTests {
  /// Documents of one length: s/√n of their means, here of 1, 2, 3, 6.
  @Test func documentsOfOneLengthAreASample() throws {
    let mean = HeldOutMean(sums: [[10, 20, 30, 60]], tokens: [10, 10, 10, 10])
    #expect(mean.mean == 3 && mean.seedStandardError == nil)
    let expected = (14.0 / 3 / 4).squareRoot()
    #expect(abs(try #require(mean.documentStandardError) - expected) < 1e-12)
    #expect(mean.standardError == mean.documentStandardError)
  }

  /// By hand: the ratio is 2, the residuals −1, 1, 0 of 3 documents with 6 predictions.
  @Test func lengthsWeigh() throws {
    let mean = HeldOutMean(sums: [[1, 7, 4, 0]], tokens: [1, 3, 2, 0])
    let (error, expected) = (try #require(mean.standardError), 3.0.squareRoot() / 6)
    #expect(mean.mean == 2 && abs(error - expected) < 1e-12)
  }

  @Test("case standard-errors: predictions of a document are one draw, however many they are")
  func moreOfTheSameTellsNoMore() throws {
    let short = HeldOutMean(sums: [[1, 2, 4]], tokens: [1, 1, 1])
    let long = HeldOutMean(sums: [[500, 1000, 2000]], tokens: [500, 500, 500])
    #expect(short.mean == long.mean)
    let errors = try [short, long].map { try #require($0.standardError) }
    #expect(abs(errors[0] - errors[1]) < 1e-12)
  }

  @Test("case standard-errors: seeds and documents add")
  func seedsAndDocumentsAdd() throws {
    let runs: [[Double]] = [[10, 20], [14, 24], [6, 16]]
    let mean = HeldOutMean(sums: runs, tokens: [10, 10])
    #expect(mean.mean == 1.5)
    // Seeds 1.5, 1.9, 1.1; documents 1, 2 over the seeds.
    let (seeds, both) = (0.4 / 3.0.squareRoot(), (0.16 / 3.0 + 0.25).squareRoot())
    #expect(abs(try #require(mean.seedStandardError) - seeds) < 1e-12)
    #expect(abs(try #require(mean.documentStandardError) - 0.5) < 1e-12)
    #expect(abs(try #require(mean.standardError) - both) < 1e-12)
  }

  @Test("case standard-errors: the interval counts seeds and documents")
  func theIntervalCountsBoth() throws {
    // t(0.975; 1) and t(0.975; 2): the fewer of runs and documents, less one.
    let runs: [[Double]] = [[10, 20], [14, 24], [6, 16]]
    let two = HeldOutMean(sums: runs, tokens: [10, 10])
    let error = (0.16 / 3.0 + 0.25).squareRoot()
    #expect(two.runs == 3 && two.documents == 2)
    #expect(abs(try #require(two.interval?.halfWidth) - 12.706204736 * error) < 1e-6)
    let three = HeldOutMean(sums: runs.map { $0 + [0] + [15] }, tokens: [10, 10, 0, 10])
    let width = 4.3026527299 * (try #require(three.standardError))
    #expect(abs(try #require(three.interval?.halfWidth) - width) < 1e-6)
    #expect(HeldOutMean(sums: [[10, 20]], tokens: [10, 10]).interval == nil)
    #expect(HeldOutMean(sums: [[10], [20]], tokens: [10]).interval == nil)
  }

  @Test("case one-document: no standard error is known")
  func oneDocumentTellsNone() {
    let mean = HeldOutMean(sums: [[10, 0], [12, 0]], tokens: [10, 0])
    #expect(mean.documentStandardError == nil && mean.standardError == nil)
    #expect(HeldOutMean(sums: [[.nan, 1]], tokens: [1, 1]).standardError == nil)
  }

  @Test func aFigureThatWasNotMeasuredHasNoMean() throws {
    let runs = [[DocumentScore(tokens: 2, nll: 4, kl: 1, agreements: 1)]]
    #expect(HeldOutMean(runs, \.kl)?.mean == 0.5)
    #expect(HeldOutMean([[DocumentScore(tokens: 2, nll: 4)]], \.kl) == nil)
    #expect(HeldOutMean([], \.nll) == nil)
  }
}
