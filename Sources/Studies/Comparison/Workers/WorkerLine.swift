package import Foundation
import Training

/// A line that a worker tells the process that started it.
package enum WorkerLine {
  /// The news as JSON; unlike the program's results it has words for nan and infinities, which
  /// `JSONDecoder.ofRuns` reads.
  package static func of(_ news: some Encodable) throws -> Data {
    try JSONEncoder.ofRuns.encode(news) + Data("\n".utf8)
  }
}
