/// The style of an arm wherever it is drawn: a colour and a shape, and a dash beyond six arms, so
/// that no one needs the colour to tell two apart.
struct ArmStyle: Equatable {
  private let number: Int

  /// The style of the arm with a number; the numbers follow the ranking.
  init(_ number: Int) { self.number = number }

  /// The teacher's, which is no arm.
  static let teacher = ArmStyle(-1)

  /// The classes of a line.
  var line: String { isTeacher ? "st" : "s\(color)" + (turn == 0 ? "" : " d\(turn)") }

  /// The class of a stroke that is too short for dashes.
  var stroke: String { isTeacher ? "st" : "s\(color)" }

  /// The class of a filled area.
  var area: String { isTeacher ? "ft" : "f\(color)" }

  /// The classes of a mark: filled for the first six arms, hollow for the next.
  var mark: String { isTeacher ? "st" : turn == 1 ? "s\(color) hollow" : "f\(color) solid" }

  /// The mark's outline around the origin, as the data of a path.
  var outline: String {
    if isTeacher { return "M-4-4 4 4M-4 4 4-4" }
    switch color {
    case 0: return "M-4 0A4 4 0 1 1 4 0 4 4 0 1 1-4 0Z"
    case 1: return "M-3.6-3.6H3.6V3.6H-3.6Z"
    case 2: return "M0-4.9 4.5 3.5H-4.5Z"
    case 3: return "M0-5.1 5.1 0 0 5.1-5.1 0Z"
    case 4: return "M0 4.9 4.5-3.5H-4.5Z"
    default: return "M-1.6-4.5H1.6V-1.6H4.5V1.6H1.6V4.5H-1.6V1.6H-4.5V-1.6H-1.6Z"
    }
  }

  private var isTeacher: Bool { number < 0 }
  private var color: Int { number % FigureStyle.colorCount }
  private var turn: Int { number / FigureStyle.colorCount % 3 }
}
