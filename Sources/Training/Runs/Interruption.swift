import Base
import Foundation
import Synchronization

/// The wish to stop, by Ctrl-C, a `SIGTERM` or a closed terminal, which a loop asks for between two
/// steps.
package enum Interruption {
  private static let signal = Atomic<Int32>(0)

  /// Listens to `SIGINT`, `SIGTERM` and `SIGHUP`; a second of the first two ends the process as
  /// ever.
  ///
  /// Of a terminal that closes, shell and kernel tell one after the other: further `SIGHUP`s are
  /// ignored, and the first one too where it was before (`nohup`).
  package static func listen() {
    // Touched before a handler runs, which must not be the one to initialise it.
    signal.store(0, ordering: .relaxed)
    // Else a read of a pipe without a writer would outlast the wish.
    StopWish.ask { isRequested }
    let old = Foundation.signal(SIGHUP, SIG_IGN)
    let wasIgnored = unsafeBitCast(old, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self)
    let wishes = [SIGINT, SIGTERM] + (wasIgnored ? [] : [SIGHUP])
    for number in wishes {
      Foundation.signal(number) { received in
        Interruption.signal.store(received, ordering: .relaxed)
        Foundation.signal(received, received == SIGHUP ? SIG_IGN : SIG_DFL)
      }
    }
  }

  /// Asks the process to stop, as Ctrl-C does; asking twice is the same as once.
  package static func request() { signal.store(SIGINT, ordering: .relaxed) }

  /// Whether somebody wants the process to stop.
  package static var isRequested: Bool { signal.load(ordering: .relaxed) != 0 }
}
