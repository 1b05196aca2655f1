/// A data set, tokenised and packed, with what became of its documents.
public struct PackedData: Sendable {
  /// The sequences in the order of the documents.
  public var sequences: [PackedSequence] = []
  /// The number of documents in the sequences.
  public var documentCount = 0
  /// The number of tokens in these documents, BOS and EOS included.
  package var tokenCount = 0
  /// SHA-256, in hexadecimal, over all sequences.
  public var fingerprint = ""
  /// The number of documents left out as exact copies of earlier ones.
  public var duplicatesDropped = 0
  /// The number of documents left out because they are in a cache already.
  public var alreadyKnown = 0
  /// The number of documents in the other part of the split.
  public var outsideSplit = 0
  /// The number of documents left out by a limit on predictions.
  public var beyondLimit = 0
  /// The number of documents with fewer than two tokens.
  public var tooShort = 0
  /// The windows that were left out because the prompt covers them whole.
  package var uncounted = UncountedWindows()
  /// The number of documents without text.
  public var emptyDocuments = 0
  /// The numbers of documents that already had the marks that were asked for.
  package var present = PresentMarks()
  /// The files of folders that describe the data and are no part of it.
  public var passedOver: [String] = []
  /// The number of files without bytes.
  public var emptyFiles = 0

  /// No data.
  package init() {}

  /// The number of predictions in the sequences, masked ones included.
  public var predictionCount: Int { sequences.reduce(0) { $0 + $1.predictionCount } }

  /// The files passed over, in words; nil where there are none.
  package var passedOverNote: String? { PassedOverFiles(passedOver)?.note }

  /// Reads, splits, tokenises and packs documents.
  ///
  /// A prompt and its completion are tokenised apart, as generation does, so that the mask falls
  /// between two tokens. A window of which nothing counts is left out: it would teach nothing.
  ///
  /// ```swift
  /// let data = try PackedData.load(
  ///   paths: ["corpus"], tokenizer: tokenizer, length: 1024, split: .train, heldOutFraction: 0.01)
  /// print("\(data.sequences.count) sequences, \(data.predictionCount) predictions")
  /// ```
  ///
  /// - Parameters:
  ///   - paths: files and folders, as `DocumentReader` takes them.
  ///   - tokenizer: the tokenizer of the text.
  ///   - length: the number of predictions in a sequence.
  ///   - split: the part of the documents to take.
  ///   - heldOutFraction: the share of the documents that is held out, 0 ≤ f < 1.
  ///   - format: the format that the files are read in.
  ///   - textKey: the key of the text in JSON lines.
  ///   - groupKey: the key of a document's group in JSON lines, if groups matter.
  ///   - marks: the tokens to put around each document that does not have them.
  ///   - tokenLimit: the most predictions that there may be: the documents of the least hashes are
  ///     taken, spread over the data and in its order, the last by hash cut; a smaller limit's are
  ///     among them.
  ///   - known: the documents to leave out, of those that a limit leaves.
  ///   - documentsApart: whether every document begins a sequence of its own, for evaluation;
  ///     sequences then know their document.
  /// - Returns: the data, at least one sequence.
  /// - Throws: `DocumentError`.
  public static func load(
    paths: [String], tokenizer: Tokenizer, length: Int, split: Split = .all,
    heldOutFraction: Double = 0, format: DataFormat = .auto, textKey: String = "text",
    groupKey: String? = nil, marks: DocumentMarks = DocumentMarks(), tokenLimit: Int? = nil,
    leavingOut known: KnownDocuments? = nil, documentsApart: Bool = false
  ) throws -> PackedData {
    for (name, value) in [("the sequence length", length), ("the token limit", tokenLimit ?? 1)]
    where value < 1 { throw DocumentError.notPositive(name: name, value: value) }
    let heldOut = try HeldOutSplit(fraction: heldOutFraction)
    var reader = try DocumentReader(
      paths: paths, format: format, textKey: textKey, groupKey: groupKey)
    var builder = PackedDataBuilder(
      length: length, limit: tokenLimit, known: known, documentsApart: documentsApart)
    var present = PresentMarks()
    while let document = try reader.next() {
      let digest = DocumentDigest(document)
      guard builder.admits(digest, heldOut, split) else { continue }
      let marked = marks.around(
        prompt: try document.prompt.map { try tokenizer.encode($0) },
        text: try tokenizer.encode(document.text), &present)
      builder.add(
        PackedDocument(
          tokens: marked.tokens, firstCounted: marked.firstCounted, group: document.group,
          source: document.source), digest)
    }
    var data = builder.finish()
    data.present = present
    data.emptyFiles = reader.emptyFileCount
    data.emptyDocuments = reader.emptyDocumentCount
    data.passedOver = reader.passedOver
    try data.check(paths, split, heldOutFraction)
    return data
  }

  private func check(_ paths: [String], _ split: Split, _ fraction: Double) throws {
    guard sequences.isEmpty else { return }
    if uncounted.count > 0 {
      throw DocumentError.nothingCounts(
        documents: uncounted.documents, sources: uncounted.sources)
    }
    if alreadyKnown > 0 { throw DocumentError.nothingNew(documents: alreadyKnown) }
    let distinct = outsideSplit + tooShort
    if distinct == 0 { throw DocumentError.empty(paths: paths) }
    if tooShort > 0 { throw DocumentError.nothingToPredict(documents: tooShort) }
    throw DocumentError.emptySplit(split, documents: distinct, fraction: fraction)
  }
}

/// The windows that were left out of packed data because no prediction of theirs counts, and
/// their documents.
package struct UncountedWindows: Sendable, Equatable {
  /// The number of documents that are named.
  private static let namedLimit = 3

  /// The number of windows.
  package private(set) var count = 0
  /// The number of documents that had a part in them.
  package private(set) var documents = 0
  /// The origins of the first of these documents, as `Document.source` has them.
  package private(set) var sources: [String] = []

  /// Counts a window of the documents of some numbers and sources, in ascending order.
  mutating func add(_ members: [(number: Int, source: String)]) {
    count += 1
    for member in members where member.number > lastDocument {
      lastDocument = member.number
      documents += 1
      if sources.count < Self.namedLimit { sources.append(member.source) }
    }
  }

  private var lastDocument = -1

  /// The number of windows and the origins of their first documents, in words.
  package var description: String {
    let rest = documents - sources.count
    let names = sources.joined(separator: ", ") + (rest > 0 ? " and \(rest) more" : "")
    return "\(count) \(count == 1 ? "window" : "windows") without a prediction that counts (of "
      + "\(names))"
  }
}
