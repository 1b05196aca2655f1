// swift-tools-version: 6.2
import PackageDescription

/// What every Swift target is compiled with: Swift 6 mode, strict imports, no warnings.
let settings: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .treatAllWarnings(as: .error),
]

/// A Swift target with the shared settings.
func target(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
  .target(name: name, dependencies: dependencies, swiftSettings: settings)
}

/// The test target of a module.
func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
  .testTarget(
    name: name + "Tests", dependencies: ["TestSupport"] + dependencies, swiftSettings: settings)
}

let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let yams = Target.Dependency.product(name: "Yams", package: "Yams")
let arguments = Target.Dependency.product(
  name: "ArgumentParser", package: "swift-argument-parser")

let package = Package(
  name: "codistill",
  products: [
    .executable(name: "codistill", targets: ["codistill"]),
    // For Benchmarks/, a package of its own.
    .library(name: "CKernels", targets: ["CKernels"]),
    .library(name: "Base", targets: ["Base"]),
    .library(name: "Tensors", targets: ["Tensors"]),
    .library(name: "Text", targets: ["Text"]),
    .library(name: "Shards", targets: ["Shards"]),
    .library(name: "Models", targets: ["Models"]),
    .library(name: "Losses", targets: ["Losses"]),
    .library(name: "Capture", targets: ["Capture"]),
    .library(name: "Measuring", targets: ["Measuring"]),
    .library(name: "Training", targets: ["Training"]),
    .library(name: "Studies", targets: ["Studies"]),
    .library(name: "Reports", targets: ["Reports"]),
  ],
  dependencies: [
    // Commands, options, help pages and shell completions.
    .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
    // SHA-256 for the fingerprints of teachers, tokenizers, data and shards.
    .package(url: "https://github.com/apple/swift-crypto", exact: "4.5.2"),
    // YAML with line and column marks, which the errors about configs name.
    .package(url: "https://github.com/jpsim/Yams", exact: "6.2.2"),
  ],
  targets: [
    // MARK: - System libraries
    .systemLibrary(name: "CZstd", pkgConfig: "libzstd", providers: [.apt(["libzstd-dev"])]),
    .systemLibrary(name: "CPCRE2", pkgConfig: "libpcre2-8", providers: [.apt(["libpcre2-dev"])]),
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),

    // MARK: - Libraries, lowest first
    .target(name: "CKernels", linkerSettings: [.linkedLibrary("m")]),
    .target(name: "CProcess"),
    .target(name: "CFrames"),
    target("Base", ["CProcess", crypto, yams]),
    target("Tensors", ["Base", "CKernels", "CProcess"]),
    target("Text", ["Base", "CPCRE2", "CZstd", "CZlib"]),
    target("Shards", ["Base", "CKernels", "CFrames", "CZstd"]),
    target("Models", ["CKernels", "Base", "Tensors", "Text"]),
    target("Losses", ["Base", "Tensors", "Shards", "Models", "CKernels"]),
    target("Capture", ["Base", "Tensors", "Text", "Shards", "Models"]),
    target(
      "Measuring",
      ["Base", "Tensors", "Text", "Shards", "Models", "Losses", "Capture", "CKernels"]),
    target(
      "Training",
      ["Base", "Tensors", "Text", "Shards", "Models", "Losses", "Capture", "Measuring"]),
    target(
      "Studies",
      [
        "Base", "Tensors", "Text", "Shards", "Models", "Losses", "Capture", "Measuring",
        "Training",
      ]),
    target("Reports", ["Base"]),
    target(
      "StudyPage",
      ["Base", "Shards", "Capture", "Measuring", "Training", "Studies", "Reports"]),

    // MARK: - The command-line tool
    .executableTarget(
      name: "codistill",
      dependencies: [
        "StudyPage", "Studies", "Training", "Measuring", "Capture", "Losses", "Reports", "Models",
        "Shards", "Text", "Tensors", "Base", "CProcess",
        arguments,
      ],
      swiftSettings: settings),

    // MARK: - Examples
    .executableTarget(
      name: "loop",
      dependencies: [
        "Training", "Capture", "Losses", "Models", "Shards", "Text", "Tensors",
      ],
      path: "examples/loop", exclude: ["README.md", "run.sh"], swiftSettings: settings),

    // MARK: - Tests
    .target(
      name: "TestSupport", dependencies: ["Base", "Tensors"], path: "Tests/TestSupport",
      swiftSettings: settings),
    // Tiny models, caches and runs, and references of the losses: for the tests above Models.
    .target(
      name: "TestRuns",
      dependencies: [
        "TestSupport", "Base", "Tensors", "Text", "Shards", "Models", "Losses", "Capture",
        "Training",
      ],
      path: "Tests/TestRuns", swiftSettings: settings),
    tests("Tensors", ["Base", "Tensors", "CKernels"]),
    tests("Base", ["Base"]),
    tests("Text", ["Base", "Text", "CPCRE2", "CZstd", "CZlib"]),
    tests("Shards", ["Base", "Shards", "CKernels"]),
    tests("Models", ["Base", "Models", "Tensors", "Text"]),
    tests("Losses", ["TestRuns", "Tensors", "Shards", "Losses"]),
    tests(
      "Capture",
      ["TestRuns", "Base", "Tensors", "Text", "Shards", "Models", "Losses", "Capture"]),
    tests(
      "Measuring",
      ["TestRuns", "Base", "Tensors", "Text", "Shards", "Models", "Capture", "Measuring"]),
    tests(
      "Training",
      [
        "TestRuns", "Base", "Tensors", "Text", "Shards", "Models", "Losses", "Capture",
        "Measuring", "Training",
      ]),
    tests(
      "Studies",
      [
        "TestRuns", "Base", "Text", "Shards", "Models", "Losses", "Capture", "Measuring",
        "Training", "Studies",
      ]),
    tests("Reports", ["Reports"]),
    tests(
      "StudyPage",
      ["StudyPage", "Base", "Losses", "Capture", "Measuring", "Training", "Studies", "Reports"]),
    tests("codistill", ["TestRuns", "codistill", "Base", "Models"]),
  ]
)
