// swift-tools-version: 6.1
// What somebody writes who depends on SocketCore; `PackageClientTests` builds it in a folder of its own.
import PackageDescription

let package = Package(
  name: "SocketCoreClient",
  dependencies: [.package(name: "sock", path: "CHECKOUT")],
  targets: [
    .executableTarget(name: "client", dependencies: [.product(name: "SocketCore", package: "sock")])
  ],
  swiftLanguageModes: [.v6]
)
