package import Base

/// The reason that log-probabilities cannot be taken over; each description is one line with place
/// and remedy.
package struct ScoredTextError: Error, Equatable, CustomStringConvertible {
  /// The kinds of fault.
  package enum Problem: Error, Equatable {
    /// The line is no JSON object.
    case malformed(String)
    /// Nothing in the object holds log-probabilities.
    case unknownLayout(keys: [String])
    /// A value is missing or of the wrong kind.
    case missing(key: String, found: String, remedy: String)
    /// Two lists that should be equally long are not.
    case lengths(String, Int, String, Int)
    /// A token id outside the vocabulary.
    case outOfRange(position: Int, id: Int, vocabularySize: Int)
    /// A token is not spelled as in the tokenizer, or not the one that it makes of the text.
    case otherToken(position: Int, found: String, expected: String)
    /// No token of the tokenizer is spelled so.
    case noSuchToken(position: Int, text: String)
    /// A log-probability that is none.
    case notLogProbability(position: Int, found: String)
    /// The probabilities of a position add up to more than 1.
    case tooMuchMass(position: Int, sum: Double)
    /// A position whose values were taken after a sampler's filter.
    case filtered(position: Int)
    /// The likeliest tokens of a position are not among those that are given.
    case notTheTop(position: Int, rank: Int)
    /// A token is given twice.
    case twice(position: Int, id: Int)
    /// The log-probability of the true token is not given.
    case noTrueToken(position: Int, id: Int)
    /// A position has fewer entries than a cache with so many is to have.
    case tooFew(position: Int, found: Int, wanted: Int)
    /// The tokenizer cannot tokenise the text.
    case notTokenized(reason: String)
    /// The file is not what it was when it was read before.
    case changed
    /// No text of at least two tokens in all of the files.
    case nothing
  }

  /// The file.
  package var path: String
  /// The line, from 1; nil where it is about the whole file.
  package var line: Int?
  /// The fault.
  package var problem: Problem

  /// A problem at a place.
  package init(_ path: String, _ line: Int?, _ problem: Problem) {
    self.path = path
    self.line = line
    self.problem = problem
  }

  /// The problem, its place and the remedy, in one line.
  package var description: String {
    (line.map { "\(path):\($0): " } ?? "\(path): ") + problem.text
  }
}

extension ScoredTextError.Problem {
  fileprivate var text: String {
    switch self {
    case .malformed(let reason): "not a JSON object: \(reason); mend or delete the line"
    case .unknownLayout(let keys):
      "no log-probabilities (keys: \(keys.joined(separator: ", "))); it takes vLLM's "
        + "prompt_logprobs, or choices with logprobs from a request with echo"
    case .missing(let key, let found, let remedy): "'\(key)' is \(found); \(remedy)"
    case .lengths(let one, let count, let other, let otherCount):
      "\(count) \(one), but \(otherCount) \(other); the line is incomplete: request it again"
    case .notTokenized(let reason): reason
    case .changed: "the file changed while it was read; import it again"
    case .nothing: "no text of at least two tokens; name files with log-probabilities of texts"
    default: "token \(position ?? 0): " + textOfPosition
    }
  }

  private var textOfPosition: String {
    switch self {
    case .outOfRange(_, let id, let size):
      "id \(id) is outside the vocabulary of \(size); name the teacher's tokenizer, or --vocab-size"
    case .otherToken(_, let found, let expected):
      "\(found), where this tokenizer has \(expected); name the tokenizer that the teacher used"
    case .noSuchToken(_, let text):
      "\(text.debugDescription) is no token of this tokenizer; name the one that the teacher used"
    case .notLogProbability(_, let found):
      "\(found) is no log-probability, which is a number up to 0; request the line again"
    case .tooMuchMass(_, let sum):
      "its probabilities add up to \(sum), above 1; give log-probabilities at temperature 1"
    case .filtered:
      "its values are those after the sampling filter; ask without top_k, top_p, temperature and "
        + "min_p"
    case .notTheTop(_, let rank):
      "its likeliest entry has rank \(rank); ask the server for the top ones, 50 or so"
    case .twice(_, let id): "token \(id) has two log-probabilities; request the line again"
    case .noTrueToken(_, let id):
      "no log-probability for the true token \(id); request the line again"
    case .tooFew(_, let found, let wanted):
      "\(found) entries, fewer than \(wanted); give --entries \(found), or request the line again"
    default: ""
    }
  }

  private var position: Int? {
    switch self {
    case .outOfRange(let position, _, _), .otherToken(let position, _, _),
      .noSuchToken(let position, _), .notLogProbability(let position, _),
      .tooMuchMass(let position, _), .filtered(let position), .notTheTop(let position, _),
      .twice(let position, _),
      .noTrueToken(let position, _), .tooFew(let position, _, _):
      position
    default: nil
    }
  }
}

extension ScoredTextError: ExitStatusError {
  package var exitStatus: ExitStatus { .badData }
}
