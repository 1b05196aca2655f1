/// Finding the key that a misspelt one was meant to be.
package enum NearestKey {
  /// The known key with the fewest edits, if few enough to be a likely slip.
  package static func nearest(to key: String, among known: [String]) -> String? {
    let ranked = known.map { (key: $0, distance: distance(key, $0)) }
    guard let best = ranked.min(by: { $0.distance < $1.distance }) else { return nil }
    return best.distance <= max(2, max(key.count, best.key.count) / 3) ? best.key : nil
  }

  /// The optimal string alignment distance: insertions, deletions, replacements and swaps.
  static func distance(_ a: String, _ b: String) -> Int {
    let (a, b) = (Array(a.lowercased()), Array(b.lowercased()))
    var twoAbove: [Int] = []
    var above = Array(0...b.count)
    for i in a.indices {
      var row = [i + 1]
      for j in b.indices {
        var best = min(above[j + 1] + 1, row[j] + 1, above[j] + (a[i] == b[j] ? 0 : 1))
        if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] {
          best = min(best, twoAbove[j - 1] + 1)
        }
        row.append(best)
      }
      (twoAbove, above) = (above, row)
    }
    return above[b.count]
  }
}
