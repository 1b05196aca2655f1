import CZlib

/// The decompressed bytes of a gzip file: any number of members, zero padding after the last.
final class GzipChunks {
  private let file: FileChunks
  // zlib keeps the address of its stream, so it must not move.
  private let stream: UnsafeMutablePointer<z_stream>
  private var input: ArraySlice<UInt8> = []
  private var betweenMembers = true
  private var isFirstMember = true
  private var outputWasFull = false
  /// The number of the file's bytes that are used up.
  private var position = 0

  /// Starts decompressing a file.
  init(_ file: FileChunks) throws {
    self.file = file
    stream = .allocate(capacity: 1)
    stream.initialize(to: z_stream())
    // 16 + 15: gzip framing, the largest window.
    let status = inflateInit2_(
      stream, 16 + MAX_WBITS, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
    guard status == Z_OK else { throw corrupt("zlib status \(status)") }
  }

  deinit {
    inflateEnd(stream)
    stream.deinitialize(count: 1)
    stream.deallocate()
  }

  private func corrupt(_ reason: String) -> DocumentError {
    .corrupt(path: file.path, format: "gzip", reason: reason)
  }

  /// The next decompressed bytes, at least one, or nil at the end.
  func next() throws -> [UInt8]? {
    while try fill() {
      let output = try inflate()
      if !output.isEmpty { return output }
    }
    guard betweenMembers else { throw DocumentError.truncated(path: file.path, format: "gzip") }
    return nil
  }

  /// Whether there is something to inflate; false at the end of the file.
  private func fill() throws -> Bool {
    while true {
      if betweenMembers && !isFirstMember { try passZeros() }
      // A full piece may have more behind it that needs no further input.
      if !input.isEmpty || outputWasFull { return true }
      guard let more = try file.next() else { return false }
      input = more[...]
    }
  }

  /// Passes over the padding between members, and refuses what is neither.
  private func passZeros() throws {
    let count = input.count
    input = input.drop { $0 == 0 }
    position += count - input.count
    guard let first = input.first, first != 0x1F else { return }
    throw DocumentError.trailingBytes(path: file.path, format: "gzip", offset: position)
  }

  private func inflate() throws -> [UInt8] {
    var status = Z_OK
    let output = [UInt8](unsafeUninitializedCapacity: FileChunks.size) { output, count in
      status = input.withUnsafeBufferPointer { step($0, output) }
      count = output.count - Int(stream.pointee.avail_out)
    }
    position += input.count - Int(stream.pointee.avail_in)
    input = input.suffix(Int(stream.pointee.avail_in))
    betweenMembers = status == Z_STREAM_END
    outputWasFull = output.count == FileChunks.size && !betweenMembers
    if betweenMembers {
      isFirstMember = false
      inflateReset(stream)
    }
    guard [Z_OK, Z_STREAM_END, Z_BUF_ERROR].contains(status) else {
      throw corrupt(stream.pointee.msg.map { String(cString: $0) } ?? "zlib status \(status)")
    }
    return output
  }

  private func step(
    _ input: UnsafeBufferPointer<UInt8>, _ output: UnsafeMutableBufferPointer<UInt8>
  ) -> Int32 {
    stream.pointee.next_in = UnsafeMutablePointer(mutating: input.baseAddress)
    stream.pointee.avail_in = UInt32(input.count)
    stream.pointee.next_out = output.baseAddress
    stream.pointee.avail_out = UInt32(output.count)
    return CZlib.inflate(stream, Z_NO_FLUSH)
  }
}
