// What a script may do to the machine it runs on: `--deny` and `--allow`.

import Glibc
import SocketCore

/// What can be forbidden.
package enum Capability: String, Sendable, CaseIterable {
  case run, write, read, connect, listen

  /// What it may be narrowed to, for messages.
  var scopes: String {
    switch self {
    case .run: "the name of a program"
    case .write: "a file or a folder"
    case .read: "a file or a folder, or env:NAME"
    case .connect, .listen: "an address, as 127.0.0.1:25, [::1], :8080, localhost or unix:/run/x"
    }
  }
}

/// Without a rule everything is allowed. As soon as one thing is allowed by name, nothing else is; what is denied is
/// denied, whatever is allowed.
package struct Permissions: Sendable {
  enum Scope: Sendable, Equatable {
    case everything
    /// A program, or a variable of the environment.
    case name(String)
    /// Absolute, without links: a file, or a folder with all that is below it.
    case path(String)
    /// The bytes of a host, nil for any; 0: any port.
    case address(host: String?, port: UInt16)
    case loopback(port: UInt16)

    func concerns(port: UInt16?) -> Bool {
      switch self {
      case .address(_, let own), .loopback(let own): own == 0 || own == port
      default: false
      }
    }
  }

  struct Rule: Sendable {
    let capability: Capability
    let scope: Scope
    /// As it was written.
    let text: String
  }

  private(set) var allowed: [Rule] = []
  private(set) var denied: [Rule] = []
  private(set) var isAllowList = false

  package init() {}

  package var isUnrestricted: Bool { denied.isEmpty && !isAllowList }

  // MARK: - Rules

  /// Takes what an option says, `run,read=./data`. What is wrong with it, or nil.
  package mutating func add(_ list: String, allows: Bool) -> String? {
    if allows { isAllowList = true }
    for part in list.split(separator: ",", omittingEmptySubsequences: false) {
      let words = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
      guard let capability = Capability(rawValue: words[0]) else {
        let all = Capability.allCases.map(\.rawValue).joined(separator: ", ")
        return "there is nothing called `\(words[0])` to \(allows ? "allow" : "deny"); there is \(all)"
      }
      let rule: Rule
      if words.count == 1 {
        rule = Rule(capability: capability, scope: .everything, text: String(part))
      } else {
        guard let scope = Permissions.scope(words[1], capability) else {
          return "`\(part)`: behind `=` stands \(capability.scopes)"
        }
        rule = Rule(capability: capability, scope: scope, text: String(part))
      }
      if allows { allowed.append(rule) } else { denied.append(rule) }
    }
    return nil
  }

  private static func scope(_ text: String, _ capability: Capability) -> Scope? {
    guard !text.isEmpty else { return nil }
    switch capability {
    case .run: return .name(text)
    case .read where text == "env" || text.hasPrefix("env:"):
      // Neither all variables nor a pattern: that would look like a rule and be none.
      let variable = text.dropFirst(4)
      return variable.isEmpty || variable.contains("*") ? nil : .name(text)
    case .read, .write: return .path(RealPath.ofTarget(text) ?? RealPath.absolute(text))
    case .connect, .listen: return address(text)
    }
  }

  private static func address(_ text: String) -> Scope? {
    if text.hasPrefix("unix:") {
      let path = String(text.dropFirst(5))
      return path.hasPrefix("@") ? .name(path) : .path(RealPath.ofTarget(path) ?? RealPath.absolute(path))
    }
    var host = text
    var port: UInt16 = 0
    let isBareIPv6 = text.utf8.filter { $0 == UInt8(ascii: ":") }.count > 1 && !text.contains("]")
    if !isBareIPv6, let colon = text.lastIndex(of: ":"), !text.hasSuffix("]") {
      // 0, as a `listen` that takes any port has it: any.
      guard let number = UInt16(text[text.index(after: colon)...]) else { return nil }
      port = number
      host = String(text[..<colon])
    }
    if host.isEmpty || host == "*" { return .address(host: nil, port: port) }
    if host == "localhost" { return .loopback(port: port) }
    if host.hasPrefix("["), host.hasSuffix("]") { host = String(host.dropFirst().dropLast()) }
    guard let address = SocketAddress(host: host, port: 0) else { return nil }
    return .address(host: hosts(of: address)[0], port: port)
  }

  /// The host, and whom one reaches through it: an IPv4 address in IPv6's clothes is that address, and who connects to
  /// no address in particular finds the machine itself.
  private static func hosts(of address: SocketAddress, connecting: Bool = false) -> [String] {
    guard let host = address.host else { return [""] }
    let mapped = "::ffff:"
    let plain = host.hasPrefix(mapped) && host.contains(".") ? String(host.dropFirst(mapped.count)) : host
    return connecting && ["0.0.0.0", "::"].contains(plain) ? [plain, "127.0.0.1", "::1"] : [plain]
  }

  private static func isLoopback(_ host: String) -> Bool {
    host == "::1" || host.hasPrefix("127.") && !host.contains(":")
  }

  // MARK: - Asking

  /// Whether nothing of a kind is allowed, whatever it is narrowed to.
  package func forbidsAll(_ capability: Capability) -> Bool {
    if denied.contains(where: { $0.capability == capability && $0.scope == .everything }) { return true }
    return isAllowList && !allowed.contains { $0.capability == capability }
  }

  /// Fails with `denied` unless a rule lets it.
  /// - Parameters:
  ///   - what: what the script wants, in words: `connect to 127.0.0.1:25`.
  ///   - option: as what it would be allowed: `connect=127.0.0.1:25`.
  private func require(
    _ capability: Capability, _ what: @autoclosure () -> String, option: @autoclosure () -> String,
    _ matches: (Scope) -> Bool
  ) throws(Failure) {
    func rule(in rules: [Rule]) -> Rule? {
      rules.first { $0.capability == capability && ($0.scope == .everything || matches($0.scope)) }
    }
    if let rule = rule(in: denied) { throw Permissions.denial(of: what(), by: rule) }
    guard !isAllowList || rule(in: allowed) != nil else {
      throw Failure(.denied, "\(what()) is denied: `--allow \(option())` would allow it")
    }
  }

  private static func denial(of what: String, by rule: Rule) -> Failure {
    Failure(.denied, "\(what) is denied: without `--deny \(rule.text)` it would be allowed")
  }

  private func requireAddress(
    _ capability: Capability, _ verb: String, _ address: SocketAddress
  ) throws(Failure) {
    if isUnrestricted { return }
    let hosts = Permissions.hosts(of: address, connecting: capability == .connect)
    // Who listens on all addresses listens on each of them.
    let isEverywhere = capability == .listen && address.isWildcard
    if isEverywhere,
      let rule = denied.first(where: { $0.capability == .listen && $0.scope.concerns(port: address.port) })
    {
      throw Permissions.denial(of: "\(verb) \(address)", by: rule)
    }
    try require(capability, "\(verb) \(address)", option: "\(capability.rawValue)=\(address)") { scope in
      switch (scope, address.path) {
      case (.path(let allowed), let path?) where path.first != 0:
        let text = String(decoding: path, as: UTF8.self)
        return RealPath.ofTarget(text).map { RealPath.isBelow($0, allowed) } ?? false
      case (.name(let name), let path?): return path.first == 0 && name == SocketAddress.shown(path)
      case (.address(let host, let port), nil):
        return (host.map(hosts.contains) ?? true) && (port == 0 || port == address.port)
      case (.loopback(let port), nil):
        return hosts.contains(where: Permissions.isLoopback) && (port == 0 || port == address.port)
      default: return false
      }
    }
  }

  func requireConnect(to address: SocketAddress) throws(Failure) {
    try requireAddress(.connect, "connect to", address)
  }

  /// A host that a proxy looks up: whatever address that finds. Where some are denied, so is each name.
  func requireConnect(toName host: String, port: UInt16) throws(Failure) {
    if isUnrestricted { return }
    let what = "connect to \(host):\(port)"
    if let rule = denied.first(where: { $0.capability == .connect && $0.scope.concerns(port: port) }) {
      throw Permissions.denial(of: what, by: rule)
    }
    try require(.connect, what, option: "connect=:\(port)") { scope in
      switch scope {
      case .address(host: nil, let own): return own == 0 || own == port
      case .loopback(let own): return host == "localhost" && (own == 0 || own == port)
      default: return false
      }
    }
  }

  func requireSend(to address: SocketAddress) throws(Failure) {
    try requireAddress(.connect, "send to", address)
  }

  func requireListen(on address: SocketAddress) throws(Failure) {
    try requireAddress(.listen, "listen on", address)
  }

  /// A raw or packet socket hears all that comes, and may send anything to anybody.
  func requireRaw() throws(Failure) { try requireAll([.listen, .connect], "a raw socket") }

  /// For what may listen wherever it likes.
  func requireAllListening(_ what: String) throws(Failure) { try requireAll([.listen], what) }

  /// Without an address that it is narrowed to: what is denied to one would be reached all the same.
  private func requireAll(_ capabilities: [Capability], _ what: String) throws(Failure) {
    if isUnrestricted { return }
    if let rule = denied.first(where: { capabilities.contains($0.capability) }) {
      throw Permissions.denial(of: what, by: rule)
    }
    let option = capabilities.map(\.rawValue).joined(separator: ",")
    for capability in capabilities { try require(capability, what, option: option) { _ in false } }
  }

  /// A question to a name server goes out, too.
  func requireLookUp(of host: String) throws(Failure) {
    guard forbidsAll(.connect), host != "localhost" else { return }
    try require(.connect, "a look-up of `\(host)`", option: "connect") { _ in false }
  }

  func requireRun(_ request: SpawnRequest) throws(Failure) {
    if isUnrestricted { return }
    let program = String(decoding: request.argv[0], as: UTF8.self)
    try require(.run, "run of `\(program)`", option: "run=\(program)") { $0 == .name(program) }
    // What is denied is the program itself, under whatever name or path.
    for rule in denied where rule.capability == .run {
      guard case .name(let name) = rule.scope, let file = Permissions.file(of: request) else { continue }
      if file == Permissions.file(of: SpawnRequest(argv: [Array(name.utf8)])) {
        throw Permissions.denial(of: "run of `\(program)`", by: rule)
      }
    }
  }

  /// The file that would be executed, without links.
  private static func file(of request: SpawnRequest) -> String? {
    request.programPath.flatMap { RealPath.ofTarget(String(decoding: $0, as: UTF8.self)) }
  }

  func requireVariable(_ name: String) throws(Failure) {
    if isUnrestricted { return }
    try require(.read, "the variable `\(name)` of the environment", option: "read=env:\(name)") {
      $0 == .name("env:\(name)")
    }
  }

  /// The path under which the file is to be opened, with all links resolved, so that it is the one that was looked at.
  /// - Parameter isEntry: the name itself is meant, and not what a link of that name leads to.
  func requireFile(_ path: String, _ capability: Capability, isEntry: Bool = false) throws(Failure) -> String {
    if isUnrestricted { return path }
    let real = isEntry ? RealPath.ofEntry(path) : RealPath.ofTarget(path)
    try require(
      capability, "\(capability == .read ? "reading" : "writing") `\(path)`", option: "\(capability.rawValue)=\(path)"
    ) { scope in
      guard case .path(let allowed) = scope, let real else { return false }
      return RealPath.isBelow(real, allowed)
    }
    return real ?? path
  }
}

