import CZstdLimit

/// The rate of zstd at level 3 on 4 MiB of skewed bytes, on one thread.
struct CompressionLimit {
  private let source: [UInt8]

  /// The bytes: the smaller of two random numbers below 64, so that there is something to gain.
  init() {
    var state: UInt64 = 1
    source = (0..<4 << 20).map { _ in
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return UInt8(min(state >> 40 & 63, state >> 50 & 63))
    }
  }

  /// Bytes taken in, in MB/s.
  func measure() -> Double {
    let time = seconds {
      _ = [UInt8](unsafeUninitializedCapacity: ZSTD_compressBound(source.count)) { room, count in
        count = ZSTD_compress(room.baseAddress, room.count, source, source.count, 3)
      }
    }
    return Double(source.count) / time / 1e6
  }
}
