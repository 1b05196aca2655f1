import CBLAS
import Foundation

/// OpenBLAS, told which of its kernels fits this CPU.
///
/// Debian's OpenBLAS 0.3.21 does not know newer AMD processors and takes them for a Haswell, which
/// halves its speed. The kernel table can be rebuilt after loading: set `OPENBLAS_CORETYPE`, then
/// call the exported `gotoblas_dynamic_quit` and `gotoblas_dynamic_init`.
public enum BLAS {
  /// The kernel family OpenBLAS chose by itself, before anything was changed.
  public static var detectedCore: String { prepared.detected }
  /// The kernel family in use.
  public static var core: String { prepared.used }
  /// The library's own description: version, build options, core.
  public static var configuration: String {
    _ = prepared
    return String(cString: openblas_get_config())
  }

  /// Chooses the kernels once; every product goes through here.
  static let prepared: (detected: String, used: String) = {
    openblas_set_num_threads(1)  // Our own pool splits the work.
    let detected = String(cString: openblas_get_corename())
    if let wanted = wantedCore(detected: detected) { reload(core: wanted) }
    return (detected, String(cString: openblas_get_corename()))
  }()

  /// The core to switch to: what `CODISTILL_BLAS_CORE` names (`keep` leaves it alone), else
  /// SkylakeX on a CPU with AVX-512 that OpenBLAS took for something older.
  private static func wantedCore(detected: String) -> String? {
    if let named = ProcessInfo.processInfo.environment["CODISTILL_BLAS_CORE"], !named.isEmpty {
      return named == "keep" ? nil : named
    }
    let older = [
      "Haswell", "Zen", "SandyBridge", "Nehalem", "Prescott", "Excavator", "Steamroller",
    ]
    guard older.contains(where: { $0.lowercased() == detected.lowercased() }) else { return nil }
    return hasAVX512 ? "SkylakeX" : nil
  }

  /// Whether the CPU has what the SkylakeX kernels need.
  public static var hasAVX512: Bool {
    guard let info = try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8),
      let flags = info.split(separator: "\n").first(where: { $0.hasPrefix("flags") })
    else { return false }
    let present = Set(flags.split(separator: " ").map(String.init))
    return ["avx512f", "avx512dq", "avx512bw", "avx512vl", "avx512cd"].allSatisfy(present.contains)
  }

  private static func reload(core: String) {
    typealias Function = @convention(c) () -> Void
    guard let handle = dlopen(nil, RTLD_NOW),
      let quit = dlsym(handle, "gotoblas_dynamic_quit"),
      let start = dlsym(handle, "gotoblas_dynamic_init")
    else { return }
    setenv("OPENBLAS_CORETYPE", core, 1)
    unsafeBitCast(quit, to: Function.self)()
    unsafeBitCast(start, to: Function.self)()
  }
}

/// One operand of a matrix product: where it lies, how far its rows are apart, whether it is taken
/// transposed.
package struct Operand {
  let base: UnsafePointer<Float>
  let stride: Int
  let transposed: Bool

  package init(_ base: UnsafePointer<Float>, stride: Int, transposed: Bool = false) {
    self.base = base
    self.stride = stride
    self.transposed = transposed
  }

  /// The operand without its first `count` rows (columns when transposed) of op(A).
  func droppingRows(_ count: Int) -> Operand {
    Operand(base + count * (transposed ? 1 : stride), stride: stride, transposed: transposed)
  }

  /// The operand without its first `count` columns (rows when transposed) of op(A).
  func droppingColumns(_ count: Int) -> Operand {
    Operand(base + count * (transposed ? stride : 1), stride: stride, transposed: transposed)
  }
}

/// `C = op(A) op(B)`, or `C += …` when `adding`; C is (m × n), the inner size k, all row-major.
///
/// The work is split into panels whose sizes depend on m and n only, never on the number of
/// threads: the same product has the same bits on any number of them.
package func gemm(
  _ m: Int, _ n: Int, _ k: Int, _ a: Operand, _ b: Operand, adding: Bool = false,
  into c: UnsafeMutablePointer<Float>, stride: Int
) {
  guard m > 0, n > 0 else { return }
  _ = BLAS.prepared
  let alongRows = m >= n
  let panel = panelLength(alongRows ? m : n, work: m * n * k)
  let panels = ((alongRows ? m : n) + panel - 1) / panel
  Parallel.forEach(panels) { index in
    let start = index * panel
    let length = min(panel, (alongRows ? m : n) - start)
    if alongRows {
      product(length, n, k, a.droppingRows(start), b, adding, c + start * stride, stride)
    } else {
      product(m, length, k, a, b.droppingColumns(start), adding, c + start, stride)
    }
  }
}

/// At most 16 panels, each a multiple of 16 long and big enough to be worth a thread.
private func panelLength(_ extent: Int, work: Int) -> Int {
  let panels = min(16, max(1, min(extent / 128, work >> 20)))
  return ((extent + panels - 1) / panels + 15) / 16 * 16
}

private func product(
  _ m: Int, _ n: Int, _ k: Int, _ a: Operand, _ b: Operand, _ adding: Bool,
  _ c: UnsafeMutablePointer<Float>, _ stride: Int
) {
  cblas_sgemm(
    CblasRowMajor, a.transposed ? CblasTrans : CblasNoTrans,
    b.transposed ? CblasTrans : CblasNoTrans, Int32(m), Int32(n), Int32(k), 1, a.base,
    Int32(a.stride), b.base, Int32(b.stride), adding ? 1 : 0, c, Int32(stride))
}
