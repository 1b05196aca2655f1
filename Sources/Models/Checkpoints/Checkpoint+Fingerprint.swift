import Base

extension Checkpoint {
  /// SHA-256, in hexadecimal, of the config and of every tensor's name, type, shape and bytes.
  ///
  /// The same for one file and for shards, and unmoved by inert keys of the config. Reads the whole
  /// checkpoint once.
  public var fingerprint: String {
    var hash = Digest()
    hash.append(identity.huggingFaceJSON())
    switch storage {
    case .safetensors(let files):
      let tensors = files.flatMap { file in file.entries.map { (file, $0) } }
      for (file, entry) in tensors.sorted(by: { $0.1.name < $1.1.name }) {
        file.withBytes(of: entry) { hash.update(entry.name, entry.type.rawValue, entry.shape, $0) }
        file.mapping.advise(file.fileRange(of: entry), .notNeeded)
      }
    case .gguf(let file):
      for tensor in file.tensors.sorted(by: { $0.name < $1.name }) {
        file.withBytes(of: tensor) { hash.update(tensor.name, tensor.type.name, tensor.shape, $0) }
        file.mapping.advise(tensor.range, .notNeeded)
      }
    }
    return hash.hexadecimal
  }
}

extension Digest {
  // Lengths first, so that no two sequences of tensors give the same stream.
  fileprivate mutating func update(
    _ name: String, _ type: String, _ shape: [Int], _ bytes: UnsafeRawBufferPointer
  ) {
    let sizes = shape.map(String.init).joined(separator: ",")
    let head = "\(name.utf8.count):\(name) \(type) [\(sizes)] \(bytes.count)\n"
    append(Array(head.utf8))
    append(bytes)
  }
}
