import Base
import Tensors
import Testing

@Suite struct RandomTests {
  /// The first numbers of the reference implementation for the seed 1234567.
  @Test func referenceSequence() {
    var generator = SplitMix64(seed: 1_234_567)
    let numbers = (0..<3).map { _ in generator.next() }
    #expect(
      numbers == [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423])
  }

  @Test func namesAndSeedsGiveOtherNumbers() {
    let first = [(1, "a"), (1, "b"), (2, "a"), (2, "b")].map { seed, name in
      var generator = SplitMix64(seed: UInt64(seed), name: name)
      return generator.next()
    }
    #expect(Set(first).count == 4)
  }

  @Test func normalNumbersHaveTheirMoments() {
    var generator = SplitMix64(seed: 5)
    let numbers = (0..<100_000).map { _ in Double(generator.normal()) }
    let moments = (1...4).map { power in
      numbers.reduce(0) { sum, x in sum + (0..<power).reduce(1) { product, _ in product * x } }
        / 100_000
    }
    for (moment, expected) in zip(moments, [0, 1, 0, 3.0]) {
      #expect(abs(moment - expected) < 0.06)
    }
  }

  @Test func uniformNumbersLieInTheHalfOpenInterval() {
    var generator = SplitMix64(seed: 6)
    let numbers = (0..<10_000).map { _ in generator.uniform() }
    #expect(numbers.allSatisfy { $0 > 0 && $0 <= 1 })
    #expect(abs(numbers.reduce(0, +) / 10_000 - 0.5) < 0.01)
  }
}
