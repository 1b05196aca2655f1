public import ArgumentParser
public import Tensors

/// `--precision float32` or `--precision bfloat16`.
extension Precision: ExpressibleByArgument {}
