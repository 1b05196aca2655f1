import Testing

@testable import Models

@Suite struct WeightTypeTests {
  private func widen(_ bits: [UInt16], _ type: WeightType) -> [Float] {
    var values = [Float](repeating: 0, count: bits.count)
    bits.withUnsafeBytes { source in
      values.withUnsafeMutableBufferPointer { type.widen(source, into: $0) }
    }
    return values
  }

  private func narrow(_ values: [Float], _ type: WeightType) -> [UInt16] {
    var bits = [UInt16](repeating: 0, count: values.count)
    values.withUnsafeBufferPointer { source in
      bits.withUnsafeMutableBytes { type.narrow(source, into: $0) }
    }
    return bits
  }

  @Test func everyHalfWidensExactly() {
    let all = Array(UInt16.min...UInt16.max)
    for (bits, value) in zip(all, widen(all, .float16)) {
      let expected = Float(Float16(bitPattern: bits))
      #expect(value.bitPattern == expected.bitPattern || (value.isNaN && expected.isNaN))
    }
  }

  @Test func everyHalfComesBack() {
    let all = Array(UInt16.min...UInt16.max).filter { !Float16(bitPattern: $0).isNaN }
    #expect(narrow(widen(all, .float16), .float16) == all)
    #expect(
      narrow(widen(all, .bfloat16), .bfloat16).filter { $0 & 0x7FFF <= 0x7F80 }
        == all.filter { $0 & 0x7FFF <= 0x7F80 })
  }

  @Test func halvesRoundLikeTheHardware() {
    var state: UInt64 = 7
    var values: [Float] = [65_504, 65_519.99, 65_520, 1e9, -1e9, .infinity, 2e-8, 3e-8, 6.1e-5]
    for _ in 0..<20_000 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      values.append(Float(bitPattern: 0x3200_0000 &+ UInt32(state >> 32) % 0x1600_0000))
    }
    #expect(narrow(values, .float16) == values.map { Float16($0).bitPattern })
    #expect(Float16(bitPattern: narrow([.nan], .float16)[0]).isNaN)
  }

  @Test func bfloat16RoundsToEven() {
    let cases: [(UInt32, UInt16)] = [
      (0x3F80_0000, 0x3F80), (0x3F80_8000, 0x3F80), (0x3F81_8000, 0x3F82),
      (0x3F80_8001, 0x3F81), (0x7F7F_FFFF, 0x7F80), (0xFF80_0000, 0xFF80), (0x0000_8001, 0x0001),
    ]
    for (bits, expected) in cases {
      #expect(narrow([Float(bitPattern: bits)], .bfloat16) == [expected])
    }
    #expect(narrow([Float(bitPattern: 0x7F80_0001)], .bfloat16)[0] & 0x7F != 0, "a NaN stays one")
  }
}
