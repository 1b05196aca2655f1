package import Base

/// The objective that a run minimises. (`loss:`)
public struct LossConfig: Sendable, Equatable {
  /// The weight of the teacher's term over the steps; nil trains on hard labels alone.
  public var soft: SoftWeight?
  /// The divergence of the student from its target.
  package var divergence = DivergenceConfig()
  /// The target of that divergence.
  public var target = TargetConfig.teacher
  /// The temperature of both distributions; nil takes the cache's, or 1.
  public var temperature: Double?
  /// The distances between hidden states of student and live teacher.
  public var features: [FeatureConfig] = []
  /// The weight of the router's load-balance loss, Hugging Face's name for it.
  public var routerAuxLossCoef = 0.0
  /// The weight of the router's z loss.
  public var routerZLossCoef = 0.0

  /// A loss with a weight of the teacher's term, and the defaults for the rest.
  package init(soft: SoftWeight? = nil) { self.soft = soft }
}

extension LossConfig {
  package enum Key: String, ConfigKey {
    case soft, divergence, target, temperature, features
    case routerAuxLossCoef = "router_aux_loss_coef"
    case routerZLossCoef = "router_z_loss_coef"
  }

  package init(_ node: ConfigNode) throws(ConfigError) {
    let section = try ConfigSection<Key>(node)
    if let soft = section[.soft] { self.soft = try SoftWeight(soft) }
    if let node = section[.divergence] { divergence = try DivergenceConfig(node) }
    if let node = section[.target] { target = try TargetConfig(node) }
    temperature = try section.optionalNumber(.temperature, .within(0.01...100))
    if let node = section[.features] { features = try [FeatureConfig](node) }
    routerAuxLossCoef = try section.optionalNumber(.routerAuxLossCoef, .atLeast(0)) ?? 0
    routerZLossCoef = try section.optionalNumber(.routerZLossCoef, .atLeast(0)) ?? 0
    for key in [Key.divergence, .target, .temperature] where soft == nil && section[key] != nil {
      throw section.conflict(key, "'\(key.rawValue)' is about the teacher's term; add soft")
    }
    try checkCombination(section)
  }

  /// Refuses parts that contradict each other about the divergence.
  private func checkCombination(_ section: ConfigSection<Key>) throws(ConfigError) {
    if case .interpolated = target, divergence.divergence != .forwardKL {
      throw section.conflict(
        .target, "taid is a forward divergence from a target of its own; leave out divergence")
    }
    guard soft?.rule.isDecoupled == true else { return }
    guard divergence.divergence == .forwardKL, target == .teacher else {
      throw section.conflict(
        section[.target] == nil ? .divergence : .target,
        "atkd splits the forward divergence from the teacher; leave out divergence and target")
    }
  }

  /// The section as it is written into a run directory.
  package var resolved: ResolvedSection<Key> {
    [
      .soft: .optional(soft) { $0.resolved },
      .divergence: divergence == DivergenceConfig() ? .null : divergence.resolved.value,
      .target: target == .teacher ? .null : target.resolved.value,
      .temperature: .optional(temperature) { .double($0) },
      .features: features.resolved,
      .routerAuxLossCoef: .double(routerAuxLossCoef), .routerZLossCoef: .double(routerZLossCoef),
    ]
  }
}
