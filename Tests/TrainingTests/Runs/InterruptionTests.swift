import Foundation
import Testing
@testable import Training

/// Sends a signal to this process and waits a while for it to be heard.
///
/// `raise` would not do: the threads that tests run on block signals.
private func send(_ number: Int32, until isHeard: () -> Bool) {
  kill(getpid(), number)
  for _ in 0..<5000 where !isHeard() { usleep(1000) }
}

@Suite struct InterruptionTests {
  @Test(arguments: [SIGINT, SIGTERM])
  func theFirstSignalIsAWish(number: Int32) async {
    await #expect(processExitsWith: .exitCode(7)) { [number] in
      Interruption.listen()
      guard !Interruption.isRequested else { exit(9) }
      send(number) { Interruption.isRequested }
      exit(Interruption.isRequested ? 7 : 8)
    }
  }

  @Test func theSecondSignalEndsTheProcess() async {
    await #expect(processExitsWith: .signal(SIGINT)) {
      Interruption.listen()
      send(SIGINT) { Interruption.isRequested }
      send(SIGINT) { false }
    }
  }
}
