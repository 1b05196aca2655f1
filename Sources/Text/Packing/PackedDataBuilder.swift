/// Packed data in the making.
struct PackedDataBuilder {
  private var data = PackedData()
  private var packer: SequencePacker
  private var digest = SequenceDigest()
  private var seen: Set<DocumentDigest> = []
  /// Where there is a limit, the documents that it leaves so far.
  private var sample: DocumentSample?
  private let documentsApart: Bool

  /// Nothing yet; `limit` is how many predictions there may be.
  init(length: Int, limit: Int?, documentsApart: Bool) {
    packer = SequencePacker(length: length)
    sample = limit.map { DocumentSample(limit: $0) }
    self.documentsApart = documentsApart
  }

  /// Whether a document is new, in the wanted part and not beyond the limit; counts it if not.
  mutating func admits(
    _ digest: DocumentDigest, _ heldOut: HeldOutSplit, _ split: Split
  ) -> Bool {
    guard isNew(digest) else {
      data.duplicatesDropped += 1
      return false
    }
    guard heldOut.contains(digest, in: split) else {
      data.outsideSplit += 1
      return false
    }
    return sample?.wants(digest) ?? true
  }

  /// A copy of a document that a sample has given up is not kept either: it has the same hash.
  private mutating func isNew(_ digest: DocumentDigest) -> Bool {
    if let sample { return !sample.contains(digest) }
    return seen.insert(digest).inserted
  }

  /// Adds a document's tokens.
  mutating func add(
    _ tokens: [Int32], _ digest: DocumentDigest, firstCounted: Int, group: String? = nil
  ) {
    guard tokens.count > 1 else {
      data.tooShort += 1
      return
    }
    guard sample == nil else {
      sample?.add(tokens, digest, firstCounted: firstCounted, group: group)
      return
    }
    pack(tokens, firstCounted: firstCounted, group: group)
  }

  private mutating func pack(_ tokens: [Int32], firstCounted: Int, group: String?) {
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
    if let sample {
      data.beyondLimit = sample.leftOut
      for member in sample.finish() {
        pack(member.tokens, firstCounted: member.firstCounted, group: member.group)
      }
    }
    if let last = packer.finish() { keep(last, of: nil) }
    data.fingerprint = digest.hexadecimal()
    return data
  }
}
