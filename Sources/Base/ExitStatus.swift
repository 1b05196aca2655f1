/// The exit status of the process, with the numbers of `sysexits.h`.
package enum ExitStatus: Int32 {
  /// The command line is wrong. (EX_USAGE)
  case usage = 64
  /// An input is not what it should be. (EX_DATAERR)
  case badData = 65
  /// An input is not there. (EX_NOINPUT)
  case missingInput = 66
  /// The work needs more memory, disk or time than there is. (EX_UNAVAILABLE)
  case willNotFit = 69
  /// A mistake in the tool. (EX_SOFTWARE)
  case internalError = 70
  /// An output cannot be created. (EX_CANTCREAT)
  case cannotCreate = 73
  /// Reading or writing failed. (EX_IOERR)
  case inputOutput = 74
  /// The same command will go on later. (EX_TEMPFAIL)
  case tryAgain = 75
  /// The config is wrong. (EX_CONFIG)
  case badConfig = 78
}

/// An error that knows the exit code it ends the process with.
package protocol ExitStatusError: Error {
  /// The exit code.
  var exitStatus: ExitStatus { get }
}
