// What a session has done, statement by statement: what it sent, and exactly the bytes that each of its steps took.

import SockLanguage

/// All that a script which repeats the session is made of.
package struct SessionRecord {
  /// One statement that was run.
  struct Entry {
    let statement: Statement
    let source: SourceFile
    var events: [Event] = []
    var isDone = false
    /// Its value was `it` for the statements that followed.
    var becameIt = false
    /// The current connection when it began; nil: there was none.
    var current: Current?
  }

  /// A current connection.
  struct Current {
    let channel: Int
    /// By which the session could speak of it; nil: it had no name.
    let name: String?
    /// By a command: a script with the same statements would speak to another one, or to none.
    let isChosen: Bool
  }

  struct Event {
    enum Kind {
      case opened
      /// The operand of a `send`.
      case sent(isLine: Bool)
      case received(Form)
      /// `recv` gave nil.
      case ended
    }
    let kind: Kind
    let channel: Int
    /// What the script calls the channel; nil for the current connection.
    let name: String?
    /// Of a connection that was made: to where.
    let peer: String
    let isDatagram: Bool
    /// The verb phrase, if it stands in the statement itself; nil: in a function that was called.
    let step: SourceRange?
    /// How many there were; `bytes` holds all of them, or none when they were too many.
    let count: Int
    let bytes: [UInt8]
    /// So many of them were the step's result: a terminator was not.
    let valueCount: Int
    /// When, in seconds since 1970.
    let at: Int
    /// Of a declared message that was received.
    var fields: Map?
  }

  /// How a step asked for what it received.
  enum Form { case plain, exactly, line, until, message, all }

  var entries: [Entry] = []
  /// What came later is not in it.
  var isFull = false
}

/// Told by the interpreter's steps what they do. An interpreter without one only looks whether there is one.
package final class SessionRecorder: StepObserver {
  package enum Outcome {
    /// - becameIt: its value is `it` from now on.
    case done(becameIt: Bool)
    /// Also one that was interrupted, or ended the session.
    case failed
  }

  /// No larger piece is compared with what comes later: 64 KiB, as much as one read of a stream brings.
  static let largestPiece = 64 * 1024
  /// So much is kept of a session, in bytes.
  private static let capacity = 8 << 20
  /// And so many statements.
  private static let maximumEntries = 100_000

  package private(set) var record = SessionRecord()
  private var entry: SessionRecord.Entry?
  private var kept = 0

  package init() {}

  /// Before a statement's task runs. Steps of other tasks are not recorded.
  func begin(_ statement: Statement, of source: SourceFile, on current: SessionRecord.Current? = nil) {
    guard !record.isFull else { return }
    entry = SessionRecord.Entry(statement: statement, source: source, current: current)
  }

  /// The channels, by number, on which the statement that runs has sent before it has read anything.
  var sentWithoutReading: [Int] {
    var numbers: [Int] = []
    var read: Set<Int> = []
    for event in entry?.events ?? [] {
      switch event.kind {
      case .received, .ended, .opened: read.insert(event.channel)
      case .sent: if !read.contains(event.channel), !numbers.contains(event.channel) { numbers.append(event.channel) }
      }
    }
    return numbers
  }

  package func end(_ outcome: Outcome) {
    guard var entry else { return }
    if case .done(let becameIt) = outcome {
      entry.isDone = true
      entry.becameIt = becameIt
    }
    record.entries.append(entry)
    self.entry = nil
    kept += Int(entry.statement.range.upper - entry.statement.range.lower)
    if kept >= SessionRecorder.capacity || record.entries.count >= SessionRecorder.maximumEntries {
      record.isFull = true
    }
  }

  // MARK: - What steps do

  package func opened(_ channel: Channel, _ site: StepSite, _ task: Task) {
    add(.opened, channel, site, task, UnsafeRawBufferPointer(start: nil, count: 0))
  }

  package func sent(_ data: UnsafeRawBufferPointer, _ channel: Channel, _ site: StepSite, _ task: Task) {
    add(.sent(isLine: site.has(.line)), channel, site, task, data)
  }

  package func received(_ value: Value, _ bytes: UnsafeRawBufferPointer, _ channel: Channel, _ site: StepSite, _ task: Task) {
    switch value {
    case .nothing: add(.ended, channel, site, task, bytes)
    case .string(let string):
      add(.received(form(of: site)), channel, site, task, bytes, valueCount: min(string.count, bytes.count))
    case .match: add(.received(form(of: site)), channel, site, task, bytes)
    case .map(let fields) where site.verb == .recv && site.has(.message):
      add(.received(.message), channel, site, task, bytes, fields: fields)
    default: break
    }
  }

  private func form(of site: StepSite) -> SessionRecord.Form {
    if site.has(.line) { return .line }
    if site.has(.until) { return .until }
    if site.has(.message) { return .message }
    if site.has(.exactly) { return .exactly }
    return site.has(.all) ? .all : .plain
  }

  private func add(
    _ kind: SessionRecord.Event.Kind, _ channel: Channel, _ site: StepSite, _ task: Task,
    _ bytes: UnsafeRawBufferPointer, valueCount: Int? = nil, fields: Map? = nil
  ) {
    guard let entry, task === task.group.main else { return }
    let isKept = bytes.count <= SessionRecorder.largestPiece && kept + bytes.count <= SessionRecorder.capacity
    if isKept { kept += bytes.count }
    let isHere = site.file === entry.source
    var peer = ""
    if case .opened = kind { peer = channel.socket?.peerName?.description ?? channel.label }
    self.entry?.events.append(
      SessionRecord.Event(
        kind: kind, channel: channel.number, name: channel.name, peer: peer, isDatagram: channel.isDatagram,
        step: isHere ? site.range : nil, count: bytes.count, bytes: isKept ? Array(bytes) : [],
        valueCount: valueCount ?? bytes.count, at: Int(TimeFunctions.wallTime),
        fields: isKept ? fields.map(ExpectedFields.copy) : nil))
  }
}
