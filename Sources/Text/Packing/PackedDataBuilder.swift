/// Packed data in the making.
struct PackedDataBuilder {
  private var data = PackedData()
  private var packer: SequencePacker
  private var digest = SequenceDigest()
  private var seen: Set<DocumentDigest> = []
  private var room: Int

  /// Nothing yet; `limit` is how many predictions there may be.
  init(length: Int, limit: Int) {
    packer = SequencePacker(length: length)
    room = limit
  }

  /// Whether the limit is reached.
  var isFull: Bool { room == 0 }

  /// Whether a document is new and in the wanted part; counts it if not.
  mutating func admits(_ document: Document, _ heldOut: HeldOutSplit, _ split: Split) -> Bool {
    let digest = DocumentDigest(document)
    guard seen.insert(digest).inserted else {
      data.duplicatesDropped += 1
      return false
    }
    guard heldOut.contains(digest, in: split) else {
      data.outsideSplit += 1
      return false
    }
    return true
  }

  /// Adds a document's tokens, as far as there is room.
  mutating func add(_ tokens: [Int32], firstCounted: Int) {
    guard tokens.count > 1 else {
      data.tooShort += 1
      return
    }
    let tokens = tokens.count - 1 <= room ? tokens : Array(tokens[...room])
    room -= tokens.count - 1
    data.documentCount += 1
    data.tokenCount += tokens.count
    for sequence in packer.append(tokens, firstCounted: firstCounted) { keep(sequence) }
  }

  private mutating func keep(_ sequence: PackedSequence) {
    digest.append(sequence)
    data.sequences.append(sequence)
  }

  /// The data, its last sequence and its fingerprint included.
  mutating func finish() -> PackedData {
    if let last = packer.finish() { keep(last) }
    data.fingerprint = digest.hexadecimal()
    return data
  }
}
