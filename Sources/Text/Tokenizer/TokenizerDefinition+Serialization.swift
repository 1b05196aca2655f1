import Base
import Foundation

/// Writing a tokenizer.json, and the fingerprint.
extension TokenizerDefinition {
  /// The tokenizer as Hugging Face's `tokenizers` loads it.
  func json() -> JSONValue {
    let appended = Set(appendedTokens.map(\.id))
    let kept = addedTokens.filter { !appended.contains($0.id) }
    let added = Set(addedTokens.map(\.id))
    let entries =
      vocabulary.filter { !added.contains($0.id) }
      + kept.map { Entry(content: $0.content, id: $0.id) }
    return [
      "version": "1.0", "truncation": .null, "padding": .null,
      "added_tokens": .array(addedTokens.sorted { $0.id < $1.id }.map(\.json)),
      "normalizer": Normalizer.json(normalizers), "pre_tokenizer": preTokenizer.json,
      "post_processor": template.json(naming: content),
      "decoder": [
        "type": "ByteLevel", "add_prefix_space": true, "trim_offsets": true, "use_regex": true,
      ],
      "model": model(entries.sorted { $0.id < $1.id }),
    ]
  }

  private func model(_ entries: [Entry]) -> JSONValue {
    let contents = contents
    return [
      "type": "BPE", "dropout": .null,
      "unk_token": unknownID.map { .string(contents[Int($0)]) } ?? .null,
      "continuing_subword_prefix": .null, "end_of_word_suffix": .null,
      "fuse_unk": .bool(fusesUnknown), "byte_fallback": false,
      "ignore_merges": .bool(ignoresMerges),
      "vocab": .object(entries.map { JSONMember($0.content, .int(Int($0.id))) }),
      "merges": .array(
        merges.map { merge in
          [.string(contents[Int(merge.left)]), .string(contents[Int(merge.right)])]
        }),
    ]
  }

  /// By id, what each token is called in the file; empty where an id has no token.
  private var contents: [String] {
    var contents = [String](repeating: "", count: vocabularySize)
    for entry in vocabulary { contents[Int(entry.id)] = entry.content }
    for token in addedTokens { contents[Int(token.id)] = token.content }
    return contents
  }

  private func content(of id: Int32) -> String {
    addedTokens.first { $0.id == id }?.content ?? vocabulary.first { $0.id == id }?.content ?? ""
  }

  /// The added tokens that may stay out of `vocab`.
  ///
  /// `tokenizers` ignores the ids of added tokens that `vocab` lacks and counts on from its size,
  /// so only an unbroken run at the very end can be left to it.
  private var appendedTokens: ArraySlice<AddedToken> {
    let sorted = addedTokens.sorted { $0.id < $1.id }
    let added = Set(sorted.map(\.id))
    let total = sorted.count + vocabulary.filter { !added.contains($0.id) }.count
    guard total == vocabularySize else { return [] }
    let run = sorted.indices.reversed().prefix { Int(sorted[$0].id) == total - sorted.count + $0 }
    return sorted.suffix(run.count)
  }

  /// SHA-256, in hexadecimal, over tokens, merges and pipeline in one canonical spelling.
  ///
  /// An added token's presence in the vocabulary, the form of the merges and the nesting of
  /// sequences make no difference; the edition of ``YoungCharacters`` does, and Unicode's version
  /// where text is normalised. So a tokenizer keeps its fingerprint from file to file.
  func fingerprint() -> String {
    let unicode = normalizers.contains(where: \.isUnicode) ? " " + UnicodeForm.unicodeVersion : ""
    let pipeline: JSONValue = [
      // The table of characters by which text is split is a part of the format.
      "format": .string("codistill tokenizer \(YoungCharacters.edition)\(unicode)"),
      "added_tokens": .array(addedTokens.sorted { $0.id < $1.id }.map(\.json)),
      "normalizer": Normalizer.json(normalizers), "pre_tokenizer": preTokenizer.json,
      "prefix": .array(template.prefix.map { .int(Int($0)) }),
      "suffix": .array(template.suffix.map { .int(Int($0)) }),
      "unknown": unknownID.map { .int(Int($0)) } ?? .null,
      "fuse_unk": .bool(fusesUnknown), "ignore_merges": .bool(ignoresMerges),
    ]
    var digest = Digest()
    digest.append(pipeline.serialized())
    for content in contents { digest.append(Array("\n\(content)".utf8)) }
    digest.append(merges.flatMap { Array("\n\($0.left) \($0.right)".utf8) })
    return digest.hexadecimal
  }
}
