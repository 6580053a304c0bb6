// swift-tools-version: 6.1
// sock: a small, line-oriented language for sockets.
// Each target knows only the targets named in its dependencies; data passes through them
// in one direction: source, tokens, tree, checked program, bytecode, machine, sockets.
import PackageDescription

// Swift's check, at run time, that no two accesses to a variable overlap costs 28 % of a round trip's instructions.
// Debug builds, which the tests run, keep it. SocketCore does without the flag: a package that others use as a library
// may not have any.
let withoutAccessChecks: [SwiftSetting] = [
  .unsafeFlags(["-enforce-exclusivity=unchecked"], .when(configuration: .release))
]

// How the program is linked, so that a script starts fast; scripts/benchmarks/NOTES.md says what each part buys.
let linking = "\(Context.packageDirectory)/Sources/sock/Linking"
let fastStart: LinkerSetting = .unsafeFlags(
  [
    // The toolchain's own linker: it takes archives in any order.
    "-use-ld=lld",
    // Where libstdc++ is a static library.
    "-L\(linking)", "-Xclang-linker", "-static-libgcc",
    // Position-independent, as a program has to be that reads what hostile peers send. Its 19,500 relocations could be
    // packed (DT_RELR), but then it needs glibc 2.36, which Ubuntu 22.04 lacks.
    "-Xclang-linker", "-pie",
    // No symbol of the program is searched, and the runtime's start need not read them all to find itself.
    "-Xlinker", "--no-export-dynamic",
  ], .when(platforms: [.linux], configuration: .release))

// What `--version` says it was built from; `scripts/sock` and `scripts/package` say so.
let commit: [CSetting] = Context.environment["SOCK_COMMIT"].map { [.define("SOCK_COMMIT", to: "\"\($0)\"")] } ?? []

let package = Package(
  name: "sock",
  products: [
    .library(name: "SocketCore", targets: ["SocketCore", "SocketCoreTasks"]),
    .executable(name: "sock", targets: ["sock"]),
  ],
  targets: [
    // C headers that Swift's Glibc module lacks, and constants brought to one integer type. No other package that is used
    // beside this one may have a target of its name, and swift-system has CSystem.
    .target(name: "CSocketCore", exclude: ["LICENSE"]),
    .target(name: "CBuild", cSettings: commit),
    // What a thread's work is measured by.
    .target(name: "CMeter"),
    // Linked statically: the program then runs on a machine without it, and starts without a search for it.
    .systemLibrary(name: "CPCRE2", providers: [.apt(["libpcre2-dev"])]),
    // Digests from libcrypto, and TLS from libssl, which are loaded at the first use: linking libcrypto alone costs
    // 0.9 ms of each start. Only their headers are needed to build it.
    .target(name: "COpenSSL", linkerSettings: [.linkedLibrary("dl")]),

    // Linked statically for the same reasons; only the REPL touches it.
    .systemLibrary(name: "CReadline", providers: [.apt(["libreadline-dev"])]),

    .target(name: "SocketCore", dependencies: ["CSocketCore"], exclude: ["LICENSE"]),
    // What lets tasks of Swift call what waits: for others, as `sock` has tasks of its own.
    .target(name: "SocketCoreTasks", dependencies: ["SocketCore"], exclude: ["LICENSE"]),
    // TLS over any stream, and certificates.
    .target(name: "TLS", dependencies: ["COpenSSL", "SocketCore"], swiftSettings: withoutAccessChecks),
    .target(name: "SockLanguage", dependencies: ["CPCRE2"], linkerSettings: [.linkedLibrary(":libpcre2-8.a")]),
    .target(
      name: "SockRuntime", dependencies: ["SockLanguage", "SocketCore", "TLS", "CPCRE2", "COpenSSL", "CMeter"],
      swiftSettings: withoutAccessChecks),
    .target(name: "SockConformance", dependencies: ["SockRuntime", "SockLanguage", "SocketCore"]),
    // What an editor asks (LSP); runs nothing itself.
    .target(name: "LanguageServer", dependencies: ["SockRuntime", "SockLanguage", "SocketCore", "TLS"]),
    .executableTarget(
      name: "sock", dependencies: ["LanguageServer", "SockConformance", "SockRuntime", "SockLanguage", "SocketCore", "TLS", "CReadline",
        "CPCRE2", "CBuild"],
      exclude: ["Linking"],
      linkerSettings: [.linkedLibrary(":libreadline.a"), .linkedLibrary(":libtinfo.a"), fastStart]),

    .testTarget(name: "SocketCoreTests", dependencies: ["SocketCore", "SocketCoreTasks", "CSocketCore"]),
    // TLS against programs that use OpenSSL otherwise: its own, Python's ssl, curl.
    .testTarget(name: "TLSTests", dependencies: ["TLS", "SocketCore"]),
    .testTarget(name: "SockLanguageTests", dependencies: ["SockLanguage"]),
    .testTarget(name: "SockRuntimeTests", dependencies: ["SockRuntime", "SockLanguage", "SocketCore"]),
    // Reports, read by the programs that they are for: prove, xmllint, python3, tshark, chromium.
    .testTarget(name: "ConformanceTests", dependencies: ["SockConformance", "SockRuntime", "SocketCore"]),
    // Runs the built program: scripts, examples and the README against real peers.
    .testTarget(name: "ScriptTests", dependencies: ["SockRuntime", "SockLanguage", "SocketCore"]),
  ],
  swiftLanguageModes: [.v6]
)

// For scripts/fuzz alone: it can be linked only with libFuzzer, which `--sanitize fuzzer` brings.
if Context.environment["SOCK_FUZZ"] != nil {
  package.targets.append(
    .executableTarget(
      name: "sock-fuzz", dependencies: ["SockConformance", "SockRuntime", "SockLanguage"], path: "Tests/Fuzz",
      exclude: ["corpus", "every-type.sock"]))
}
