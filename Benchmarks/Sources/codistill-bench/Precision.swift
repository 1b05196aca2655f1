import ArgumentParser

/// What matrix products are computed in.
enum Precision: String, CaseIterable, Encodable, ExpressibleByArgument {
  /// Single precision throughout.
  case float32
}
