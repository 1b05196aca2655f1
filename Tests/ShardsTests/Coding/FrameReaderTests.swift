@testable import Base
import Testing

@testable import Shards

@Suite struct FrameReaderTests {
  /// A codec of 20 ids without tables: every number is escaped, so that frames can be written by
  /// hand, number after number.
  private func codec(
    _ codec: CacheCodec = .threshold(threshold: 0.05, temperature: 1), draws: Int = 1
  ) throws -> SparseCodec {
    let capture = TemporaryCache.capture(codec: codec, draws: draws, vocabularySize: 20)
    return SparseCodec(capture, tables: try CodingTables(calibrating: [], capture: capture))
  }

  /// What is wrong with a frame of one record whose numbers these are; nil if nothing is.
  private func problem(_ numbers: [Int], _ codec: SparseCodec) throws -> String? {
    var writer = EntropyWriter(codec.tables.symbols)
    for number in numbers { writer.number(number, 0) }
    let (words, bits) = writer.finish()
    let reader = try FrameReader(codec)
    do {
      _ = try reader.read(words: words, bits: bits, fragments: [2])
      return nil
    } catch { return error.reason }
  }

  /// The first token 4, its argmax 7 at level 80, no other entries, entropy 0, the next token 7.
  private let whole = [2, 0, 4, 2, 0, 7, 0, 0, 0, 0, 0, 0]

  @Test func aFrameOfOneRowIsRead() throws {
    var writer = EntropyWriter(try codec().tables.symbols)
    for number in whole { writer.number(number, 0) }
    let (words, bits) = writer.finish()
    let found = try FrameReader(codec()).read(words: words, bits: bits, fragments: [2])
    #expect(found.tokens == [4, 7])
    #expect(found.draws[0].ids == [7] && found.draws[0].values == [1])
    #expect(found.draws[0].offsets == [0, 1] && found.draws[0].argmax == [7])
  }

  @Test func numbersThatNothingIsAreRefused() throws {
    let codec = try codec()
    #expect(try problem(whole, codec) == nil)
    // Places of the numbers, and the largest that each may be.
    for (place, most) in [
      (0, 2), (1, 0), (2, 19), (3, 2), (4, 0), (5, 19), (6, 80), (7, 26), (10, 3),
    ] {
      for number in [most + 1, 254, 1 << 16, 1 << 30, 1 << 31, 1 << 32, (1 << 33) + 5] {
        guard number > most else { continue }
        var numbers = whole
        numbers[place] = number
        #expect(try problem(numbers, codec) != nil, "\(number) at \(place)")
      }
    }
    // One sampled entry less than none, and log-probabilities above 0 and below all codes.
    for (place, number) in [(8, 1), (8, 1 << 31), (11, 1), (11, 1 << 17), (11, 1 << 33)] {
      var numbers = whole
      numbers[place] = number
      #expect(try problem(numbers, codec) != nil, "\(number) at \(place)")
    }
    // The last id of the vocabulary is one.
    #expect(try problem([2, 0, 19, 2, 0, 18, 0, 0, 0, 0, 0, 0], codec) == nil)
    #expect(try problem([2, 0, 20], codec) == "an id is out of range")
  }

  @Test func placesOutsideOfWhatIsKnownAreRefused() throws {
    let codec = try codec()
    // Nothing was recalled, nothing is in the list yet; then one id is.
    #expect(try problem([0, 0], codec) == "an id is out of range")
    #expect(try problem([1, 0], codec) == "an id is out of range")
    #expect(try problem([2, 0, 4, 0, 0], codec) == "an id is out of range")
    #expect(try problem([2, 0, 4, 1, 1], codec) == "an id is out of range")
    #expect(try problem([2, 0, 4, 1, 0, 0, 0, 0, 0, 0, 0], codec) == nil)
    // What is in the list comes from there, not from the tables.
    #expect(try problem([2, 0, 4, 2, 0, 4], codec) == "an id is out of range")
  }

