import CZstd

/// The decompressed bytes of a Zstandard file: any number of frames, skippable ones included.
final class ZstdChunks {
  private let file: FileChunks
  private let stream: OpaquePointer
  private var input: ArraySlice<UInt8> = []
  private var isInFrame = false

  /// Starts decompressing a file.
  init(_ file: FileChunks) throws {
    guard let stream = ZSTD_createDStream() else {
      throw DocumentError.corrupt(path: file.path, format: "zstd", reason: "out of memory")
    }
    (self.file, self.stream) = (file, stream)
  }

  deinit { ZSTD_freeDStream(stream) }

  /// The next decompressed bytes, at least one, or nil at the end.
  func next() throws -> [UInt8]? {
    while true {
      let output = try decompress()
      if !output.isEmpty { return output }
      if !input.isEmpty { continue }
      guard let more = try file.next() else { break }
      input = more[...]
    }
    guard !isInFrame else { throw DocumentError.truncated(path: file.path, format: "zstd") }
    return nil
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
    if consumed > 0 || !output.isEmpty { isInFrame = status != 0 }
    return output
  }
}
