import Testing
@testable import Training

@Suite struct KeyedPermutationTests {
  private func all(_ count: Int, key: UInt64) -> [Int] {
    let permutation = KeyedPermutation(count: count, key: key)
    return (0..<count).map { permutation[$0] }
  }

  @Test(arguments: [1, 2, 3, 4, 5, 8, 9, 63, 64, 65, 1000, 4097])
  func everyNumberComesOnce(count: Int) {
    for key in [0, 1, UInt64.max] {
      #expect(all(count, key: key).sorted() == Array(0..<count))
    }
  }

  /// Counts that no list could hold work the same.
  @Test func hugeCountsStayInRange() {
    let permutation = KeyedPermutation(count: .max, key: 3)
    let places = [0, 1, Int.max / 2, Int.max - 1]
    let numbers = places.map { permutation[$0] }
    #expect(Set(numbers).count == places.count)
    #expect(numbers.allSatisfy { $0 >= 0 && $0 < Int.max })
  }

  /// All orders of four, each as often as any other: χ² of 23 degrees of freedom.
  @Test func ordersAreEquallyLikely() {
    var seen: [[Int]: Int] = [:]
    let keys = 4800
    for key in 0..<keys { seen[all(4, key: UInt64(key)), default: 0] += 1 }
    #expect(seen.count == 24)
    #expect(chiSquared(Array(seen.values), of: keys) < 60)  // P(χ² > 60) = 4e-5
  }

  /// Every place gets every number as often as any other, and so do neighbours their distance.
  @Test func placesAndNeighboursAreUniform() {
    let (count, keys) = (16, 1600)
    var first = [Int](repeating: 0, count: count)
    var distance = [Int](repeating: 0, count: count)
    for key in 0..<keys {
      let permutation = KeyedPermutation(count: count, key: UInt64(key))
      first[permutation[3]] += 1
      distance[(permutation[8] - permutation[7] + count) % count] += 1
    }
    #expect(chiSquared(first, of: keys) < 48)  // 15 degrees of freedom: 3e-5
    #expect(distance[0] == 0)
    #expect(chiSquared(Array(distance[1...]), of: keys) < 47)
  }

  /// In a long order, a number tells nothing about the one after it.
  @Test func neighboursAreNotCorrelated() {
    let count = 5000
    let numbers = all(count, key: 11).map { Double($0) - Double(count - 1) / 2 }
    let products = zip(numbers, numbers.dropFirst()).reduce(0) { $0 + $1.0 * $1.1 }
    let variance = Double(count * count - 1) / 12
    #expect(abs(products / variance) / Double(count).squareRoot() < 4)
    // Nor does its place tell anything about a number.
    let trend = numbers.enumerated().reduce(0) { $0 + (Double($1.0) - 2499.5) * $1.1 }
    #expect(abs(trend / variance) / Double(count).squareRoot() < 4)
  }

  private func chiSquared(_ counts: [Int], of total: Int) -> Double {
    let expected = Double(total) / Double(counts.count)
    return counts.reduce(0) { $0 + (Double($1) - expected) * (Double($1) - expected) / expected }
  }
}