  @Test func rowsAreRefusedThatAreNone() throws {
    let codec = try codec()
    let start = [2, 0, 4, 2, 0, 7]
    // Two entries: one of the list, which has one; from the tables an id that is the argmax.
    #expect(try problem(start + [40, 2, 3], codec) == "a set has too many members")
    #expect(try problem(start + [40, 2, 2, 0, 0], codec) == "an id is out of range")
    #expect(
      try problem(start + [40, 1, 0, 0, 7, 20, 9, 0, 0, 0], codec) == "a row holds an id twice")
    #expect(try problem(start + [40, 1, 0, 6], codec) == "a kind is none")
    #expect(try problem(start + [40, 2, 0, 1, 0], codec) == "the kinds of a row do not ascend")
    #expect(try problem(start + [40, 1, 0, 0, 3, 81], codec) == "a value is off its grid")
    #expect(try problem(start + [0, 0, 0, 0, 1], codec) == "a token is no entry of its row")
    #expect(try problem(start + [0, 0, 0, 0, 2], codec) == "a token is no entry of its row")
    #expect(try problem(start + [0, 0, 0, 0, 4], codec) == "a token is of no class")
    #expect(try problem(start + [0, 0, 0, 0, 0, 1], codec) == "a log-probability is out of range")
  }

  @Test func whatIsLeftOverOrMissingIsNoticed() throws {
    let sequence = try TemporaryCache.sequences(1)[0]
    let capture = TemporaryCache.capture()
    let tables = try CodingTables(calibrating: [sequence], capture: capture)
    let codec = SparseCodec(capture, tables: tables)
    let (words, bits) = try codec.encode(sequence)
    let reader = try FrameReader(codec)
    func isRead(_ words: [UInt16], _ bits: [UInt8]) -> Bool {
      (try? reader.read(words: words, bits: bits, fragments: sequence.fragments)) != nil
    }
    #expect(isRead(words, bits))
    #expect(!isRead(words + [0], bits) && !isRead(words.dropLast(), bits))
    #expect(!isRead(words, bits + [0]) && !isRead(words, bits.dropLast()))
    #expect(!isRead([], []) && !isRead([1], []))
  }

  /// Every bit of frames of each codec: what they say may be anything, but only rows.
  @Test(arguments: FixtureTests.Fixture.current.filter { $0.codec.isSparse })
  func flippedBitsAreRefusedOrRows(fixture: FixtureTests.Fixture) throws {
    let sequences = try TemporaryCache.sequences(
      2, codec: fixture.codec, draws: fixture.draws)
    let capture = TemporaryCache.capture(codec: fixture.codec, draws: fixture.draws)
    let codec = SparseCodec(
      capture, tables: try CodingTables(calibrating: sequences, capture: capture))
    let reader = try FrameReader(codec)
    for sequence in sequences {
      let whole = try codec.encode(sequence)
      for bit in 0..<(16 * whole.words.count + 8 * whole.bits.count) {
        var (words, bits) = whole
        if bit < 16 * words.count {
          words[bit / 16] ^= 1 << UInt16(bit % 16)
        } else {
          bits[(bit - 16 * words.count) / 8] ^= 1 << UInt8(bit % 8)
        }
        guard let found = try? reader.read(words: words, bits: bits, fragments: sequence.fragments)
        else { continue }
        for rows in found.draws {
          #expect(rows.count == sequence.text.recordCount)
          #expect(
            rows.ids.allSatisfy { $0 >= 0 && $0 < 300 } && rows.ids.count == rows.values.count)
          for row in 0..<rows.count {
            let ids = rows.row(row).ids
            #expect(zip(ids, ids.dropFirst()).allSatisfy { $0 < $1 })
          }
        }
      }
      // The memory that damaged frames were read in reads whole ones.
      let found = try reader.read(
        words: whole.words, bits: whole.bits, fragments: sequence.fragments)
      #expect(found.draws.map { Targets.sparse($0) } == sequence.draws)
    }
  }

  /// Rows of more entries than are compared at a time, than are compared at all, and long frames.
  @Test(arguments: [1, 15, 16, 17, 40, 127, 128, 129, 290])
  func rowsOfAnyLengthAreSorted(entries: Int) throws {
    let kind = CacheCodec.topk(entries: entries, temperature: 1)
    var teacher = SyntheticTeacher(vocabularySize: 300, seed: 3)
    let sequence = try teacher.sequence(ordinal: 0, count: 60, codec: kind)
    let capture = TemporaryCache.capture(codec: kind)
    let codec = SparseCodec(
      capture, tables: try CodingTables(calibrating: [sequence], capture: capture))
    let (words, bits) = try codec.encode(sequence)
    let found = try FrameReader(codec).read(
      words: words, bits: bits, fragments: sequence.fragments)
    #expect(found.tokens == sequence.tokens)
    #expect(found.draws.map { Targets.sparse($0) } == sequence.draws)
  }
}
