/// The place of a part in its cache, and the settings that it is made under.
struct PartPlace {
  /// The contents of the part's `capture.json`.
  var capture: CaptureFile
  /// The number of the part in the cache.
  var part: Int
  /// The number of the part's first shard in the cache.
  var firstShard: Int
  /// The manifest, if the part is finished.
  var finished: CacheManifest?
}

extension CacheDirectory {
  /// Leaves the folder with a part's settings and tables, and tells where the part lies.
  func begin(
    _ own: CaptureFile, tables: [UInt8]?, appending: Bool
  ) throws(ShardError) -> PartPlace {
    // A finished cache may lie where nothing can be written, not even a lock.
    if !isBeingChanged, let manifest = try validManifest(),
      let place = try place(of: own, in: manifest)
    {
      try requireFiles(of: manifest)
      return place
    }
    if appending, !exists(Self.manifest) {
      throw exists(Self.capture) ? .unfinished(path: path) : .missing(path: path(Self.manifest))
    }
    try create()
    let lock = try DirectoryLock(self)
    let manifest = try settle(lock)
    if let manifest {
      if let place = try place(of: own, in: manifest) {
        try requireFiles(of: manifest)
        return place
      }
      try checkFollows(manifest, own, appending: appending)
    } else if !exists(Self.capture) {
      try refuseStrangers()
    }
    var place = PartPlace(
      capture: own, part: manifest?.parts.count ?? 0, firstShard: manifest?.shards.count ?? 0)
    place.capture = try joined(own) ?? own
    try store(place, tables: tables)
    return place
  }

  /// The place of a part that the cache has already.
  private func place(
    of own: CaptureFile, in manifest: CacheManifest
  ) throws(ShardError) -> PartPlace? {
    var firstShard = 0
    for (number, part) in manifest.parts.enumerated() {
      if try part.capture.firstDifference(from: own.capture) == nil {
        var capture = own
        (capture.capture, capture.fingerprint) = (part.capture, part.fingerprint)
        return PartPlace(
          capture: capture, part: number, firstShard: firstShard, finished: manifest)
      }
      firstShard += part.shards.count
    }
    return nil
  }

  private func checkFollows(
    _ manifest: CacheManifest, _ own: CaptureFile, appending: Bool
  ) throws(ShardError) {
    let path = path(Self.manifest)
    guard appending else {
      try manifest.parts[manifest.parts.count - 1].capture.require(own.capture, path)
      return
    }
    if let conflict = try manifest.capture.firstConflict(with: own.capture) {
      throw .incompatible(
        path: path, key: conflict.key, found: conflict.expected, other: conflict.found)
    }
  }

  private func refuseStrangers() throws(ShardError) {
    guard
      let stranger = try names().first(where: { !Self.isOwn($0) || Self.shardNumber($0) != nil })
    else { return }
    throw .notACache(path: path, found: stranger)
  }

  /// The settings that others began the part with; nil if nobody did.
  private func joined(_ own: CaptureFile) throws(ShardError) -> CaptureFile? {
    guard exists(Self.capture) else { return nil }
    let path = path(Self.capture)
    var found = try CaptureFile(self)
    try found.capture.require(own.capture, path)
    if let theirs = found.sequences, let ours = own.sequences, theirs != ours {
      throw .captureMismatch(
        path: path, key: "sequences", found: "\(theirs)", expected: "\(ours)")
    }
    found.sequences = found.sequences ?? own.sequences
    return found
  }

  /// Writes a part's `capture.json` and its tables, where they are not there already.
  ///
  /// In this order: tables without settings beside them would be nobody's.
  func store(_ place: PartPlace, tables: [UInt8]?) throws(ShardError) {
    let bytes = try CacheJSON.encode(place.capture)
    if (try? read(Self.capture)) != bytes { try write(bytes, to: Self.capture) }
    let name = Self.tables(place.part)
    if let tables, (try? read(name)) != tables { try write(tables, to: name) }
  }
}
