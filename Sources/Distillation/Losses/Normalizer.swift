import CKernels
import Foundation

/// The normalizer of a softmax, in float64 for single tokens.
///
/// log p = (x − peak) − log_sum, in this order: x − (peak + log_sum) loses log_sum beside a large peak.
extension ck_normalizer {
  /// Whether both parts are numbers, as they are of every distribution.
  var isFinite: Bool { peak.isFinite && log_sum.isFinite }

  /// The log-probability of a scaled logit.
  func logProbability(_ x: Float) -> Double { (Double(x) - Double(peak)) - Double(log_sum) }

  /// The log of what some tokens have together, from the sum of their exponentials; −∞ of none.
  func logMass(_ sum: ck_exponential_sum) -> Double {
    (Double(sum.peak) - Double(peak)) + (log(sum.sum) - Double(log_sum))
  }

  /// The normalizer with which every log-probability is higher by some number.
  func raised(by shift: Float) -> ck_normalizer {
    ck_normalizer(peak: peak, log_sum: log_sum - shift)
  }
}
