// A failed step as a value: what `catch e` gives and what an uncaught error prints.

import Glibc
import SockLanguage
import SocketCore

/// What kind of failure. The texts are what scripts compare `.code` with.
package enum FailureCode: Equatable {
  case timeout, eof, reset, refused, unresolved, closed, mismatch, assertion, limit, type, range, parse, busy, truncated, denied
  case certificate, alert, tls
  /// A proxy has refused, or what it says is wrong.
  case proxy
  case cancelled
  /// `raise CODE` of a script.
  case raised(String)
  /// `fail "…"` of a script.
  case failed
  /// Any other errno, by its name.
  case system(Errno)

  /// Under which name the language explains it.
  package var name: FailureName {
    switch self {
    case .timeout: return .timeout
    case .eof: return .eof
    case .reset: return .reset
    case .refused: return .refused
    case .unresolved: return .unresolved
    case .closed: return .closed
    case .mismatch: return .mismatch
    case .assertion: return .assertion
    case .limit: return .limit
    case .type: return .type
    case .range: return .range
    case .parse: return .parse
    case .busy: return .busy
    case .truncated: return .truncated
    case .denied: return .denied
    case .certificate: return .certificate
    case .alert: return .alert
    case .tls: return .tls
    case .proxy: return .proxy
    case .cancelled: return .cancelled
    case .raised: return .raised
    case .failed: return .failed
    case .system: return .system
    }
  }

  package var text: String {
    switch self {
    case .system(let errno): return errno.name
    case .raised(let code): return code
    default: return name.rawValue
    }
  }
}

/// What ends a test or the script and no `catch`, `try` or `retry` stops.
package enum Verdict: Equatable {
  case failed, skipped, inconclusive
  case exit(Int32)
}

/// Where a step or a call stands in the source.
package struct SourceSite {
  package let file: SourceFile
  package let range: SourceRange
  package init(file: SourceFile, range: SourceRange) {
    self.file = file
    self.range = range
  }
  package var position: (line: Int, column: Int) { file.position(of: Int(range.lower)) }
}

/// Sendable only because errors must be: a failure stays with the isolate, and so the thread, that it arose in.
package final class Failure: Error, @unchecked Sendable {
  package let code: FailureCode
  /// One line, lower case, no full stop.
  package let message: String
  /// How the first line of a report goes on behind the message, as `, received "554 no"`: what came or was instead.
  var outcome: String?
  /// The errno behind it, 0 when there is none.
  package let errno: Int32
  /// Of a look-up: whether the same may succeed later; nil for all other failures.
  package private(set) var isTemporary: Bool?
  /// Not nil: `fail`, `skip`, `inconclusive` or `exit`.
  package let verdict: Verdict?
  /// What the command line gave does not fit the script.
  var isUsage = false
  /// Whether `catch`, `try` and `retry` stop it.
  package var isCatchable: Bool
  /// Not nil: caught only outside of the `within` block whose time was over then.
  var leavesBlock: Int64?
  /// The relative path of a file that was looked for in the current folder, and is not there.
  var missingPath: String?
  /// Filled in by the machine: the step that failed, and the calls that led to it, innermost first.
  package var site: SourceSite?
  package var calls: [SourceSite] = []
  /// The calls have been written down: a failure that is raised again keeps those of the first time.
  var isLocated = false
  package var channel: Channel?
  /// What a step expected, where it was bytes; they are compared, and not shown.
  var expected: [UInt8]?
  /// Where nobody listened, or somebody else did.
  var address: SocketAddress?
  /// The name of a host for which there was no address.
  private(set) var unresolved: String?
  /// How often a `retry` has tried it, and where that stands.
  var tries = 0
  var retry: SourceSite?
  /// A function was given an argument that it does not take.
  var isOfArgument = false
  /// The turns of the loops that it arose in, innermost first: what a `for` calls its element, the element, and where
  /// the loop stands.
  var turns: [(name: String, value: Value, site: SourceSite)] = []
  /// What else is known, for a report; made where nothing catches it, before what it speaks of is gone.
  var surroundings: [String]?
  /// How many bytes of the channel had come and not been consumed, where they were not what was expected.
  var unread: Int?
  /// How many of those were as expected, before the first that was not.
  var differsAt: Int?
  /// It is about how a program has ended, or has not: what that has written is part of its account.
  var isOfEnd = false
  /// The channel in words, and the time on the transcript: as they were when the failure was raised.
  package var channelSummary: String?
  package var raisedAt = Int64.max
  /// On the monotonic clock; nil before it has its place.
  var failedAt: Int64?
  /// Shown after `= ` below the source line.
  package var notes: [String] = []
  /// Shown below the notes: transcripts and hex dumps.
  package var appendix: [String] = []
  /// The whole text, once it has been made: while the channels it speaks of were there.
  package var report: String?

  package init(
    _ code: FailureCode, _ message: String, errno: Int32 = 0, verdict: Verdict? = nil, notes: [String] = []
  ) {
    self.code = code
    switch code {
    case .type, .range, .parse, .limit, .refused, .unresolved, .system:
      // They quote what a script has made, which may be of any length.
      self.message = Quoting.shortened(message, longest: 200)
    default: self.message = message
    }
    self.errno = errno
    self.verdict = verdict
    isCatchable = verdict == nil
    self.notes = notes
  }

  /// A failed system call: `what` says what was tried (`cannot listen on 127.0.0.1:25`).
  package convenience init(_ what: String, _ errno: Errno) {
    let code: FailureCode
    switch errno {
    case .connectionReset, .brokenPipe: code = .reset
    case .connectionRefused: code = .refused
    case .timedOut: code = .timeout
    default: code = .system(errno)
    }
    self.init(code, "\(what): \(errno.message) (\(errno.name))", errno: errno.rawValue)
  }

  /// The same on a channel.
  convenience init(_ what: String, _ errno: Errno, _ channel: Channel) {
    self.init(what, errno)
    self.channel = channel
  }

  /// A look-up that found nothing: `what` says what was tried (`cannot resolve `host``).
  package convenience init(_ what: String, _ error: ResolveError) {
    let message = "\(what): \(error.message)\(error.name.map { " (\($0))" } ?? "")"
    if let errno = error.errno {
      self.init(.system(errno), message, errno: errno.rawValue)
    } else {
      self.init(.unresolved, message)
    }
    isTemporary = error.isTemporary
    if code == .unresolved, error.code != EAI_SERVICE { unresolved = error.subject }
  }

  /// Whether the other side is gone, or was never there.
  var isLossOfPeer: Bool {
    switch code {
    case .eof, .reset, .refused: true
    default: errno == Errno.brokenPipe.rawValue
    }
  }

  /// What a reader needs who sees one line of it.
  package var headline: String { outcome.map { message + $0 } ?? message }

  /// Notes a call that led to it, after those that are noted already; of many the innermost.
  func wasCalled(by site: SourceSite) {
    if calls.count < 20 { calls.append(site) }
  }

  package static func type(_ message: String) -> Failure { Failure(.type, message) }
  package static func range(_ message: String) -> Failure { Failure(.range, message) }
  package static func limit(_ message: String) -> Failure { Failure(.limit, message) }
}
