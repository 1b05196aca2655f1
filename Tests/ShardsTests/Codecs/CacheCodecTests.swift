import Foundation
import Testing

@testable import Shards

@Suite struct CacheCodecTests {
  private static let codecs: [(codec: CacheCodec, json: String)] = [
    (
      .threshold(threshold: 0.04, temperature: 1.5),
      #"{"name":"threshold","temperature":1.5,"threshold":0.04}"#
    ),
    (.topk(entries: 50, temperature: 1), #"{"entries":50,"name":"topk","temperature":1}"#),
    (.sample(samples: 20, temperature: 2), #"{"name":"sample","samples":20,"temperature":2}"#),
    (.dense(temperature: 4), #"{"name":"dense","temperature":4}"#),
  ]

  private func decode(_ json: String) throws -> CacheCodec {
    try JSONDecoder().decode(CacheCodec.self, from: Data(json.utf8))
  }

  @Test func manifestsHoldTheNameTheNumberAndTheTemperature() throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = .sortedKeys
    for (codec, json) in Self.codecs {
      #expect(String(decoding: try encoder.encode(codec), as: UTF8.self) == json)
      #expect(try decode(json) == codec)
    }
    #expect(Self.codecs.map(\.codec.kind) == CodecKind.allCases)
  }

  @Test func codecsThatAreNotWholeAreRefused() throws {
    let unknown = #expect(throws: DecodingError.self) {
      try decode(#"{"name":"zip","temperature":1}"#)
    }
    guard case .dataCorrupted(let context)? = unknown else { return #expect(Bool(false)) }
    #expect(context.debugDescription == "codec zip is not known here")
    for json in [
      #"{"name":"topk","temperature":1}"#, #"{"name":"topk","temperature":1,"samples":5}"#,
      #"{"name":"topk","temperature":1,"entries":5.5}"#, #"{"name":"dense"}"#,
      #"{"name":"threshold","temperature":1,"threshold":"0.1"}"#,
    ] {
      #expect(throws: DecodingError.self) { try decode(json) }
    }
  }

  @Test func factsOfEachCodec() {
    let codecs = Self.codecs.map(\.codec)
    #expect(codecs.map(\.name) == ["threshold", "topk", "sample", "dense"])
    #expect(codecs.map(\.isSparse) == [true, true, true, false])
    #expect(codecs.map(\.isRandom) == [true, false, true, false])
    #expect(codecs.map(\.kind.isTruncated) == [false, true, false, false])
    #expect(codecs.map(\.exactAbove) == [0.04, 0, nil, 0])
    #expect(codecs.map(\.sampledValue) == [0.04, nil, nil, nil])
    #expect(
      codecs.map(\.grid) == [
        .linear(levels: 100), .arcsine(levels: 4096), .linear(levels: 20), .arcsine(levels: 4096),
      ])
    #expect(codecs.map { $0.mostEntries(vocabularySize: 30) } == [29, 30, 20, 0])
    #expect(codecs.map { $0.rowBytes(vocabularySize: 1000) } == [664, 664, 304, 6064])
    #expect(codecs.map { $0.rowBytes(vocabularySize: 10) } == [184, 664, 304, 124])
    #expect(codecs.map(\.threshold) == [0.04, nil, nil, nil])
    #expect(codecs.map(\.entries) == [nil, 50, nil, nil])
    #expect(codecs.map(\.samples) == [nil, nil, 20, nil])
  }

  @Test func numbersThatAreNotGivenAreTheUsualOnes() {
    let usual = CodecKind.allCases.map { CacheCodec($0, temperature: 2).setting }
    #expect(usual == [0.02, 50, 50, nil])
    #expect(CacheCodec(.dense, setting: 3, temperature: 1) == .dense(temperature: 1))
    #expect(CacheCodec(.topk, temperature: 1) != CacheCodec(.sample, temperature: 1))
    #expect(CacheCodec(.topk, temperature: 1) != CacheCodec(.topk, temperature: 2))
  }

  @Test func peopleReadThemShort() {
    let titles = Self.codecs.map { $0.codec.kind.title($0.codec.setting) }
    #expect(titles == ["threshold τ = 0.04", "topk 50", "sample 20", "dense"])
    #expect("\(Self.codecs[0].codec)" == "threshold τ = 0.04, T = 1.5")
    let words = Self.codecs.compactMap { codec, _ in
      codec.setting.flatMap { codec.kind.setting?.words($0) }
    }
    #expect(words == ["τ = 0.04", "top 50", "20 draws"])
    #expect(CodecKind(rawValue: "topk") == .topk && CodecKind(rawValue: "top") == nil)
  }

  @Test func parametersOutOfRangeSayTheRangeAndTheUsual() {
    let faults: [(CacheCodec, String, String)] = [
      (
        .threshold(threshold: 2, temperature: 1), "threshold",
        "2.0 is outside 0.0001…1; the usual is 0.04"
      ),
      (.topk(entries: 0, temperature: 1), "entries", "0 is outside 1…4096; the usual is 50"),
      (
        .sample(samples: 5000, temperature: 1), "samples", "5000 is outside 1…4096; the usual is 50"
      ),
      (.dense(temperature: 0), "temperature", "0.0 is outside 0.01…100; most use 1 to 4"),
      (.dense(temperature: .nan), "temperature", "nan is outside 0.01…100; most use 1 to 4"),
    ]
    for (codec, name, reason) in faults {
      #expect(throws: ShardError.invalidSetting(name: name, reason: reason)) {
        try codec.validate()
      }
    }
    for entries in [Int.max, .min, 4097] {
      #expect(throws: ShardError.self) {
        try CacheCodec.topk(entries: entries, temperature: 1).validate()
      }
    }
    for (codec, _) in Self.codecs { #expect(throws: Never.self) { try codec.validate() } }
  }
}
