import Foundation

/// How much memory the process has taken.
public enum PeakMemory {
  /// The greatest resident memory of the process so far, in bytes.
  public static var residentBytes: Int {
    var usage = rusage()
    getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
    return usage.ru_maxrss * 1024
  }
}
