import Reports

/// A figure being drawn: an SVG with a name and a description for those who do not see it.
struct Canvas {
  private let id: String
  private let title: String
  private let description: String
  private let width: Double
  private let height: Double
  private var parts: [String] = []

  /// An empty figure; the id is unique within the page.
  init(id: String, title: String, description: String, width: Double, height: Double) {
    self.id = id
    self.title = title
    self.description = description
    self.width = width
    self.height = height
  }

  /// Draws a text from, around or up to a place on its base line, as its classes say.
  mutating func text(_ text: String, _ style: String = "", x: Double, y: Double) {
    let name = style.isEmpty ? "" : #" class="\#(style)""#
    add(
      #"<text\#(name) x="\#(Self.short(x))" y="\#(Self.short(y))">\#(Markup.escape(text))</text>"#)
  }

  /// Draws a straight line.
  mutating func line(_ style: String, _ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double) {
    path(style, [CurvePoint(x: x1, y: y1), CurvePoint(x: x2, y: y2)])
  }

  /// Draws a line through some places.
  mutating func path(_ style: String, _ places: [CurvePoint], clip: String? = nil) {
    guard places.count > 1 else { return }
    add(#"<path class="\#(style)"\#(Self.clipped(clip)) d="\#(Self.data(places))"/>"#)
  }

  /// Fills the area between two lines.
  mutating func area(
    _ style: String, upper: [CurvePoint], lower: [CurvePoint], clip: String? = nil
  ) {
    guard upper.count > 1, lower.count > 1 else { return }
    let data = Self.data(upper + lower.reversed()) + "Z"
    add(#"<path class="area \#(style)"\#(Self.clipped(clip)) d="\#(data)"/>"#)
  }

  /// Draws an arm's mark.
  mutating func mark(_ style: ArmStyle, x: Double, y: Double) {
    let place = "translate(\(Self.short(x)) \(Self.short(y)))"
    add(#"<path class="\#(style.mark)" d="\#(style.outline)" transform="\#(place)"/>"#)
  }

  /// Draws what another figure of the page has defined.
  mutating func reuse(_ id: String) { add(##"<use href="#\##(id)"/>"##) }

  /// A clip path around a box, for curves to be held in, and its id.
  mutating func clip(_ box: Box) -> String {
    let (width, height) = (box.right - box.left, box.bottom - box.top)
    let rectangle =
      #"<rect x="\#(Self.short(box.left))" y="\#(Self.short(box.top))" "#
      + #"width="\#(Self.short(width))" height="\#(Self.short(height))"/>"#
    add(#"<clipPath id="\#(id)-clip">\#(rectangle)</clipPath>"#)
    return id + "-clip"
  }

  /// The figure as a part of a page, which brings the styles.
  func inline(_ style: String = "") -> String { head(style) + body + "</svg>" }

  /// The figure as a file of its own, with a page behind it, light or dark as the reader's is.
  var file: String {
    let css =
      FigureStyle.shapes + FigureStyle.colors(FigureStyle.light)
      + "@media (prefers-color-scheme:dark){\(FigureStyle.colors(FigureStyle.dark))}"
    let margin = 14.0
    let page =
      #"<rect class="page" x="-14" y="-14" width="\#(Self.short(width + 2 * margin))" "#
      + #"height="\#(Self.short(height + 2 * margin))" rx="6"/>"#
    return head("", margin: margin) + "<style>\(css)</style>" + page + body + "</svg>\n"
  }

  /// Some places as the data of a path: the way from each to the next, in whole tenths of pixels,
  /// which is a third shorter than the places themselves.
  static func data(_ places: [CurvePoint]) -> String {
    var (text, last) = ("m", (x: 0, y: 0))
    for place in places {
      let next = (x: tenths(place.x), y: tenths(place.y))
      for step in [next.x - last.x, next.y - last.y] {
        // A minus sign parts two numbers as well as a blank does.
        if step >= 0, text != "m" { text += " " }
        text += inPixels(step)
      }
      last = next
    }
    return text
  }

  /// Tenths of a pixel; those far outside, as of a loss that has diverged, are clamped to short
  /// numbers.
  private static func tenths(_ value: Double) -> Int {
    value.isNaN ? 0 : Int((min(max(value, -9999), 9999) * 10).rounded())
  }

  private static func inPixels(_ tenths: Int) -> String {
    let (whole, part) = abs(tenths).quotientAndRemainder(dividingBy: 10)
    return (tenths < 0 ? "-" : "")
      + (part == 0 ? "\(whole)" : "\(whole > 0 ? "\(whole)" : "").\(part)")
  }

  private var body: String {
    #"<title id="\#(id)-t">\#(Markup.escape(title))</title>"#
      + #"<desc id="\#(id)-d">\#(Markup.escape(description))</desc>"# + parts.joined()
  }

  /// The opening tag; a file's says its size and leaves a margin around the figure.
  private func head(_ style: String, margin: Double = 0) -> String {
    let name = style.isEmpty ? "fig" : "fig " + style
    let (width, height) = (
      Self.short(width + 2 * margin), Self.short(height + 2 * margin)
    )
    let size = margin > 0 ? #" width="\#(width)" height="\#(height)""# : ""
    let corner = Self.short(-margin)
    return #"<svg xmlns="http://www.w3.org/2000/svg" class="\#(name)"\#(size) "#
      + #"viewBox="\#(corner) \#(corner) \#(width) \#(height)" role="img" "#
      + #"aria-labelledby="\#(id)-t \#(id)-d">"#
  }

  private mutating func add(_ part: String) { parts.append(part) }

  private static func clipped(_ id: String?) -> String {
    id.map { ##" clip-path="url(#\##($0))""## } ?? ""
  }

  /// A tenth of a pixel is more than anyone sees; `12.0` is written `12`.
  private static func short(_ value: Double) -> String {
    let text = Figures.decimal(value == 0 ? 0 : value, places: 1)
    return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
  }
}

/// The rough widths of texts: which font will show them is not known.
enum TextWidth {
  /// The width in pixels at a font size; generous for most system fonts.
  static func of(_ text: String, size: Double = 12) -> Double {
    text.unicodeScalars.reduce(0) { $0 + ems($1) } * size
  }

  /// The text, its middle left out as far as a width demands.
  static func fit(_ text: String, width: Double, size: Double = 12) -> String {
    guard of(text, size: size) > width else { return text }
    let characters = Array(text)
    // The ends of names tell more than their middles.
    for kept in stride(from: characters.count - 1, to: 1, by: -1) {
      let head = characters[..<((kept + 1) / 2)]
      let short = String(head) + "…" + String(characters[(characters.count - kept / 2)...])
      if of(short, size: size) <= width { return short }
    }
    return "…"
  }

  private static func ems(_ scalar: Unicode.Scalar) -> Double {
    switch scalar {
    case "i", "j", "l", "I", "t", "f", "r", ".", ",", ":", ";", "|", "!", "(", ")", " ", "-": 0.36
    case "m", "w", "M", "W", "@", "%": 0.9
    case "A"..."Z": 0.68
    case "\u{1100}"..."\u{115F}", "\u{2E80}"..."\u{A4CF}", "\u{AC00}"..."\u{D7A3}",
      "\u{F900}"..."\u{FAFF}", "\u{FF00}"..."\u{FF60}", "\u{1F000}"..."\u{3FFFF}":
      1
    default: 0.58
    }
  }
}
