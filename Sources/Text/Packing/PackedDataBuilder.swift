import Base

/// Packed data in the making.
struct PackedDataBuilder {
  private var data = PackedData()
  private var packer: SequencePacker
  private var digest = SequenceDigest()
  private var seen: Set<DocumentDigest> = []
  /// The documents that a limit leaves so far; nil without one.
  private var sample: DocumentSample?
  private let documentsApart: Bool
  private let known: KnownDocuments?
  /// The documents of the window that is being filled.
  private var members: [(number: Int, source: String)] = []

  /// A builder without data; it takes `limit` predictions at most, and leaves out `known`
  /// documents.
  init(length: Int, limit: Int?, known: KnownDocuments?, documentsApart: Bool) {
    packer = SequencePacker(length: length)
    sample = limit.map { DocumentSample(limit: $0) }
    self.known = known
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

  /// Adds a document.
  mutating func add(_ document: PackedDocument, _ digest: DocumentDigest) {
    guard document.tokens.count > 1 else {
      data.tooShort += 1
      return
    }
    guard sample == nil else {
      sample?.add(document, digest)
      return
    }
    pack(document)
  }

  private mutating func pack(_ document: PackedDocument) {
    guard known?.contains(document.tokens) != true else {
      data.alreadyKnown += 1
      return
    }
    let member = (number: data.documentCount, source: document.source)
    let origin =
      documentsApart
      ? DocumentOrigin(index: member.number, group: document.group, source: document.source) : nil
    data.documentCount += 1
    data.tokenCount += document.tokens.count
    members.append(member)
    for sequence in packer.append(document.tokens, firstCounted: document.firstCounted) {
      keep(sequence, of: origin)
      members = [member]
    }
    if documentsApart, let last = packer.finish() { keep(last, of: origin) }
    if packer.isEmpty { members = [] }
  }

  private mutating func keep(_ sequence: PackedSequence, of origin: DocumentOrigin?) {
    guard sequence.countedCount > 0 else { return data.uncounted.add(members) }
    var sequence = sequence
    sequence.origin = origin
    digest.append(sequence)
    data.sequences.append(sequence)
  }

  /// The data, its last sequence and its fingerprint included.
  mutating func finish() -> PackedData {
    if let sample {
      data.beyondLimit = sample.leftOut
      for document in sample.finish() { pack(document) }
    }
    if let last = packer.finish() { keep(last, of: nil) }
    data.fingerprint = digest.hexadecimal()
    return data
  }
}
