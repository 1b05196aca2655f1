/// Packed data in the making.
struct PackedDataBuilder {
  private var data = PackedData()
  private var packer: SequencePacker
  private var digest = SequenceDigest()
  private var seen: Set<DocumentDigest> = []
  private var room: Int
  private let documentsApart: Bool

  /// Nothing yet; `limit` is how many predictions there may be.
  init(length: Int, limit: Int, documentsApart: Bool) {
    packer = SequencePacker(length: length)
    room = limit
    self.documentsApart = documentsApart
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
  mutating func add(_ tokens: [Int32], firstCounted: Int, group: String? = nil) {
    guard tokens.count > 1 else {
      data.tooShort += 1
      return
    }
    let tokens = tokens.count - 1 <= room ? tokens : Array(tokens[...room])
    room -= tokens.count - 1
    let origin =
      documentsApart ? DocumentOrigin(index: data.documentCount, group: group) : nil
    data.documentCount += 1
    data.tokenCount += tokens.count
    for sequence in packer.append(tokens, firstCounted: firstCounted) { keep(sequence, of: origin) }
    if documentsApart, let last = packer.finish() { keep(last, of: origin) }
  }

  private mutating func keep(_ sequence: PackedSequence, of origin: DocumentOrigin?) {
    var sequence = sequence
    sequence.origin = origin
    digest.append(sequence)
    data.sequences.append(sequence)
  }

  /// The data, its last sequence and its fingerprint included.
  mutating func finish() -> PackedData {
    if let last = packer.finish() { keep(last, of: nil) }
    data.fingerprint = digest.hexadecimal()
    return data
  }
}
