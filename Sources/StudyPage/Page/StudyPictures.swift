/// A study's figures as files of their own: SVG with a page behind them, light or dark as the
/// reader's, and without anything that a README may not hold.
package struct StudyPictures {
  private let figures: StudyFigures
  private static let width = 760.0

  /// The pictures of a study.
  package init(_ study: Study) { figures = StudyFigures(study) }

  /// The held-out loss of each arm with its interval, the best first.
  package var ranking: String {
    figures.ranking.canvas(id: "ranking", width: Self.width, heading: true).file
  }

  /// The held-out loss of each arm over the steps; nil where it was not logged.
  package var heldOut: String? {
    figures.heldOut?.canvas(id: "held-out", width: Self.width, heading: true).file
  }

  /// The held-out loss of each arm by position; nil where it was not measured.
  package var positions: String? {
    figures.positions?.canvas(id: "positions", width: Self.width, heading: true).file
  }
}
