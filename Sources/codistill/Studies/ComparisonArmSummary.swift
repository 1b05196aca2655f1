/// An arm over its seeds; figures are means over these.
struct ComparisonArmSummary: Encodable {
  /// The arm's name.
  var name: String
  /// Its seeds, ascending.
  var seeds: [Int]
  /// The held-out NLL of each; nan where the run diverged.
  var nlls: [Double]
  /// Their mean, in nats a token; nan where one of the runs diverged.
  var nll: Double
  /// Half the width of its 95 % interval over seeds and documents; nil with one of either.
  var nllHalfWidth: Double?
  /// Their standard deviation; nil with one seed.
  var nllStddev: Double?
  /// The standard error of the mean over seeds and documents; nil with one document.
  var nllStderr: Double?
  /// The mean of the paired differences to the best arm; nil for the best itself, and where they
  /// share no seed.
  var difference: Double?
  /// Half the width of its 95 % interval over seeds and documents; nil with one of either.
  var differenceHalfWidth: Double?
  /// The difference's p after Holm's correction; nil with one seed or document.
  var holmP: Double?
  /// e to the mean NLL.
  var perplexity: Double
  /// KL(teacher ‖ student), in nats a token, or a lower bound of it.
  var kl: Double?
  /// The standard error of the KL over seeds and documents; nil with one document.
  var klStderr: Double?
  /// The share of positions where both rank the same token first.
  var top1Agreement: Double?
  /// The standard error of that share over seeds and documents; nil with one document.
  var top1AgreementStderr: Double?
  /// The expected share of the student's draws that the teacher would accept.
  var acceptance: Double?
  /// An upper bound of that, where sparse targets cannot tell more.
  var acceptanceUpperBound: Double?
  /// The expected calibration error.
  var ece: Double?
  /// The predictions that a run was trained on.
  var tokens: Int
  /// The seconds of a run, caching included.
  var seconds: Double
  /// The seeds whose run diverged.
  var divergedSeeds: [Int]
  /// Whether the teacher's signal weighs nothing at any step.
  var isPlain: Bool
  /// Whether all of its runs saw the same sequences in the same order as the first of their seed,
  /// and none was cut short.
  var sharesOrder: Bool
  /// The held-out NLL within each group of documents, where there are groups.
  var groups: [Group]?

  /// A group of documents.
  struct Group: Encodable {
    /// Its name.
    var name: String
    /// The predictions measured in it.
    var tokens: Int
    /// The mean NLL over the seeds.
    var nll: Double
    /// The mean KL(teacher ‖ student) over the seeds.
    var kl: Double?
  }
}
