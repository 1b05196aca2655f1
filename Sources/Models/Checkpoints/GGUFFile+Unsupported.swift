extension GGUFFile {
  /// Refuses metadata that the decoder would otherwise silently do without.
  func refuseUnsupportedKeys(of architecture: String) throws(GGUFError) {
    if try int("\(architecture).expert_count") ?? 0 > 0 {
      throw unsupported("a mixture of experts", "dense")
    }
    let prefix = architecture + "."
    for key in metadata.keys.sorted() where key.hasPrefix(prefix) {
      let name = String(key.dropFirst(prefix.count))
      if UnsupportedKeys.readFromGGUF.contains(name) || isWholeWindow(name) { continue }
      let row =
        UnsupportedKeys.gguf.first { $0.keys.contains(name) }
        ?? .init([name], [.int(0), .bool(false)])
      let value = try configValue(key)
      guard row.isNeutral(value) else {
        throw unsupported("\(key) = \(value.brief)", row.supported)
      }
    }
    if let parts = try int("split.count"), parts > 1 {
      throw unsupported("one of \(parts) parts", "a model in one file; join them first")
    }
  }

  // A window that reaches over the whole context is none.
  private func isWholeWindow(_ name: String) -> Bool {
    guard name == "attention.sliding_window",
      case .unsigned(let window)? = metadata["llama." + name],
      case .unsigned(let context)? = metadata["llama.context_length"]
    else { return false }
    return window >= context
  }

  private func configValue(_ key: String) throws(GGUFError) -> ConfigValue {
    switch metadata[key] {
    case .bool(let flag)?: .bool(flag)
    case .double(let number)?: .double(number)
    case .string?: .string(try string(key) ?? "")
    case .array?: .array([])
    case .signed(let number)?: .int(Int(number))
    case .unsigned?: try int(key).map(ConfigValue.int) ?? .null
    case nil: .null
    }
  }
}
