/// The colours and strokes of a study's figures, for light pages and for dark ones.
enum FigureStyle {
  /// The colours of a page of one brightness.
  struct Scheme {
    /// Behind everything.
    let page: String
    /// Text: at least 7 : 1 on the page.
    let ink: String
    /// Less important text: at least 4.5 : 1.
    let faint: String
    /// Lines that guide the eye only.
    let grid: String
    /// Other arms' curves, where one arm is meant.
    let context: String
    /// The arms' colours: at least 4.5 : 1, and apart for every colour vision (after Okabe and
    /// Ito).
    let arms: [String]
  }

  /// The arms' colours before shapes and dashes take turns.
  static let colorCount = 6

  /// For light pages.
  static let light = Scheme(
    page: "#fffefb", ink: "#1f2328", faint: "#5b6168", grid: "#e3e1da", context: "#cfccc3",
    arms: ["#0b5cad", "#bb4a00", "#00735c", "#97407f", "#7a6000", "#33383e"])

  /// For dark pages.
  static let dark = Scheme(
    page: "#15171b", ink: "#e8e6e1", faint: "#a2a6ad", grid: "#2d3138", context: "#454b54",
    arms: ["#6cb6ff", "#ff9d4d", "#3fd0a4", "#e39ad0", "#e8c84a", "#d3d7dd"])

  /// The rules for figures in one scheme: plain values, because not every renderer of SVG knows
  /// variables.
  static func colors(_ scheme: Scheme) -> String {
    let arms = scheme.arms.enumerated().map { number, color in
      ".fig .s\(number){stroke:\(color)}.fig .f\(number){fill:\(color)}"
    }
    return """
      .fig text{fill:\(scheme.ink)}.fig .faint{fill:\(scheme.faint)}
      .fig .page{fill:\(scheme.page)}.fig .grid{stroke:\(scheme.grid)}
      .fig .axis{stroke:\(scheme.faint)}.others{stroke:\(scheme.context)}
      .fig .st{stroke:\(scheme.faint)}.fig .ft{fill:\(scheme.faint)}
      .fig .solid{stroke:\(scheme.page)}.fig .hollow{fill:\(scheme.page)}
      .fig .halo,.fig .under{stroke:\(scheme.page)}
      \(arms.joined())
      """
  }

  /// The rules for figures in every scheme.
  static let shapes = """
    .fig text{font-family:\(fonts);font-size:12px;font-variant-numeric:tabular-nums}
    .fig .big{font-size:15px;font-weight:600}.fig .middle{text-anchor:middle}
    .fig .end{text-anchor:end}.fig .strong{font-weight:600}
    .fig path,.fig line{fill:none;stroke-linejoin:round;stroke-linecap:butt}
    .fig .grid,.fig .axis{stroke-width:1}.others{fill:none;stroke-width:.8}
    .fig .mean{stroke-width:2}.fig .run{stroke-width:.6;stroke-opacity:.32}
    .fig .under{stroke-width:3.6;stroke-opacity:.75}
    .fig .leader{stroke-width:.8;stroke-opacity:.8}.fig .tick{stroke-width:1.2;stroke-opacity:.75}
    .fig .st{stroke-width:1.6}.fig .line.st{stroke-dasharray:1.5 3}
    .fig .d1{stroke-dasharray:6 3}.fig .d2{stroke-dasharray:2 2.5}
    .fig .solid{stroke-width:1}.fig .hollow{stroke-width:1.7}
    .fig .area{stroke:none;fill-opacity:.15}
    .fig .halo{stroke-width:4;paint-order:stroke;stroke-linejoin:round}
    """

  private static let fonts =
    #"system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue","Noto Sans",Arial,sans-serif"#
}

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
