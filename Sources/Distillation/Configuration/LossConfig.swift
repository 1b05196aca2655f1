/// What a run minimises. (`loss:`)
public struct LossConfig: Sendable, Equatable {
  /// The weight of the teacher's signal over the steps; nil trains on hard labels alone.
  public var soft: WeightSchedule?
  /// The distances between hidden states of student and live teacher.
  public var features: [FeatureConfig] = []
  /// The weight of the router's load-balance loss, Hugging Face's name for it.
  public var routerAuxLossCoef = 0.0
  /// The weight of the router's z loss.
  public var routerZLossCoef = 0.0

  /// A loss from its parts.
  public init(
    soft: WeightSchedule? = nil, routerAuxLossCoef: Double = 0, routerZLossCoef: Double = 0
  ) {
    self.soft = soft
    self.routerAuxLossCoef = routerAuxLossCoef
    self.routerZLossCoef = routerZLossCoef
  }
}

extension LossConfig {
  enum Key: String, ConfigKey {
    case soft, features
    case routerAuxLossCoef = "router_aux_loss_coef"
    case routerZLossCoef = "router_z_loss_coef"
  }

  init(_ node: ConfigNode) throws(ConfigError) {
    let section = try ConfigSection<Key>(node)
    if let soft = section[.soft] { self.soft = try WeightSchedule(soft) }
    if let node = section[.features] { features = try [FeatureConfig](node) }
    routerAuxLossCoef = try section.optionalNumber(.routerAuxLossCoef, .atLeast(0)) ?? 0
    routerZLossCoef = try section.optionalNumber(.routerZLossCoef, .atLeast(0)) ?? 0
  }

  /// The section as it is written into a run directory.
  var resolved: ResolvedSection<Key> {
    [
      .soft: .optional(soft) { $0.resolved.value },
      .features: features.resolved,
      .routerAuxLossCoef: .number(routerAuxLossCoef), .routerZLossCoef: .number(routerZLossCoef),
    ]
  }
}
