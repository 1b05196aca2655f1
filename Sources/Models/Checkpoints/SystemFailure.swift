import Glibc

/// The operating system's words for the error of the call that has just failed.
func systemReason(_ code: Int32 = errno) -> String {
  String(cString: strerror(code))
}
