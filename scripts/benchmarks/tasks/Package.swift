// swift-tools-version: 6.1
// Ten tasks of sockets, written for SocketCore and for swift-nio; compare.py builds and counts them.
import PackageDescription

let package = Package(
  name: "tasks",
  dependencies: [
    .package(name: "sock", path: "../../.."),
    .package(url: "https://github.com/apple/swift-nio.git", from: "2.80.0"),
  ],
  targets: [
    .executableTarget(
      name: "socketcore", dependencies: [.product(name: "SocketCore", package: "sock")], path: "socketcore"),
    .executableTarget(
      name: "nio",
      dependencies: [
        .product(name: "NIOCore", package: "swift-nio"), .product(name: "NIOPosix", package: "swift-nio"),
      ], path: "nio"),
  ],
  swiftLanguageModes: [.v6]
)
