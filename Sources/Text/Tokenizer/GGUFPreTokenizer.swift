/// The pre-tokenizers that `tokenizer.ggml.pre` names, as the models' own tokenizers split.
enum GGUFPreTokenizer: String, CaseIterable {
  case gpt2 = "gpt-2"
  case smollm
  case llama3
  case qwen2
  case llama4
  case defaulted = "default"

  private static let synonyms: [String: GGUFPreTokenizer] = [
    "llama-bpe": .llama3, "llama-v3": .llama3, "gpt-4o": .llama4, "starcoder": .smollm,
    "deepseek-r1-qwen": .qwen2,
  ]

  /// Every name that is known.
  static var names: [String] { (allCases.map(\.rawValue) + synonyms.keys).sorted() }

  /// The pre-tokenizer of a name; an unknown one, which would split otherwise unnoticed, throws.
  init(named name: String) throws {
    guard let known = Self(rawValue: name) ?? Self.synonyms[name] else {
      throw TokenizerError.unknownPreTokenizer(name: name, known: Self.names)
    }
    self = known
  }

  /// The stages of splitting.
  func preTokenizer() throws -> PreTokenizer {
    let bytes = PreTokenizer.Stage.byteLevel(addsPrefixSpace: false, splits: false)
    let words = PreTokenizer.Stage.byteLevel(addsPrefixSpace: false, splits: true)
    return switch self {
    case .gpt2: try PreTokenizer([words])
    // Every digit on its own first, as the model's tokenizer.json has it.
    case .smollm: try PreTokenizer([.digits(individual: true), words])
    case .llama3: try PreTokenizer([Self.split(PreTokenizerPattern.llama3), bytes])
    case .qwen2: try PreTokenizer([Self.split(PreTokenizerPattern.qwen2), bytes])
    case .llama4: try PreTokenizer([Self.split(PreTokenizerPattern.o200k), bytes])
    // Four splits in turn, as llama.cpp does for files that name none.
    case .defaulted:
      try PreTokenizer(
        [
          #"[\p{P}\$\+<=>\^~\|]+"#,
          #"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)"#,
          #"\p{N}+"#, "[0-9][0-9][0-9]",
        ].map(Self.split) + [bytes])
    }
  }

  private static func split(_ pattern: String) throws -> PreTokenizer.Stage {
    .split(Splitter(pattern: try Pattern(pattern), behavior: .isolated))
  }

  /// Qwen's tokenizer composes characters first; the GGUF does not say so.
  var normalizers: [Normalizer] { self == .qwen2 ? [.unicode(.composed)] : [] }

  /// Whether a piece that is a token becomes it without merging.
  var ignoresMerges: Bool { self == .llama3 || self == .llama4 }

  /// Whether BOS goes before a text when the file does not say.
  var addsBOS: Bool { self == .llama3 || self == .llama4 }
}
