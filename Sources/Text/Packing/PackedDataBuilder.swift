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

/// The documents that a limit on predictions leaves: those of least hash, in the data's order.
///
/// They are spread over the data however it is ordered, are the same for every process and order of
/// files, and belong to every sample with a larger limit. The document of the largest hash is cut
/// where the limit is met. Held are the tokens of about as many predictions as the limit and of one
/// document more, whatever the size of the data.
struct DocumentSample {
  /// A tokenised document.
  struct Member: Comparable {
    /// Its place among the documents by hash.
    let rank: UInt64
    /// Its place in the data.
    let place: Int
    var document: PackedDocument

    var predictions: Int { document.tokens.count - 1 }

    /// The largest rank is on top of a heap.
    static func < (left: Member, right: Member) -> Bool {
      (left.rank, left.place) > (right.rank, right.place)
    }
    static func == (left: Member, right: Member) -> Bool { left.place == right.place }
  }

  /// The number of documents that were left out for their hashes.
  private(set) var leftOut = 0

  private let limit: Int
  private var members = Heap<Member>()
  private var digests: [UInt64: DocumentDigest] = [:]
  private var predictions = 0
  private var places = 0

  /// An empty sample; `limit` is the most predictions that there may be, at least 1.
  init(limit: Int) { self.limit = limit }

  /// Whether a document is among those kept.
  func contains(_ digest: DocumentDigest) -> Bool { digests[digest.sampleRank] == digest }

  /// Whether a document would be kept; it need not be tokenised if not.
  mutating func wants(_ digest: DocumentDigest) -> Bool {
    guard predictions >= limit, let last = members.minimum, digest.sampleRank > last.rank else {
      return true
    }
    leftOut += 1
    return false
  }

  /// Takes a document in, and gives up those that there is no more room for.
  mutating func add(_ document: PackedDocument, _ digest: DocumentDigest) {
    var document = document
    if document.tokens.count - 1 > limit { document.tokens = Array(document.tokens[...limit]) }
    members.push(Member(rank: digest.sampleRank, place: places, document: document))
    digests[digest.sampleRank] = digest
    places += 1
    predictions += document.tokens.count - 1
    while let last = members.minimum, predictions - last.predictions >= limit {
      _ = members.popMinimum()
      digests[last.rank] = nil
      predictions -= last.predictions
      leftOut += 1
    }
  }

  /// The documents in the order of the data, together of at most as many predictions as the limit.
  consuming func finish() -> [PackedDocument] {
    var kept: [Member] = []
    let excess = max(0, predictions - limit)
    while var member = members.popMinimum() {
      if kept.isEmpty, excess > 0 { member.document.tokens.removeLast(excess) }
      kept.append(member)
    }
    return kept.sorted { $0.place < $1.place }.map(\.document)
  }
}

/// A tokenised document on its way into sequences.
struct PackedDocument {
  /// The token ids, BOS and EOS included.
  var tokens: [Int32]
  /// The index of the first token whose prediction counts in the loss.
  let firstCounted: Int
  /// The document's group, where the data has groups.
  let group: String?
  /// The document's origin.
  let source: String
}
