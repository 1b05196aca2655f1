import Reports
import Testing

@Suite struct ProgressLineTests {
  /// A clock that stands still until it is moved, and what was written meanwhile.
  private final class Stage {
    var now = 100.0
    var written: [String] = []

    func line(_ terminal: Terminal, total: Int? = 1000, done: Int? = 0) -> ProgressLine {
      ProgressLine(
        "caching", total: total, unit: "tokens", done: done, terminal: terminal,
        clock: { self.now }, write: { self.written.append($0) })
    }
  }

  private let plain = Terminal(rewritesLines: false, hasColors: false)
  private let screen = Terminal(rewritesLines: true, hasColors: false)

  @Test func shortWorkShowsNothing() {
    let stage = Stage()
    let line = stage.line(screen)
    stage.now += 1.9
    line.update(done: 500)
    line.finish()
    #expect(stage.written.isEmpty)
  }

  @Test func plainLinesComeEveryThirtySeconds() {
    let stage = Stage()
    let line = stage.line(plain)
    for second in 1...62 {
      stage.now = 100 + Double(second)
      line.update(done: second * 10)
    }
    line.finish()
    #expect(
      stage.written == [
        "caching: 20/1 k tokens (2 %), 10 tokens/s, 1 min 38 s left\n",
        "caching: 320/1 k tokens (32 %), 10 tokens/s, 1 min 08 s left\n",
        "caching: 620/1 k tokens (62 %), 10 tokens/s, 38 s left\n",
      ])
  }

  @Test func aTerminalIsRewrittenTenTimesASecondAtMost() {
    let stage = Stage()
    let line = stage.line(screen)
    for tick in 1...400 {
      stage.now = 100 + Double(tick) / 100
      line.update(done: tick)
    }
    #expect((19...21).contains(stage.written.count))
    #expect(stage.written.allSatisfy { $0.hasPrefix("\r") && $0.hasSuffix("\u{1B}[K") })
    line.finish()
    #expect(stage.written.last == "\r\u{1B}[K")
  }

  @Test func aLineFitsItsTerminalAndHasColorsOnlyWhenWanted() {
    let stage = Stage()
    let narrow = stage.line(Terminal(rewritesLines: true, hasColors: true, width: 21))
    stage.now += 3
    narrow.update(done: 500, news: "loss 3.21")
    #expect(stage.written == ["\r\u{1B}[1mcaching\u{1B}[0m: 500/1 k tok\u{1B}[K"])
  }

  @Test func workDoneEarlierDoesNotCountAsSpeed() {
    let stage = Stage()
    let line = stage.line(plain, done: 900)
    stage.now += 10
    line.update(done: 910, news: "loss 3.21")
    #expect(
      stage.written == ["caching: 910/1 k tokens (91 %), 1 tokens/s, 1 min 30 s left, loss 3.21\n"])
  }

  @Test func withoutAWordOnThatTheFirstUpdateIsTheBaseline() {
    let stage = Stage()
    let line = stage.line(screen, done: nil)
    for (second, done) in [(1.0, 900), (2.5, 903)] {
      stage.now = 100 + second
      line.update(done: done)
    }
    #expect(
      stage.written == ["\rcaching: 903/1 k tokens (90 %), 2 tokens/s, 48.5 s left\u{1B}[K"])
  }

  @Test func anUnknownTotalHasNoEnd() {
    let stage = Stage()
    let line = stage.line(plain, total: nil)
    stage.now += 10
    line.update(done: 20)
    #expect(stage.written == ["caching: 20 tokens, 2 tokens/s\n"])
  }
}
