public import Foundation

extension JSONValue {
  /// The value as JSON with two-space indent, as transformers writes it.
  ///
  /// - Precondition: every number is finite.
  public var json: Data { Data(written(JSONWriter(.indented)).line()) }

  /// The value as UTF-8 JSON on a single line, without white space.
  package var compactJSON: [UInt8] { written(JSONWriter()).finish() }

  /// The value as the JSON that tokenizers are saved and known by: on a single line, without white
  /// space, tabs and returns by their numbers.
  package func serialized() -> [UInt8] {
    written(JSONWriter(spellsOutControls: true)).finish()
  }

  private func written(_ writer: JSONWriter) -> JSONWriter {
    var writer = writer
    writer.value(self)
    return writer
  }
}
