extension [UInt8] {
  /// Appends a whole number in decimal.
  package mutating func append(decimal number: Int) {
    if number < 0 { append(UInt8(ascii: "-")) }
    let first = count
    var rest = number.magnitude
    repeat {
      append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10))
      rest /= 10
    } while rest > 0
    self[first...].reverse()
  }
}

extension [Int32] {
  /// The numbers in decimal, with commas between them: as bytes, since there can be millions.
  package var commaSeparated: [UInt8] {
    var text: [UInt8] = []
    text.reserveCapacity(7 * count)
    for number in self {
      text.append(decimal: Int(number))
      text.append(UInt8(ascii: ","))
    }
    _ = text.popLast()
    return text
  }
}
