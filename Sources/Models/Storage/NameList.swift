import Base
import Glibc

/// Names out of a JSON text, as the places of their bytes: none is copied but those with escapes.
///
/// A header of a million names costs sixteen to twenty-four bytes for each, and they can be found.
struct NameList: Sendable {
  /// The longest text that names are taken from, so that places fit 32 bits.
  static let largestText = 1 << 30

  private struct Place {
    var start: UInt32
    var count: UInt32
  }

  private var places: [Place] = []
  // The names with escapes, resolved; their places begin where the text ends.
  private var resolved: [UInt8] = []
  // A hash table of numbers, counted from 1.
  private var slots: [UInt32] = []

  /// The number of names.
  var count: Int { places.count }

  /// Makes room for so many names.
  mutating func reserve(_ count: Int) { places.reserveCapacity(count) }

  /// Consumes the string that is next in a text.
  mutating func append(
    _ scanner: inout JSONScanner, in text: UnsafeRawBufferPointer
  ) throws(JSONSyntaxError) {
    if let range = try scanner.plainString() {
      return places.append(Place(start: UInt32(range.lowerBound), count: UInt32(range.count)))
    }
    let name = try scanner.string().utf8
    places.append(Place(start: UInt32(text.count + resolved.count), count: UInt32(name.count)))
    resolved += name
  }

  /// Runs `body` on the bytes of the name of a number.
  func withBytes<Result>(
    of number: Int, in text: UnsafeRawBufferPointer,
    _ body: (UnsafeRawBufferPointer) throws -> Result
  ) rethrows -> Result {
    let place = places[number]
    let (start, count) = (Int(place.start), Int(place.count))
    if start < text.count {
      return try body(UnsafeRawBufferPointer(rebasing: text[start..<(start + count)]))
    }
    return try resolved.withUnsafeBytes {
      let start = start - text.count
      return try body(UnsafeRawBufferPointer(rebasing: $0[start..<(start + count)]))
    }
  }

  /// The name of a number.
  func string(_ number: Int, in text: UnsafeRawBufferPointer) -> String {
    withBytes(of: number, in: text) { String(decoding: $0, as: UTF8.self) }
  }

  /// Removes the last name if it is this one.
  mutating func takeLast(_ name: String, in text: UnsafeRawBufferPointer) -> Bool {
    let isIt = withBytes(of: count - 1, in: text) {
      $0.count == name.utf8.count && $0.elementsEqual(name.utf8)
    }
    if isIt { places.removeLast() }
    return isIt
  }

  /// Makes the names findable, and gives the number of one that was there before, if there is one.
  mutating func index(in text: UnsafeRawBufferPointer) -> Int? {
    var size = 16
    while size < 2 * count { size *= 2 }
    slots = Array(repeating: 0, count: size)
    for number in 0..<count {
      let (slot, found) = withBytes(of: number, in: text) { search($0, in: text) }
      if found != nil { return number }
      slots[slot] = UInt32(number + 1)
    }
    return nil
  }

  /// The number of a name.
  ///
  /// - Precondition: the names have been indexed.
  func number(of name: UnsafeRawBufferPointer, in text: UnsafeRawBufferPointer) -> Int? {
    search(name, in: text).number
  }

  // The slot where a name is or would be. The hash differs from process to process, so that nobody
  // can make names that fall together.
  private func search(
    _ name: UnsafeRawBufferPointer, in text: UnsafeRawBufferPointer
  ) -> (slot: Int, number: Int?) {
    var hasher = Hasher()
    hasher.combine(bytes: name)
    var slot = hasher.finalize() & (slots.count - 1)
    while slots[slot] != 0 {
      let number = Int(slots[slot]) - 1
      let isSame = withBytes(of: number, in: text) { other in
        guard other.count == name.count, let one = other.baseAddress, let two = name.baseAddress
        else { return other.count == name.count }
        return memcmp(one, two, name.count) == 0
      }
      if isSame { return (slot, number) }
      slot = (slot + 1) & (slots.count - 1)
    }
    return (slot, nil)
  }
}
