import Foundation

/// The memory that this process has used.
package enum ProcessMemory {
  /// The largest resident size so far, in bytes.
  package static var peakBytes: Int {
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    return usage.ru_maxrss * 1024
  }
}
