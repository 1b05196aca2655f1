import CFrames
import Synchronization

/// Reads the numbers of sparse frames into tokens and targets, on any number of threads.
final class FrameReader: Sendable {
  private let isTruncated: Bool
  private let draws: Int
  private let tables: FrameTables
  /// The memory that no thread reads in now.
  private let idle = Mutex<[FrameScratch]>([])

  /// A reader of a codec's frames.
  init(_ codec: SparseCodec) throws(ShardError) {
    isTruncated = codec.isTruncated
    draws = codec.draws
    tables = try FrameTables(codec)
  }

  /// The tokens and targets of a sequence whose fragments are known.
  func read(
    words: [UInt16], bits: [UInt8], fragments: [Int]
  ) throws(FrameProblem) -> (tokens: [Int32], draws: [SparseTargets]) {
    let count = fragments.reduce(0, +)
    let records = count - fragments.count
    var tokens = [Int32](repeating: 0, count: count)
    var argmax = [Int32](repeating: 0, count: records)
    var next = [Float](repeating: 0, count: records)
    var entropy = next
    guard let scratch = idle.withLock({ $0.popLast() }) ?? FrameScratch(tables) else {
      throw FrameProblem(CF_NO_MEMORY)
    }
    defer { idle.withLock { $0.append(scratch) } }
    let problem = cf_read(
      scratch.pointer, tables.pointer, words, words.count,
      bits + [UInt8](repeating: 0, count: CF_PADDING), bits.count, fragments,
      fragments.count, &tokens, &argmax, &next, &entropy)
    guard problem == CF_WHOLE else { throw FrameProblem(problem) }
    var targets: [SparseTargets] = []
    for draw in 0..<draws {
      let rows = try Self.rows(of: UInt32(draw), in: scratch, count: records)
      targets.append(
        SparseTargets(
          isTruncated: isTruncated, offsets: rows.offsets, ids: rows.ids, values: rows.values,
          argmax: argmax, nextLogProbability: next, entropy: entropy))
    }
    return (tokens, targets)
  }

  private static func rows(
    of draw: UInt32, in scratch: FrameScratch, count: Int
  ) throws(FrameProblem) -> (offsets: [Int32], ids: [Int32], values: [Float]) {
    let offsets = Array(
      UnsafeBufferPointer(start: cf_offsets(scratch.pointer, draw), count: count + 1))
    let entries = Int(offsets[count])
    var (values, problem) = ([Float](), CF_WHOLE)
    let ids = [Int32](unsafeUninitializedCapacity: entries + CF_ROOM) { ids, filled in
      values = [Float](unsafeUninitializedCapacity: entries + CF_ROOM) { values, filled in
        problem = cf_sort_rows(scratch.pointer, draw, ids.baseAddress, values.baseAddress)
        // Whatever the order, so many were written unless it is a problem, which throws.
        filled = problem == CF_WHOLE ? entries : 0
      }
      filled = values.count
    }
    guard problem == CF_WHOLE else { throw FrameProblem(problem) }
    return (offsets, ids, values)
  }
}

extension FrameProblem {
  /// The problem that the C code tells.
  fileprivate init(_ problem: cf_problem) {
    reason =
      switch problem {
      case CF_NO_BEGINNING: "its numbers have no beginning"
      case CF_NO_END: "its numbers do not end where they should"
      case CF_MANY_ENTRIES: "a row has too many entries"
      case CF_MANY_SAMPLED: "a row has too many sampled entries, or fewer than none"
      case CF_MANY_MEMBERS: "a set has too many members"
      case CF_NO_ID: "an id is out of range"
      case CF_NO_KIND: "a kind is none"
      case CF_KINDS_DESCEND: "the kinds of a row do not ascend"
      case CF_OFF_GRID: "a value is off its grid"
      case CF_NO_ENTRY: "a token is no entry of its row"
      case CF_NO_CLASS: "a token is of no class"
      case CF_NO_PROBABILITY: "a log-probability is out of range"
      case CF_ID_TWICE: "a row holds an id twice"
      default: "there is no memory for it"
      }
  }
}
