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
