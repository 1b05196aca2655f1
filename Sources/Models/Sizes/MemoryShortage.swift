package import Base

/// The error about work that would not fit into the memory, found before any of it is done.
package struct MemoryShortage: Error, Equatable, CustomStringConvertible {
  /// The work that would take the memory, in words.
  package var work: String
  /// The bytes that it takes.
  package var needed: Int
  /// The bytes that this process may use.
  package var usable: Int

  /// Throws where work would take more than there is.
  package static func check(
    _ work: String, needs needed: Int, of usable: Int
  ) throws(MemoryShortage) {
    guard needed > usable else { return }
    throw MemoryShortage(work: work, needed: needed, usable: usable)
  }

  /// One line: what takes how much, what there is, and the remedy.
  package var description: String {
    "\(work) takes about \(Self.size(needed)) of memory, and there are \(Self.size(usable)); "
      + "take a smaller model, batch or sequence length, or a machine with more"
  }

  private static func size(_ bytes: Int) -> String {
    let (gigabytes, megabytes) = (Double(bytes) / 1e9, bytes / 1_000_000)
    return gigabytes < 1
      ? "\(megabytes) MB" : "\(Double(Int((gigabytes * 10).rounded(.up))) / 10) GB"
  }
}

extension MemoryShortage: ExitStatusError {
  package var exitStatus: ExitStatus { .willNotFit }
}
