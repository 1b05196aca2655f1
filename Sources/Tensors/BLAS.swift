import CProcess
import Glibc

/// OpenBLAS, which makes the products of float32 on CPUs without AVX-512.
///
/// It is loaded when it is first asked for.
public enum BLAS {
  /// The library's own description: version, build options, core.
  public static var configuration: String { library.configuration }

  /// Whether there is an OpenBLAS on this machine, and room for it.
  static var isInstalled: Bool {
    if case .success = loaded { return true }
    return false
  }

  private static let loaded = Result { () throws(LibraryError) in try OpenBLAS() }

  private static var library: OpenBLAS {
    switch loaded {
    case .success(let library): return library
    case .failure(let error): cp_end(error.description, 69)
    }
  }

  /// One product on this thread.
  static func product(
    _ m: Int, _ n: Int, _ k: Int, _ a: Operand, _ b: Operand, adding: Bool,
    into c: UnsafeMutablePointer<Float>, stride: Int
  ) {
    library.multiply(
      OpenBLAS.rowMajor, OpenBLAS.operation(a), OpenBLAS.operation(b), Int32(m), Int32(n),
      Int32(k), 1, a.base, Int32(a.stride), b.base, Int32(b.stride), adding ? 1 : 0, c,
      Int32(stride))
  }
}

/// The functions of a loaded OpenBLAS. (cblas.h, with 32-bit integers)
private struct OpenBLAS: Sendable {
  typealias Multiply =
    @convention(c) (
      Int32, Int32, Int32, Int32, Int32, Int32, Float, UnsafePointer<Float>, Int32,
      UnsafePointer<Float>, Int32, Float, UnsafeMutablePointer<Float>, Int32
    ) -> Void

  static let rowMajor: Int32 = 101
  let configuration: String
  let multiply: Multiply

  static func operation(_ operand: Operand) -> Int32 { operand.transposed ? 112 : 111 }

  init() throws(LibraryError) {
    // Its initialiser asks for 128 MiB again and again until it gets them.
    guard cp_has_room(192 << 20) else { throw .noRoom }
    // Our own pool splits the work; threads of its own would only take addresses.
    setenv("OPENBLAS_NUM_THREADS", "1", 1)
    guard let library = dlopen("libopenblas.so.0", RTLD_NOW | RTLD_LOCAL) else {
      throw .missing(reason: dlerror().map { String(cString: $0) } ?? "no reason given")
    }
    func symbol(_ name: String) throws(LibraryError) -> UnsafeMutableRawPointer {
      guard let symbol = dlsym(library, name) else { throw .missing(reason: "no \(name) in it") }
      return symbol
    }
    typealias Describe = @convention(c) () -> UnsafePointer<CChar>
    typealias SetThreads = @convention(c) (Int32) -> Void
    multiply = unsafeBitCast(try symbol("cblas_sgemm"), to: Multiply.self)
    unsafeBitCast(try symbol("openblas_set_num_threads"), to: SetThreads.self)(1)
    configuration = String(
      cString: unsafeBitCast(try symbol("openblas_get_config"), to: Describe.self)())
  }
}

/// The reason that OpenBLAS cannot be used.
private enum LibraryError: Error, CustomStringConvertible {
  case noRoom
  case missing(reason: String)

  var description: String {
    switch self {
    case .noRoom:
      "OpenBLAS, which this CPU needs, takes 192 MiB of addresses; raise the limit (ulimit -v)"
    case .missing(let reason):
      "OpenBLAS, which a CPU without AVX-512 needs: \(reason); install libopenblas0"
    }
  }
}
