import Foundation
import FoundationXML
import Testing

/// The elements and texts of a document, which must be well-formed XML.
final class XMLElements: NSObject, XMLParserDelegate {
  /// An element and its attributes.
  struct Element {
    var name: String
    var attributes: [String: String]
  }

  private(set) var elements: [Element] = []
  private(set) var text = ""
  private(set) var texts: [String: [String]] = [:]
  private var open: [String] = []

  init(_ document: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
    super.init()
    let parser = XMLParser(data: Data(document.utf8))
    parser.delegate = self
    let isParsed = parser.parse()
    let trouble = "line \(parser.lineNumber): \(String(describing: parser.parserError))"
    try #require(isParsed, "\(trouble)", sourceLocation: sourceLocation)
  }

  /// The elements of a name.
  func all(_ name: String) -> [Element] { elements.filter { $0.name == name } }

  func parser(
    _ parser: XMLParser, didStartElement name: String, namespaceURI: String?,
    qualifiedName: String?, attributes: [String: String]
  ) {
    elements.append(Element(name: name, attributes: attributes))
    open.append("")
  }

  func parser(_ parser: XMLParser, foundCharacters characters: String) {
    text += characters
    open[open.count - 1] += characters
  }

  func parser(
    _ parser: XMLParser, didEndElement name: String, namespaceURI: String?, qualifiedName: String?
  ) {
    texts[name, default: []].append(open.removeLast())
  }
}
