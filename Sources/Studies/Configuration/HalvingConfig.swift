import Base

/// The rule by which a comparison stops its worst arms early: successive halving. (`halving:`)
///
/// Karnin, Koren and Somekh (ICML 2013); Jamieson and Talwalkar (AISTATS 2016). It saves time and
/// costs certainty: an arm that is behind early may be ahead at the end, as learning rates that
/// fall late often are. That is why it is off unless asked for.
package struct HalvingConfig: Sendable, Equatable {
  /// The shares of an arm's steps after which arms are judged, ascending.
  package var shares: [Double]
  /// The share of the arms that goes on after each.
  package var keep: Double

  /// A rule from its parts.
  package init(shares: [Double], keep: Double) {
    self.shares = shares
    self.keep = keep
  }

  /// Returns how many of some arms go on: at least one, and never fewer than the share.
  package func survivors(of arms: Int) -> Int {
    // The product of a share such as 0.1 and a count is a hair off the whole number it stands for.
    min(arms, max(1, Int((Double(arms) * keep - 1e-9).rounded(.up))))
  }

  /// The number of steps after which a run of some steps is judged.
  package static func steps(_ share: Double, of steps: Int) -> Int {
    min(steps, max(1, Int((Double(steps) * share - 1e-9).rounded(.up))))
  }

  /// The share of their steps that some arms make on average.
  func workShare(of arms: Int) -> Double {
    guard arms > 0 else { return 1 }
    var (work, last, going) = (0.0, 0.0, arms)
    for share in shares {
      work += Double(going) * (share - last)
      last = share
      going = survivors(of: going)
    }
    return (work + Double(going) * (1 - last)) / Double(arms)
  }
}

extension HalvingConfig {
  enum Key: String, ConfigKey { case at, keep }

  init(_ node: ConfigNode) throws(ConfigError) {
    let section = try ConfigSection<Key>(node)
    let list = try section.required(.at)
    shares = []
    for element in try list.elements() {
      let share = try element.number()
      guard share > shares.last ?? 0, share < 1 else {
        throw element.invalid("between 0 and 1, and above the share before it")
      }
      shares.append(share)
    }
    guard !shares.isEmpty else { throw list.invalid("a list of at least one share") }
    keep = try section.optionalNumber(.keep, .above(0)) ?? 0.5
    guard keep < 1 else { throw try section.required(.keep).invalid("above 0 and below 1") }
  }
}
