public import Foundation

extension CodingTables {
  /// The tables of a part that was begun or finished under the same settings; nil if there is none.
  ///
  /// They save computing the tables again. Tables without settings beside them, or with a hash
  /// other than the one that these state, are as if they were not there.
  public init?(directory url: URL, capture: CaptureConfig) throws(ShardError) {
    let directory = CacheDirectory(url)
    for (part, stored) in try directory.captures().enumerated() {
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

extension CacheDirectory {
  /// The captures of the folder's parts, finished ones and the one in the making.
  func captures() throws(ShardError) -> [CaptureConfig] {
    // What is damaged is for `repair`, which asks here too.
    let finished = (try? validManifest())?.parts.map(\.capture) ?? []
    guard exists(Self.capture) else { return finished }
    return finished + [try CaptureFile(self).capture]
  }
}
