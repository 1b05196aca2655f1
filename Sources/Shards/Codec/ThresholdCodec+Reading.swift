extension ThresholdCodec {
  /// Reads the planes of a frame's targets.
  func decode(_ reader: inout ByteReader, records: Int) throws(FrameProblem) -> SparseTargets {
    let head = try decodeHead(&reader, records: records)
    let tail = try decodeTail(&reader, head)
    let entropy = try reader.take(records).map { grids.entropy($0) }
    let next = try IntegerCode.decode(&reader, count: records)
    guard next.allSatisfy({ $0 <= UInt16.max }) else {
      throw FrameProblem(reason: "a log-probability is out of range")
    }
    var targets = SparseTargets()
    var row = RowCursor()
    for record in 0..<records {
      let (ids, values) = try row.next(record, head, tail, self)
      targets.append(
        ids: ids, values: values, argmax: head.argmax[record],
        nextLogProbability: RoundingGrids.logProbability(UInt16(next[record])),
        entropy: entropy[record])
    }
    return targets
  }

  /// The entries with a value of their own, row after row.
  private struct Head {
    let counts: [Int]
    let ids: [Int32]
    let codes: [UInt8]
    let argmax: [Int32]
  }

  /// The sampled entries, row after row.
  private struct Tail {
    let counts: [Int]
    let ids: [Int32]
  }

  private func decodeHead(
    _ reader: inout ByteReader, records: Int
  ) throws(FrameProblem) -> Head {
    let counts = try IntegerCode.decode(&reader, count: records).map { Int($0) + 1 }
    let gaps = try IntegerCode.decode(&reader, count: counts.reduce(0, +))
    let ids = try ids(gaps: gaps, counts: counts)
    let codes = Array(try reader.take(ids.count))
    let places = try IntegerCode.decode(&reader, count: records)
    var (start, argmax) = (0, [Int32]())
    for (count, place) in zip(counts, places) {
      guard place < count else { throw FrameProblem(reason: "an argmax is no entry") }
      argmax.append(ids[start + Self.byValue(codes[start..<(start + count)])[Int(place)]])
      start += count
    }
    return Head(counts: counts, ids: ids, codes: codes, argmax: argmax)
  }

  private func decodeTail(
    _ reader: inout ByteReader, _ head: Head
  ) throws(FrameProblem) -> Tail {
    let residuals = try IntegerCode.decode(&reader, count: head.counts.count)
    var (start, counts) = (0, [Int]())
    for (count, residual) in zip(head.counts, residuals) {
      let difference = IntegerCode.unzigzag(residual)
      counts.append(predictedTailCount(head.codes[start..<(start + count)]) + difference)
      start += count
    }
    guard counts.allSatisfy({ $0 >= 0 }) else {
      throw FrameProblem(reason: "a position has fewer than no entries")
    }
    let gaps = try IntegerCode.decode(&reader, count: counts.reduce(0, +))
    return Tail(counts: counts, ids: try ids(gaps: gaps, counts: counts))
  }

  /// The token ids of rows of rank gaps.
  private func ids(gaps: [UInt32], counts: [Int]) throws(FrameProblem) -> [Int32] {
    var (gap, ids) = (gaps.makeIterator(), [Int32]())
    ids.reserveCapacity(gaps.count)
    for count in counts {
      var rank = -1
      for _ in 0..<count {
        rank += Int(gap.next() ?? 0) + 1
        guard rank < vocabularySize else { throw FrameProblem(reason: "an id is out of range") }
        ids.append(self.ranks.ids[rank])
      }
    }
    return ids
  }

  /// Where the next row begins in the head and in the tail.
  private struct RowCursor {
    private var (head, tail) = (0, 0)

    /// The row's entries, certain and sampled, in ascending id.
    mutating func next(
      _ record: Int, _ heads: Head, _ tails: Tail, _ codec: ThresholdCodec
    ) throws(FrameProblem) -> (ids: [Int32], values: [Float]) {
      var entries: [(id: Int32, value: Float)] = []
      for index in head..<(head + heads.counts[record]) {
        entries.append((heads.ids[index], codec.grids.probabilities[Int(heads.codes[index])]))
      }
      for index in tail..<(tail + tails.counts[record]) {
        entries.append((tails.ids[index], codec.sampledValue))
      }
      head += heads.counts[record]
      tail += tails.counts[record]
      entries.sort { $0.id < $1.id }
      guard zip(entries, entries.dropFirst()).allSatisfy({ $0.id != $1.id }) else {
        throw FrameProblem(reason: "position \(record) holds an id twice")
      }
      return (entries.map(\.id), entries.map(\.value))
    }
  }
}
