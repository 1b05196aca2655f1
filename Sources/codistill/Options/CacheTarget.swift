import Capture

/// The cache that is built, and how much of it.
struct CacheTarget {
  /// The folder of the cache.
  var output: String
  /// The part of the work that this process does.
  var share: WorkShare
  /// Whether the texts follow those of a finished cache.
  var isAppending: Bool
}
