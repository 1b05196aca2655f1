extension CacheManifest {
  /// A warning where documents beside this cache's are given BOS or EOS otherwise.
  ///
  /// - Parameters:
  ///   - bos: Whether BOS is added to them.
  ///   - eos: Whether EOS is added to them.
  /// - Returns: One phrase; nil where all are alike.
  package func note(addingBOS bos: Bool, addingEOS eos: Bool) -> String? {
    let marks: [(name: String, isAdded: Bool, part: KeyPath<CaptureConfig, Bool>)] = [
      ("BOS", bos, \.bosAdded), ("EOS", eos, \.eosAdded),
    ]
    let differing = marks.filter { mark in
      parts.contains { $0.capture[keyPath: mark.part] != mark.isAdded }
    }
    guard !differing.isEmpty else { return nil }
    return differing.map {
      "\($0.name) was \($0.isAdded ? "not " : "")added there and is \($0.isAdded ? "" : "not ")added here"
    }.joined(separator: "; ") + ": students see documents of both kinds"
  }
}
