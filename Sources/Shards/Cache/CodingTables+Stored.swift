public import Foundation

extension CodingTables {
  /// The tables of a part that was begun or finished under the same settings; nil if there is none.
  ///
  /// They save computing the tables again. Tables without settings beside them, or with a hash other
  /// than the one that these state, are as if they were not there.
  public init?(directory url: URL, capture: CaptureConfig) throws(ShardError) {
    let directory = CacheDirectory(url)
    let manifest = try directory.validManifest()
    var candidates = (manifest?.parts ?? []).map(\.capture)
    if directory.exists(CacheDirectory.capture) {
      candidates.append(try CaptureFile(directory).capture)
    }
    for (part, stored) in candidates.enumerated() {
      var wanted = capture
      wanted.tablesSHA256 = stored.tablesSHA256
      guard try stored.firstDifference(from: wanted) == nil,
        let tables = try? TablesFile.load(directory, stored, part: part)
      else { continue }
      self = tables
      return
    }
    return nil
  }
}
