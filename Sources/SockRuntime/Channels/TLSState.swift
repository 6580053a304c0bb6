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
  let resumptions = Resumptions()
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

/// What clients can go on with. A session that goes on is not verified again, so it is only for those who ask for the
/// same name with the same options as whoever began it.
final class Resumptions {
  private struct Key: Hashable {
    let context: ObjectIdentifier
    let name: String
  }

  private struct Entry {
    var given: TLSResumption?
    /// The newest session; while it is open it may be given something to go on with at any time.
    weak var newest: TLSSession?
  }

  private var entries: [Key: Entry] = [:]

  private func key(_ context: TLSContext, _ name: String?) -> Key? {
    guard context.options.resumption, context.options.role == .client, let name else { return nil }
    return Key(context: ObjectIdentifier(context), name: name)
  }

  /// The newest, also of a session that is still open: a second connection beside it can go on with it.
  func find(_ context: TLSContext, name: String?) -> TLSResumption? {
    guard let key = key(context, name), let entry = entries[key] else { return nil }
    if let given = entry.newest?.takeResumption() { entries[key]?.given = given }
    return entries[key]?.given
  }

  func began(_ session: TLSSession) {
    if let key = key(session.context, session.name) { entries[key, default: Entry()].newest = session }
  }

  func ended(_ session: TLSSession) {
    guard let key = key(session.context, session.name), let given = session.takeResumption() else { return }
    entries[key, default: Entry()].given = given
  }
}
