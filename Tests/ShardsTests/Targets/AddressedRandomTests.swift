import Testing

@testable import Shards

struct AddressedRandomTests {
  /// The known answers of Random123's `kat_vectors` for philox4x32-10.
  @Test func philoxGivesThePublishedAnswers() {
    #expect(
      AddressedRandom.philox(counter: SIMD4(repeating: 0), key: 0)
        == SIMD4(0x6627_E8D5, 0xE169_C58D, 0xBC57_AC4C, 0x9B00_DBD8))
    #expect(
      AddressedRandom.philox(counter: SIMD4(repeating: .max), key: .max)
        == SIMD4(0x408F_276D, 0x41C8_3B0E, 0xA20B_C7C6, 0x6D54_51FD))
    #expect(
      AddressedRandom.philox(
        counter: SIMD4(0x243F_6A88, 0x85A3_08D3, 0x1319_8A2E, 0x0370_7344),
        key: 0x299F_31D0_A409_3822)
        == SIMD4(0xD16C_FE09, 0x94FD_CCEB, 0x5001_E420, 0x2412_6EA1))
  }

  @Test func everyPartOfTheAddressCounts() {
    let random = AddressedRandom(seed: 1)
    let numbers = [
      random.uniform(sequence: 1, position: 1, purpose: .sampling),
      random.uniform(sequence: 2, position: 1, purpose: .sampling),
      random.uniform(sequence: 1 << 32, position: 1, purpose: .sampling),
      random.uniform(sequence: 1, position: 2, purpose: .sampling),
      random.uniform(sequence: 1, position: 1, purpose: .valueRounding),
      random.uniform(sequence: 1, position: 1, purpose: .sampling, index: 1),
      AddressedRandom(seed: 2).uniform(sequence: 1, position: 1, purpose: .sampling),
    ]
    #expect(Set(numbers).count == numbers.count)
    #expect(numbers.allSatisfy { $0 >= 0 && $0 < 1 })
    #expect(numbers[0] == random.uniform(sequence: 1, position: 1, purpose: .sampling))
  }
}
