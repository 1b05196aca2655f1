import Crypto
import Foundation
import Text

/// SHA-256 of some texts, with their lengths, in hexadecimal digits.
package func hexadecimalDigest(of texts: [String]) -> String {
  var hash = SHA256()
  for text in texts { hash.update(data: Data("\(text.utf8.count):\(text)\n".utf8)) }
  return hash.finalize().hexadecimal
}
