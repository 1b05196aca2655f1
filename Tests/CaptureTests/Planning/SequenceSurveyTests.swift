@testable import Capture
import Shards
import TestRuns
import TestSupport
import Testing

@Suite struct SequenceSurveyTests {
  /// One pass of the teacher gives what a capture of each codec gives, bit for bit.
  @Test func targetsAreThoseOfTheCaptures() throws {
    let codecs: [CacheCodec] = [
      .sparse, .threshold(threshold: 0.3, temperature: 2), .topk(entries: 5, temperature: 1),
      .sample(samples: 9, temperature: 1), .whole,
    ]
    let (teacher, sequences) = (try Tiny.decoder("llama_tied"), Tiny.sequences(6))
    let survey = SequenceSurvey(
      runner: TeacherRunner(teacher: teacher, codec: .sparse, seed: 7), codecs: codecs, seed: 7,
      draws: 1)
    let numbered = sequences.enumerated().map { (ordinal: $0.offset, sequence: $0.element) }
    for ((ordinal, sequence), found) in zip(numbered, try survey(numbered)) {
      #expect(found.captures.count == codecs.count && found.codecSeconds.count == codecs.count)
      for (codec, capture) in zip(codecs, found.captures) {
        let runner = TeacherRunner(teacher: teacher, codec: codec, seed: 7)
        #expect(capture == (try runner.capture(sequence, ordinal: ordinal)), "\(codec)")
      }
    }
  }
}
