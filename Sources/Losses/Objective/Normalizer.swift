package import CKernels
import Foundation

/// The normalizer of a softmax, in float64 for single tokens.
///
/// log p = scale (x − peak) − log_sum, in this order: beside a large peak any other loses log_sum.
extension ck_normalizer {
  /// Whether both parts are numbers, as they are of every distribution.
  package var isFinite: Bool { peak.isFinite && log_sum.isFinite }

  /// The log-probability of a logit.
  package func logProbability(_ x: Float, scale: Float = 1) -> Double {
    Double(scale) * (Double(x) - Double(peak)) - Double(log_sum)
  }

  /// The log of the mass of some tokens, from the sum of their exponentials; −∞ of none.
  package func logMass(_ sum: ck_exponential_sum, scale: Float = 1) -> Double {
    Double(scale) * (Double(sum.peak) - Double(peak)) + (log(sum.sum) - Double(log_sum))
  }

  /// The normalizer with which every log-probability is higher by some number.
  func raised(by shift: Float) -> ck_normalizer {
    ck_normalizer(peak: peak, log_sum: log_sum - shift)
  }
}
