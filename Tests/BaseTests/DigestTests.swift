import Testing

@testable import Base

struct DigestTests {
  @Test func theDigestOfPiecesIsSHA256OfTheWhole() {
    var digest = Digest()
    for piece in ["a", "", "bc"] { digest.append(Array(piece.utf8)) }
    // FIPS 180-2, example 1.
    #expect(
      digest.hexadecimal == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    #expect(Digest(of: Array("abc".utf8)).bytes == digest.bytes)
  }

  @Test func textsAreToldApartByTheirLengths() {
    #expect(Digest(of: ["ab", "c"]).bytes != Digest(of: ["a", "bc"]).bytes)
    #expect(Digest(of: ["ab"]).bytes == Digest(of: Array("2:ab\n".utf8)).bytes)
  }

  @Test func numbersKeepTheirLeadingZeros() {
    #expect(UInt64(0xABC).hexadecimal == "0000000000000abc")
    #expect([0, 255, 16].hexadecimal == "00ff10")
  }
}
