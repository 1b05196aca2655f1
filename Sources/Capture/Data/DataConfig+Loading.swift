public import Text

extension DataConfig {
  /// Reads, tokenises and packs the texts, except those known; with `documentsApart`, a sequence
  /// holds one document.
  ///
  /// - Throws: `DocumentError`, ``PreparationError``.
  public func load(
    _ tokenizer: Tokenizer?, length: Int?, leavingOut known: KnownDocuments? = nil,
    documentsApart: Bool = false
  ) throws -> PackedData {
    guard case .paths(let paths) = source else { throw PreparationError.noData }
    guard let tokenizer else { throw PreparationError.noTokenizer(path: paths[0]) }
    let marks = try tokenizer.marks(bos: bos, eos: eos)
    return try PackedData.load(
      paths: paths, tokenizer: tokenizer, length: length ?? 512, split: split,
      heldOutFraction: heldOut, format: format, textKey: textKey, groupKey: groupKey,
      marks: marks, tokenLimit: tokens, leavingOut: known,
      documentsApart: documentsApart)
  }
}
