import CZstd

/// The decompressed bytes of a Zstandard file: any number of frames, skippable ones included.
final class ZstdChunks {
  private let file: FileChunks
  private let stream: OpaquePointer
  private var input: ArraySlice<UInt8> = []
  private var isInFrame = false
  /// The number of the file's bytes that are used up.
  private var position = 0

  /// Starts decompressing a file.
  init(_ file: FileChunks) throws {
    guard let stream = ZSTD_createDStream() else {
      throw DocumentError.corrupt(path: file.path, format: "zstd", reason: "out of memory")
    }
    self.file = file
    self.stream = stream
    // The library's own limit is 2²⁷ bytes; public dumps are made with 2³¹.
    ZSTD_DCtx_setParameter(stream, ZSTD_d_windowLogMax, Int32(ZstdFrameHeader.windowLimitLog))
  }

  deinit { ZSTD_freeDStream(stream) }

  /// The next decompressed bytes, at least one, or nil at the end.
  func next() throws -> [UInt8]? {
    while true {
      if !isInFrame { try checkHeader() }
      let output = try decompress()
      if !output.isEmpty { return output }
      if !input.isEmpty { continue }
      guard let more = try file.next() else { break }
      input = more[...]
    }
    guard !isInFrame else { throw DocumentError.truncated(path: file.path, format: "zstd") }
    return nil
  }

  /// Refuses a frame that cannot be decoded for a reason that the library does not name.
  private func checkHeader() throws {
    while input.count < ZstdFrameHeader.mostBytes, let more = try file.next() { input += more }
    // A cut magic number is a truncated file, which the library notices.
    guard ZstdFrameHeader.mayBegin(input) else {
      throw DocumentError.trailingBytes(path: file.path, format: "zstd", offset: position)
    }
    guard let header = ZstdFrameHeader(input) else { return }
    guard header.dictionary == 0 else {
      throw DocumentError.needsDictionary(path: file.path, dictionary: header.dictionary)
    }
    guard header.window <= ZstdFrameHeader.windowLimit else {
      throw DocumentError.corrupt(
        path: file.path, format: "zstd", reason: "a window of more than 2 GiB, which nobody decodes"
      )
    }
    let available = AvailableMemory.bytes
    guard header.memory <= available else {
      throw DocumentError.windowTooLarge(
        path: file.path, window: header.memory, available: available)
    }
  }

  private func decompress() throws -> [UInt8] {
    // Without input and outside a frame the library would expect the next frame's header.
    guard isInFrame || !input.isEmpty else { return [] }
    var (consumed, status) = (0, 0)
    let output = [UInt8](unsafeUninitializedCapacity: FileChunks.size) { output, count in
      input.withUnsafeBufferPointer { input in
        var source = ZSTD_inBuffer(src: input.baseAddress, size: input.count, pos: 0)
        var target = ZSTD_outBuffer(dst: output.baseAddress, size: output.count, pos: 0)
        status = ZSTD_decompressStream(stream, &target, &source)
        (consumed, count) = (source.pos, target.pos)
      }
    }
    guard ZSTD_isError(status) == 0 else {
      throw DocumentError.corrupt(
        path: file.path, format: "zstd", reason: String(cString: ZSTD_getErrorName(status)))
    }
    input = input.dropFirst(consumed)
    position += consumed
    if consumed > 0 || !output.isEmpty { isInFrame = status != 0 }
    return output
  }
}
