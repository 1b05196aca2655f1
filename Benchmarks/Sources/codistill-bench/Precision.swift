public import ArgumentParser
public import Tensors

extension Precision: @retroactive ExpressibleByArgument {}