/// Paths without links, `.` and `..`.
enum RealPath {
  /// Of a file, or of one that could be made there. Nil where there is no such folder, and for a link to nothing: what
  /// is written to it would be made elsewhere.
  static func ofTarget(_ path: String) -> String? {
    if path.isEmpty || path.utf8.contains(0) { return nil }
    if let real = of(path) { return real }
    var status = stat()
    if lstat(path, &status) == 0 { return nil }
    return ofEntry(path)
  }

  /// Of a name in a folder, whatever it stands for. Nil where there is no such folder.
  static func ofEntry(_ path: String) -> String? {
    if path.isEmpty || path.utf8.contains(0) { return nil }
    var parts = path.split(separator: "/", omittingEmptySubsequences: true)
    guard let last = parts.popLast(), last != "..", last != "." else { return nil }
    let folder = (path.hasPrefix("/") ? "/" : "./") + parts.joined(separator: "/")
    return of(folder).map { $0 == "/" ? "/\(last)" : "\($0)/\(last)" }
  }

  private static func of(_ path: String) -> String? {
    guard let real = realpath(path, nil) else { return nil }
    defer { free(real) }
    return String(cString: real)
  }

  /// Of what need not be there yet.
  static func absolute(_ path: String) -> String {
    if path.hasPrefix("/") { return path }
    return "\(of(".") ?? "")/\(path)"
  }

  static func isBelow(_ path: String, _ folder: String) -> Bool {
    path == folder || path.hasPrefix(folder.hasSuffix("/") ? folder : folder + "/")
  }
}
