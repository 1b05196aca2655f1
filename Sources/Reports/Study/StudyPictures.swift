/// A study's figures as files of their own: SVG with a page behind them, light or dark as the
/// reader's, and without anything that a README may not hold.
public struct StudyPictures {
  private let figures: StudyFigures
  private static let width = 760.0

  /// The pictures of a study.
  public init(_ report: StudyReport) { figures = StudyFigures(report) }

  /// The held-out loss of each arm with its interval, the best first.
  public var ranking: String {
    figures.ranking.canvas(id: "ranking", width: Self.width, heading: true).file
  }

  /// The held-out loss of each arm over the steps; nil where it was not logged.
  public var heldOut: String? {
    figures.heldOut?.canvas(id: "held-out", width: Self.width, heading: true).file
  }

  /// The held-out loss of each arm by position; nil where it was not measured.
  public var positions: String? {
    figures.positions?.canvas(id: "positions", width: Self.width, heading: true).file
  }
}
