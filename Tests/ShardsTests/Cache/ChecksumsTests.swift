import Testing

@testable import Shards

@Suite struct ChecksumsTests {
  @Test func linesAreThoseOfSha256sum() throws {
    var capture = TemporaryCache.capture()
    capture.tablesSHA256 = "t1"
    let shard = CacheManifest.Shard(
      file: CacheDirectory.shard(0), sequences: 1, tokens: 1, bytes: 1, sha256: "s1")
    let part = CachePart(
      capture: capture, fingerprint: try CaptureFingerprint(capture), shards: [shard],
      tablesBytes: 0)
    let sums = CacheManifest(parts: [part, part]).checksums(manifestBytes: Array("abc".utf8))
    #expect(
      String(decoding: sums, as: UTF8.self) == """
        ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad  manifest.json
        t1  tables-000.zst
        t1  tables-001.zst
        s1  shard-00000.kd.zst
        s1  shard-00001.kd.zst

        """)
  }

  @Test func anyByteOfTheManifestChangesThem() throws {
    let capture = TemporaryCache.capture()
    let part = CachePart(
      capture: capture, fingerprint: try CaptureFingerprint(capture), shards: [], tablesBytes: 0)
    let manifest = CacheManifest(parts: [part])
    func sums(_ bytes: [UInt8]) -> [UInt8] { manifest.checksums(manifestBytes: bytes) }
    #expect(sums([1, 2]) == sums([1, 2]))
    #expect(sums([1, 2]) != sums([1, 3]))
  }
}

@Suite struct DataDigestTests {
  private let text = SequenceTokens(
    identity: 99, tokens: [7, 1, 9, 2], fragments: [2, 2], lossMask: [true, false])

  @Test func theBytesAreThoseOfTheFormat() {
    #expect(
      DataDigest.bytes(of: text) == [
        4, 0, 0, 0, 2, 0, 0, 0, 2, 0, 0, 0, 7, 0, 0, 0, 1, 0, 0, 0, 9, 0, 0, 0, 2, 0, 0, 0, 2, 0,
        0, 0, 2, 0, 0, 0, 1, 0,
      ])
    var digest = DataDigest()
    digest.append(text)
    #expect(
      digest.hexadecimal == "31798e03927f8ad180056b279af2bbc535b25610bc17dd9d67be00003804fc10")
  }

  @Test func orderCountsAndIdentityDoesNot() {
    func digest(_ texts: [SequenceTokens]) -> String {
      var digest = DataDigest()
      for text in texts { digest.append(text) }
      return digest.hexadecimal
    }
    let other = SequenceTokens(identity: 0, tokens: [7, 1, 9, 2], fragments: [4])
    let renamed = SequenceTokens(
      identity: 1, tokens: text.tokens, fragments: text.fragments, lossMask: text.lossMask)
    #expect(digest([text, other]) != digest([other, text]))
    #expect(digest([text, other]) == digest([renamed, other]))
    #expect(digest([]) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
  }

  @Test func itKnowsItsOwnFingerprints() {
    #expect(DataDigest.made(DataDigest().hexadecimal))
    #expect(!DataDigest.made("bb") && !DataDigest.made(String(repeating: "G", count: 64)))
    #expect(!DataDigest.made(String(repeating: "A", count: 64)))
  }
}
