import Base

/// The part of the documents that a run reads.
public enum Split: String, Sendable, CaseIterable {
  /// The documents to learn from.
  case train
  /// The documents kept back for evaluation.
  case heldOut = "held_out"
  /// Both.
  case all
}

/// The SHA-256 of a document's bytes, which makes two documents the same.
package struct DocumentDigest: Hashable, Sendable {
  private let words: [UInt64]

  /// Hashes a document; its source does not count.
  package init(_ document: Document) {
    var digest = Digest()
    if let prompt = document.prompt {
      digest.append(Array(prompt.utf8))
      // A byte that UTF-8 never has keeps the two parts apart.
      digest.append([0xFF])
    }
    digest.append(Array(document.text.utf8))
    let bytes = digest.bytes
    words = stride(from: 0, to: bytes.count, by: 8).map { start in
      bytes[start..<(start + 8)].reduce(0) { $0 << 8 | UInt64($1) }
    }
  }

  /// The hash as a number, evenly spread over 0 ≤ u < 1.
  var uniform: Double { Double(words[0] >> 11) * 0x1p-53 }

  /// The document's place where some of many are taken.
  ///
  /// It is not the number that decides the split, by which the least of all documents are those
  /// held out.
  var sampleRank: UInt64 { words[1] }
}

/// A fraction of documents kept back by their hashes: the same ones in every run and any order.
package struct HeldOutSplit: Sendable, Equatable {
  /// The share that is held out, 0 ≤ fraction < 1.
  package let fraction: Double

  /// A split that holds out `fraction` of the documents, on average.
  /// - Throws: `DocumentError.heldOutFraction` outside 0 ≤ fraction < 1.
  package init(fraction: Double) throws {
    guard (0..<1).contains(fraction) else { throw DocumentError.heldOutFraction(fraction) }
    self.fraction = fraction
  }

  /// Whether a document belongs to a part.
  package func contains(_ digest: DocumentDigest, in split: Split) -> Bool {
    switch split {
    case .all: true
    case .heldOut: digest.uniform < fraction
    case .train: digest.uniform >= fraction
    }
  }
}
