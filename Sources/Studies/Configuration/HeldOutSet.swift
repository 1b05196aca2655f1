import Base
package import Capture

/// A text that all runs of a comparison are measured on. (`data:`, or an entry of `sets:`)
package struct HeldOutSet: Sendable {
  /// The name in tables and files; nil where a comparison has one text alone.
  package var name: String?
  /// The text.
  package var data: DataConfig
  /// The most tokens that are measured, of documents taken by their hashes; nil measures all.
  package var tokens: Int?

  /// The name of a file of the set's: the stem and its ending alone where the set has no name.
  func fileName(_ stem: String) -> String { "\(stem)\(name.map { ".\($0)" } ?? "").json" }
}

extension HeldOutSet {
  private enum Key: String, ConfigKey { case data, tokens }

  /// The sets of a comparison, the one that ranks its arms first, the others in their order.
  static func all(
    _ section: ConfigSection<ComparisonConfig.Key>
  ) throws(ConfigError) -> [HeldOutSet] {
    let tokens = try section.optionalInteger(.tokens, .tokens)
    guard let node = section[.sets] else {
      guard section[.rankBy] == nil else {
        throw section.conflict(.rankBy, "rank_by names one of sets, and there are none")
      }
      return [Self(data: try DataConfig(try section.required(.data)), tokens: tokens)]
    }
    guard section[.data] == nil else {
      throw section.conflict(.data, "give data or sets, not both")
    }
    var sets: [HeldOutSet] = []
    for entry in try node.entries() {
      guard ConfigNode.isFolderName(entry.key) else {
        throw .conflict(
          entry.place,
          problem: "'\(entry.key)' becomes part of a file's name: no slash, no leading dot")
      }
      let section = try ConfigSection<Key>(entry.value)
      sets.append(
        Self(
          name: entry.key, data: try DataConfig(try section.required(.data)),
          tokens: try section.optionalInteger(.tokens, .tokens) ?? tokens))
    }
    guard let first = sets.first else { throw node.invalid("names with a text each") }
    let ranking = try section.optionalString(.rankBy) ?? first.name ?? ""
    guard let place = sets.firstIndex(where: { $0.name == ranking }) else {
      let names = sets.compactMap(\.name).joined(separator: ", ")
      throw section.conflict(.rankBy, "there is no set '\(ranking)'; the sets are \(names)")
    }
    return [sets.remove(at: place)] + sets
  }
}
