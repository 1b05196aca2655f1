/// The parameters of a checkpoint by Hugging Face's names, each looked up when it is asked for.
struct TensorDirectory: Sendable {
  // What multimodal files put before the text decoder's names.
  private static let prefix = "language_model."

  private let files: [SafetensorsFile]
  // Whether experts that are stored one by one stand for fused parameters.
  private let fusesExperts: Bool
  // What stands in no file under a parameter's name: fused experts, and the tensors of a GGUF.
  private var others: [String: TensorSource] = [:]

  /// The parameters that safetensors files hold; no name is in two of them.
  ///
  /// - Throws: `SafetensorsError.duplicateKey` for a name with and without the multimodal prefix,
  ///   and what ``SeparateExperts`` throws.
  init(_ files: [SafetensorsFile], path: String, fusesExperts: Bool) throws {
    self.files = files
    self.fusesExperts = fusesExperts
    var experts: [String: SeparateExperts.Census] = [:]
    for file in files {
      try file.withHeader { text in
        try file.header.forEachName(in: text) { _, name in
          if name.starts(with: Self.prefix.utf8) { try requireOnce(name, file) }
          guard fusesExperts, Self.mayBeExpert(name) else { return }
          let parameter = Self.parameterName(String(decoding: name, as: UTF8.self))
          guard let (prefix, expert) = SeparateExperts.parse(parameter) else { return }
          experts[prefix, default: .init()].count(expert)
        }
      }
    }
    others = try SeparateExperts.fused(experts, path: path) { name in
      find(name).map { SeparateExperts.Matrix(file: $0.file, name: $0.stored) }
    }.mapValues(TensorSource.experts)
  }

  /// The parameters that a GGUF file holds.
  init(_ file: GGUFFile, config: DecoderConfig) throws {
    files = []
    fusesExperts = false
    others = try TensorSource.sources(of: file, config: config)
  }

  /// The source of a parameter's values; nil where there is no parameter of that name.
  subscript(name: String) -> TensorSource? {
    // A fused tensor wins where a file has both.
    if !isPartOfFused(name), let (file, stored) = find(name) {
      return file.entry(stored).map { .stored(file, name: stored, shape: $0.shape) }
    }
    return others[name]
  }

  /// The names of the parameters, sorted.
  var names: [String] {
    let stored = files.flatMap { file in file.entries.map { Self.parameterName($0.name) } }
    return Set(stored.filter { !isPartOfFused($0) }).union(others.keys).sorted()
  }

  /// The first parameter by name that is not among those named and that counts.
  func firstName(
    besides used: some Sequence<String>, where counts: (String) -> Bool
  ) -> String? {
    let used = Set(used)
    var first = others.keys.filter { !used.contains($0) && counts($0) }.min()
    for file in files {
      file.withHeader { text in
        var isUsed = [Bool](repeating: false, count: file.header.count)
        for name in used {
          for stored in [name, Self.prefix + name] {
            if let number = file.header.number(of: stored, in: text) { isUsed[number] = true }
          }
        }
        file.header.forEachName(in: text) { number, bytes in
          guard !isUsed[number], !(first.map { Self.isLater(bytes, $0) } ?? false) else { return }
          let name = Self.parameterName(String(decoding: bytes, as: UTF8.self))
          guard first.map({ name < $0 }) ?? true, counts(name) else { return }
          if !Self.mayBeExpert(bytes) || !isPartOfFused(name) { first = name }
        }
      }
    }
    return first
  }

  /// Whether a stored tensor is no parameter of its own.
  private func isPartOfFused(_ name: String) -> Bool {
    fusesExperts && SeparateExperts.parse(name) != nil
  }

  private func find(_ name: String) -> (file: SafetensorsFile, stored: String)? {
    for file in files {
      for stored in [name, Self.prefix + name] {
        let number = file.withHeader { file.header.number(of: stored, in: $0) }
        if number != nil { return (file, stored) }
      }
    }
    return nil
  }

  private func requireOnce(_ name: UnsafeRawBufferPointer, _ file: SafetensorsFile) throws {
    let bare = UnsafeRawBufferPointer(rebasing: name.dropFirst(Self.prefix.utf8.count))
    let isTwice = files.contains { other in
      other.withHeader { other.header.number(of: bare, in: $0) } != nil
    }
    if isTwice {
      throw SafetensorsError.duplicateKey(
        file: file.path, key: String(decoding: bare, as: UTF8.self))
    }
  }

  private static func parameterName(_ stored: String) -> String {
    stored.hasPrefix(prefix) ? String(stored.dropFirst(prefix.count)) : stored
  }

  // Looks only at how every separate expert's name ends: of most names no text is made.
  private static func mayBeExpert(_ name: UnsafeRawBufferPointer) -> Bool {
    name.suffix(12).elementsEqual("_proj.weight".utf8)
  }

  // Whether a name's bytes come after a text, whatever its prefix; unsure of what has the prefix.
  private static func isLater(_ bytes: UnsafeRawBufferPointer, _ text: String) -> Bool {
    !bytes.starts(with: prefix.utf8) && !bytes.lexicographicallyPrecedes(text.utf8)
  }
}
