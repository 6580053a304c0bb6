// What the TLS of one run shares: contexts that are made once, sessions to go on with, and keys for captures.

import TLS

/// What a context of TLS is made of: equal ones are made once for a run.
struct TLSRequest: Hashable {
  var role: TLSOptions.Role
  var authorities: [TLSSource] = []
  var verification: TLSOptions.Verification
  var identities: [TLSOptions.Identity] = []
  var protocols: [String] = []
  var lowestVersion: TLSVersion?
  var highestVersion: TLSVersion?
  var ciphers: String?
  var ciphersuites: String?
  var groups: String?
  var resumption = false

  init(role: TLSOptions.Role) {
    self.role = role
    verification = role == .client ? .required : .none
  }

  func options(keyLog: (@Sendable (String) -> Void)?) -> TLSOptions {
    var options = TLSOptions(role: role)
    options.authorities = authorities
    options.verification = verification
    options.identities = identities
    options.protocols = protocols
    (options.lowestVersion, options.highestVersion) = (lowestVersion, highestVersion)
    (options.ciphers, options.ciphersuites, options.groups) = (ciphers, ciphersuites, groups)
    options.resumption = resumption
    options.keyLog = keyLog
    return options
  }
}

/// What the TLS of one run shares.
final class TLSState {
  var contexts: [TLSRequest: TLSContext] = [:]
  var identities: [[String]: TLSOptions.Identity] = [:]
  /// By the name of the server.
  var resumptions: [String: TLSResumption] = [:]
  private let log = KeyLog()
  /// What went over the wires, encrypted, on the time line of the run's transcript; nil unless the whole is kept.
  private(set) var records: Transcript?

  /// Where the keys of sessions go: SSLKEYLOGFILE, and a capture.
  /// - Parameter keeps: whether `takeKeys` is going to be called.
  func keyLog(keeps: Bool) -> (@Sendable (String) -> Void)? {
    guard keeps || KeyLog.file != nil else { return nil }
    let log = self.log
    return { line in log.add(line, keeps: keeps) }
  }

  func keepRecords(like transcript: Transcript, keeps: Bool) {
    if keeps, records == nil { records = transcript.another() }
  }

  /// A new test begins.
  func clear() {
    records?.clear()
    _ = log.take()
  }

  /// The lines of an SSLKEYLOGFILE since the last call.
  func takeKeys() -> [String] { log.take() }
}
