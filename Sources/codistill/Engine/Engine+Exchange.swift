import Capture
import Foundation
import Reports
import Shards
import Text

extension Engine {
  /// Writes what a cache holds into a plain file.
  static func exportCache(
    _ cache: String, to output: String, format: CacheExporter.Format, sequences: Range<Int>?
  ) throws -> ExportSummary {
    let reader = try CacheReader(directory: URL(filePath: cache))
    let exporter = try CacheExporter(reader, sequences: sequences)
    let count = sequences?.count ?? reader.count
    let line = ProgressLine("exporting", total: count, unit: "sequences")
    try exporter.write(to: output, format: format) { line.update(done: $0) }
    line.finish()
    let file = URL(filePath: output).resolvingSymlinksInPath().path(percentEncoded: false)
    let bytes = try FileManager.default.attributesOfItem(atPath: file)[.size] as? Int
    return ExportSummary(
      output: output, format: format.rawValue, sequences: count, bytes: bytes ?? 0)
  }
}
