import Tensors

extension DecoderConfig {
  /// The number of parameters of any size that a config may ask for.
  var estimatedParameterCount: Double {
    declaredParameters.reduce(0) { $0 + Double($1.times) * Double($1.parameter.range.count) }
  }

  /// The parameters that a decoder declares, and the count of each; layers of one kind come once.
  var declaredParameters: [(parameter: ParameterStore.Parameter, times: Int)] {
    var few = self
    few.numHiddenLayers = 0
    let outside = ParameterStore.parameters { _ = DecoderParts(few, $0) }.map { ($0, 1) }
    return outside
      + layerKinds.flatMap { layer, times in
        parameters(ofLayer: layer).map { ($0, times) }
      }
  }

  /// A layer of each kind, dense and mixture, and the number of its kind.
  var layerKinds: [(layer: Int, count: Int)] {
    Dictionary(grouping: 0..<numHiddenLayers, by: isMixture).values
      .map { (layer: $0[0], count: $0.count) }.sorted { $0.layer < $1.layer }
  }

  /// The parameters that a layer declares.
  func parameters(ofLayer layer: Int) -> [ParameterStore.Parameter] {
    ParameterStore.parameters { _ = DecoderLayer(self, layer: layer, $0.layer(layer)) }
  }
}
