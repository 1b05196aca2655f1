import CZstd

/// One zstd frame with its content size and checksum.
enum ZstdFrame {
  /// The version of the zstd library, on which the compressed bytes depend.
  static var libraryVersion: String { String(cString: ZSTD_versionString()) }

  /// Compresses sections into one frame; each begins a block, and so an entropy table, of its own.
  ///
  /// A fresh context a frame: the bytes then depend on nothing but the sections and the level.
  static func compress(_ sections: [[UInt8]], level: Int) throws(ShardError) -> [UInt8] {
    guard let context = ZSTD_createCCtx() else { throw failure("out of memory") }
    defer { ZSTD_freeCCtx(context) }
    let size = sections.reduce(0) { $0 + $1.count }
    ZSTD_CCtx_setParameter(context, ZSTD_c_compressionLevel, Int32(level))
    ZSTD_CCtx_setParameter(context, ZSTD_c_checksumFlag, 1)
    ZSTD_CCtx_setParameter(context, ZSTD_c_contentSizeFlag, 1)
    ZSTD_CCtx_setPledgedSrcSize(context, UInt64(size))
    let capacity = ZSTD_compressBound(size) + 32 * (sections.count + 1)
    var problem: String?
    let bytes = [UInt8](unsafeUninitializedCapacity: capacity) { buffer, filled in
      var output = ZSTD_outBuffer(dst: buffer.baseAddress, size: capacity, pos: 0)
      for section in sections where problem == nil {
        problem = flush(section, into: &output, context, ZSTD_e_flush)
      }
      if problem == nil { problem = flush([], into: &output, context, ZSTD_e_end) }
      filled = output.pos
    }
    if let problem { throw failure(problem) }
    return bytes
  }

  private static func failure(_ reason: String) -> ShardError {
    .system(path: "zstd", operation: "compress a frame", reason: reason)
  }

  private static func flush(
    _ section: [UInt8], into output: inout ZSTD_outBuffer, _ context: OpaquePointer,
    _ directive: ZSTD_EndDirective
  ) -> String? {
    section.withUnsafeBytes { bytes in
      var input = ZSTD_inBuffer(src: bytes.baseAddress, size: bytes.count, pos: 0)
      while true {
        let before = (input.pos, output.pos)
        let left = ZSTD_compressStream2(context, &output, &input, directive)
        if ZSTD_isError(left) != 0 { return String(cString: ZSTD_getErrorName(left)) }
        if left == 0, input.pos == input.size { return nil }
        if before == (input.pos, output.pos) { return "its output exceeds the bound" }
      }
    }
  }

  /// The size that a frame's header declares, or nil if it declares none.
  static func declaredSize(_ bytes: [UInt8]) -> Int? {
    // Unknown and error are the two largest values, which no Int holds.
    Int(exactly: ZSTD_getFrameContentSize(bytes, bytes.count))
  }

  /// Decompresses a frame that must hold exactly `size` bytes and be `bytes` from end to end.
  ///
  /// Sizes are compared before anything is allocated; decoding is one-shot, so that no window
  /// that a header asks for is allocated either.
  static func decompress(_ bytes: [UInt8], size: Int) throws(FrameProblem) -> [UInt8] {
    let declared = ZSTD_getFrameContentSize(bytes, bytes.count)
    guard declared == UInt64(size) else {
      throw FrameProblem(reason: "its zstd header does not declare the \(size) bytes of the index")
    }
    guard ZSTD_findFrameCompressedSize(bytes, bytes.count) == bytes.count else {
      throw FrameProblem(reason: "it is not one whole zstd frame")
    }
    var problem: String?
    let payload = [UInt8](unsafeUninitializedCapacity: size) { buffer, filled in
      let count = ZSTD_decompress(buffer.baseAddress, size, bytes, bytes.count)
      if ZSTD_isError(count) != 0 {
        problem = String(cString: ZSTD_getErrorName(count))
      } else {
        filled = count
      }
    }
    guard problem == nil, payload.count == size else {
      throw FrameProblem(reason: "zstd says: \(problem ?? "too few bytes")")
    }
    return payload
  }
}
