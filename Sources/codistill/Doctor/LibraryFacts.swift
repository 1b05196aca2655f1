import Base
import Tensors
import Text

/// The libraries that do the arithmetic.
struct LibraryFacts: Encodable {
  /// The library or kernel that makes the matrix products in float32.
  var products: String
  /// Whether the processor multiplies in bfloat16.
  var bfloat16: Bool
  /// The threads that work at once.
  var threads: Int
  /// The version of Unicode by which text is split, whatever libpcre2 knows.
  var unicode: String
  /// The version of Unicode that libpcre2 knows.
  var pcre2Unicode: String

  /// The libraries of this process.
  static var current: LibraryFacts {
    LibraryFacts(
      products: MatrixKernel.description(of: .float32),
      bfloat16: Precision.bfloat16.isSupported, threads: Parallel.threadCount,
      unicode: YoungCharacters.unicodeVersion, pcre2Unicode: YoungCharacters.libraryVersion)
  }
}
