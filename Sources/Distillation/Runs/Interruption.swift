import Files
import Foundation
import Synchronization

/// The wish to stop, by Ctrl-C or a `SIGTERM`, which a loop asks for between two steps.
public enum Interruption {
  private static let signal = Atomic<Int32>(0)

  /// Listens to `SIGINT` and `SIGTERM`; a second signal ends the process as ever.
  public static func listen() {
    // Touched before a handler runs, which must not be the one to initialise it.
    signal.store(0, ordering: .relaxed)
    // Else a read of a pipe without a writer would outlast the wish.
    StopWish.ask { isRequested }
    for number in [SIGINT, SIGTERM] {
      Foundation.signal(number) { received in
        Interruption.signal.store(received, ordering: .relaxed)
        Foundation.signal(received, SIG_DFL)
      }
    }
  }

  /// Asks the process to stop, as Ctrl-C does; asking twice is the same as once.
  public static func request() { signal.store(SIGINT, ordering: .relaxed) }

  /// Whether somebody wants the process to stop.
  public static var isRequested: Bool { signal.load(ordering: .relaxed) != 0 }
}
