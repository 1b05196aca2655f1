import Foundation

/// A child process with pipes to its three standard streams.
final class WorkerProcess {
  private let identifier: pid_t
  private var input: Int32
  private var output: PipeLines
  private var errors: PipeLines
  /// The exit code, or minus the number of the signal that ended it; 0 while it works.
  private(set) var status: Int32 = 0
  /// Whether it has ended.
  private(set) var hasEnded = false
  /// The error that it told, if any.
  private(set) var error: String?

  /// Starts an executable; the first argument is the name that it is told.
  init(_ executable: String, _ arguments: [String]) throws {
    var ends: [Int32] = []
    do {
      for _ in 0..<3 { ends += try Self.pipe() }
      identifier = try Self.spawn(executable, arguments, streams: [ends[0], ends[3], ends[5]])
    } catch {
      for end in ends { close(end) }
      throw error
    }
    for end in [ends[0], ends[3], ends[5]] { close(end) }
    input = ends[1]
    output = PipeLines(ends[2])
    errors = PipeLines(ends[4])
  }

  deinit {
    stop()
    output.close()
    errors.close()
  }

  /// Asks it to save its run and end; asking again changes nothing.
  func stop() {
    guard input >= 0 else { return }
    close(input)
    input = -1
  }

  /// Asks it to end, and waits until it has.
  func stopAndWait() {
    stop()
    // A child that writes into a full pipe would never end.
    while !hasEnded {
      Self.wait(for: [self], milliseconds: 100)
      _ = (output.read(), errors.read())
      look()
    }
  }

  /// The lines of its standard output since the last call.
  func readOutput() -> [String] {
    look()
    return output.read()
  }

  /// The lines of its standard error since the last call; its error is kept apart.
  func readNotes() -> [String] {
    let mark = "codistill: error: "
    let lines = errors.read()
    if let line = lines.last(where: { $0.hasPrefix(mark) }) {
      error = String(line.dropFirst(mark.count))
    }
    return lines.filter { !$0.hasPrefix("codistill: ") }
  }

  /// Waits until one of some processes says something or ends, or the time is over.
  static func wait(for processes: [WorkerProcess], milliseconds: Int32) {
    var descriptors = processes.flatMap { [$0.output.descriptor, $0.errors.descriptor] }
      .map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
    poll(&descriptors, nfds_t(descriptors.count), milliseconds)
    // Pipes that are closed are ready at once, before their process can be waited for.
    usleep(2_000)
  }

  /// Whether it has ended by now, and how.
  private func look() {
    var code: Int32 = 0
    guard !hasEnded, waitpid(identifier, &code, WNOHANG) == identifier else { return }
    hasEnded = true
    // WIFEXITED, WEXITSTATUS and WTERMSIG, which are macros.
    status = code & 0x7F == 0 ? (code >> 8) & 0xFF : -(code & 0x7F)
  }

  private static func pipe() throws -> [Int32] {
    var ends: [Int32] = [-1, -1]
    guard Foundation.pipe(&ends) == 0 else {
      throw ComparisonError.cannotStart(reason: String(cString: strerror(errno)))
    }
    // Without the flag, a child would hold the pipes of those before it open.
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    return ends
  }

  private static func spawn(
    _ executable: String, _ arguments: [String], streams: [Int32]
  ) throws -> pid_t {
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    for (number, stream) in streams.enumerated() {
      posix_spawn_file_actions_adddup2(&actions, stream, Int32(number))
    }
    let environment = ProcessInfo.processInfo.environment.map { "\($0.key)=\($0.value)" }
    var words = (arguments.map { strdup($0) }) + [nil]
    var variables = (environment.map { strdup($0) }) + [nil]
    defer { for text in words + variables { free(text) } }
    var identifier: pid_t = 0
    let code = posix_spawn(&identifier, executable, &actions, nil, &words, &variables)
    guard code == 0 else {
      throw ComparisonError.cannotStart(reason: String(cString: strerror(code)))
    }
    return identifier
  }
}

/// The whole lines that come through a pipe, without waiting for them.
private struct PipeLines {
  let descriptor: Int32
  private var rest: [UInt8] = []

  init(_ descriptor: Int32) {
    self.descriptor = descriptor
    _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
  }

  func close() { Foundation.close(descriptor) }

  mutating func read() -> [String] {
    var bytes = [UInt8](repeating: 0, count: 1 << 16)
    while true {
      let count = Foundation.read(descriptor, &bytes, bytes.count)
      guard count > 0 else { break }
      rest += bytes[..<count]
    }
    guard let end = rest.lastIndex(of: UInt8(ascii: "\n")) else { return [] }
    defer { rest.removeSubrange(...end) }
    return rest[..<end].split(separator: UInt8(ascii: "\n")).map {
      String(decoding: $0, as: UTF8.self)
    }
  }
}
