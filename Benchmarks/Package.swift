// swift-tools-version: 6.2
import PackageDescription

/// What the program is compiled with: the same as Codistill itself.
let settings: [SwiftSetting] = [
  .swiftLanguageMode(.v6),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .treatAllWarnings(as: .error),
]

/// A library of Codistill.
func codistill(_ name: String) -> Target.Dependency {
  .product(name: name, package: "codistill")
}

let package = Package(
  name: "codistill-benchmarks",
  products: [.executable(name: "codistill-bench", targets: ["codistill-bench"])],
  dependencies: [
    .package(name: "codistill", path: ".."),
    .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
  ],
  targets: [
    // The limit is measured by the libraries themselves, past Codistill's use of them.
    .systemLibrary(
      name: "CBLASLimit", pkgConfig: "openblas", providers: [.apt(["libopenblas-dev"])]),
    .systemLibrary(name: "CZstdLimit", pkgConfig: "libzstd", providers: [.apt(["libzstd-dev"])]),
    .executableTarget(
      name: "codistill-bench",
      dependencies: [
        "CBLASLimit", "CZstdLimit", codistill("CKernels"), codistill("Base"), codistill("Tensors"),
        codistill("Text"),
        codistill("Shards"), codistill("Models"), codistill("Losses"), codistill("Capture"),
        codistill("Measuring"), codistill("Training"), codistill("Reports"),
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: settings),
  ]
)
