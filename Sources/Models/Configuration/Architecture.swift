import Base

/// A family of decoders: the peculiarities of its configs, its tensors' names and its layers.
///
/// The numbers of a model are its `DecoderConfig`'s. Each family is one value, in one file of
/// `Architectures`, and one line of the list there.
public struct Architecture: Sendable {
  /// The `model_type` of its configs.
  public let name: String
  /// The class that transformers names in `architectures`.
  let className: String
  /// The family in words, for messages.
  let title: String
  /// The multimodal model around it, where there is one.
  var wrapper: Wrapper?

  /// The values of keys that a config does not have, where they are not those of all.
  var defaults = Defaults()
  /// The keys that are read besides those of all decoders; of other families' keys any value that
  /// says something is refused.
  var keys: [String] = []
  /// The rope types that transformers' files of the family may name.
  var ropeTypes = ["default", "linear", "llama3"]
  /// Whether the heads must divide the width even where a config gives the width of a head.
  var needsWholeHeads = false
  /// Reads ``keys`` into a config whose sizes are there.
  var read: @Sendable (inout DecoderConfig, ConfigReader) throws(DecoderConfigError) -> Void =
    { _, _ in }
  /// The values of ``keys``, and of what else transformers writes for the family.
  var write: @Sendable (DecoderConfig) -> [String: JSONValue] = { _ in [:] }

  /// Whether a rotary pair is (2j, 2j + 1); otherwise it is (j, j + d/2).
  package var pairsNeighbours = false
  /// Whether queries, keys and values have a bias.
  package var hasAttentionBias = false
  /// The norm of queries and keys, in models that have one.
  var queryKeyNorm = QueryKeyNorm.afterRotation
  /// The scope of a layer's feed-forward, dense or a mixture.
  package var feedForward = "mlp"
  /// The width of a dense feed-forward.
  package var denseWidth = Width(key: "intermediate_size", path: \.intermediateSize)
  /// Its mixtures of experts, if it has any.
  package var mixture: Mixture?

  /// Its GGUF files, where they are read.
  var gguf: GGUFLayout?
}

extension Architecture: Equatable {
  /// Equality by name.
  public static func == (left: Architecture, right: Architecture) -> Bool {
    left.name == right.name
  }
}

extension Architecture {
  /// Whether each routed expert's matrices are parameters of their own.
  var storesExpertsSeparately: Bool {
    if case .separate? = mixture?.storage { true } else { false }
  }

  /// A multimodal model around the decoder.
  struct Wrapper: Sendable {
    /// Its `model_type`.
    let name: String
    /// Its class in transformers.
    let className: String
    /// The section of its config that describes the decoder.
    let section: String
  }

  /// The values that transformers takes where a config does not have a key.
  struct Defaults: Sendable {
    /// K; nil takes as many as there are query heads.
    var keyValueHeads: Int?
    /// d; nil divides the width among the heads.
    var headDim: Int?
    var maxPositionEmbeddings = 2048
    var rmsNormEps = 1e-6
    var ropeTheta = 10_000.0
    var tiesEmbeddings = false
  }

  /// The norms of queries and keys that there are, each over a head.
  package enum QueryKeyNorm: Sendable {
    /// Of what has been rotated, without a gain.
    case afterRotation
    /// Before the rotation, with a gain for each number of a head.
    case beforeRotation
  }

  /// A width that a config names.
  package struct Width: Sendable {
    /// The key of the config.
    package let key: String
    let path: any KeyPath<DecoderConfig, Int> & Sendable
  }

  /// The tensors of a GGUF file.
  struct GGUFLayout: Sendable {
    /// The `general.architecture`, and the prefix of the metadata's keys.
    let name: String
    /// Whether the rows of query and key projections stand in another order than Hugging Face's.
    let permutesRows: Bool
    /// The names in a layer besides those of all, with Hugging Face's.
    var names: [String: String] = [:]
  }

  /// A layer's mixture of experts.
  package struct Mixture: Sendable {
    /// A form in which experts are stored.
    package enum Storage: Sendable, Equatable {
      /// All in one tensor, the input axis first.
      case fused
      /// One by one, as three linear layers of these names.
      case separate(gate: String, up: String, down: String)
    }

    /// The function that makes scores of a router's logits.
    enum Score: Sendable {
      /// Independent sigmoids, which multiply an expert's input.
      case sigmoidOfInput
      /// A softmax, whose weights multiply an expert's output.
      case softmaxOfOutput
    }

    /// The scope of the router, in that of the feed-forward.
    package let router: String
    /// The scope of the expert that every token passes through, if there is one.
    package let shared: String?
    /// The form in which the routed experts are stored, in the scope `experts`.
    package let storage: Storage
    let score: Score
    /// The width of an expert.
    package let width: Width
  }
}
