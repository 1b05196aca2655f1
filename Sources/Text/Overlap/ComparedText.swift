import Foundation

/// The part of a text that counts where it is looked for in others.
struct ComparedText {
  /// Gives the text of tokens; nil compares tokens themselves.
  let tokenizer: Tokenizer?

  /// The number of symbols in a shingle: characters that are letters or digits, or else tokens.
  var shingleLength: Int { tokenizer == nil ? 16 : 24 }

  /// The rough number of symbols that a token gives.
  var usualSymbols: Int { tokenizer == nil ? 1 : 4 }

  /// The text's letters and digits in lower case, one number each; without a tokenizer the ids.
  ///
  /// Case, spaces, punctuation and special tokens so make no difference. A character of a script
  /// that writes words with one or two counts for three letters.
  func symbols(_ tokens: [Int32]) -> [UInt32] {
    guard let tokenizer else { return tokens.map { UInt32(bitPattern: $0) } }
    var symbols: [UInt32] = []
    symbols.reserveCapacity(tokens.count * 4)
    var text = tokenizer.decode(tokens, skippingSpecialTokens: true)
    if !text.utf8.allSatisfy({ $0 < 0x80 }) { text = text.precomposedStringWithCanonicalMapping }
    for scalar in text.unicodeScalars { Self.append(scalar, to: &symbols) }
    return symbols
  }

  /// The tokens that are compared where a text is too short for a shingle.
  func plainTokens(_ tokens: [Int32]) -> [Int32] {
    guard let tokenizer else { return tokens }
    return tokens.filter { !tokenizer.isSpecial($0) }
  }

  private static func append(_ scalar: Unicode.Scalar, to symbols: inout [UInt32]) {
    let value = scalar.value
    switch value {
    case 0x30...0x39, 0x61...0x7A: symbols.append(value)
    case 0x41...0x5A: symbols.append(value + 0x20)
    case 0..<0x80: return
    default:
      let properties = scalar.properties
      guard properties.isAlphabetic || properties.numericType != nil else { return }
      if properties.isIdeographic || (0x3040...0x30FF).contains(value)
        || (0xAC00...0xD7A3).contains(value)
      {
        symbols += [value, value | 1 << 24, value | 1 << 25]
        return
      }
      guard properties.changesWhenLowercased else { return symbols.append(value) }
      symbols += properties.lowercaseMapping.unicodeScalars.map(\.value)
    }
  }
}
