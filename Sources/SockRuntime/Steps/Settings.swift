// Verbs that read or set how a channel behaves: timeout, blocking, eol, autoflush, sockopt.

import SockLanguage
import SocketCore

extension StepCall {
  /// The channel a setting is for: in front of the dot, or the current one; nil: those to come.
  private func settable() throws(Failure) -> Channel? {
    if site.receiver >= 0 { return try regs[site.receiver].channel(to: site.verb.rawValue) }
    return task.conn ?? task.listener
  }

  private func defaultsForSetting() -> ChannelSettings {
    let settings = defaults?.copy() ?? ChannelSettings()
    run.defaults = settings
    return settings
  }

  private func seconds(_ value: Double?) -> Value {
    guard let value else { return .nothing }
    return Int(exactly: value).map { .integer($0) } ?? .float(value)
  }

  func setTimeout() throws(Failure) -> Value? {
    let channel = try settable()
    let old = seconds((channel?.settings ?? defaults)?.timeout)
    guard site.operandCount > 0 || site.has(.off) else { return old }
    var timeout: Double?
    if let value = operand {
      guard let number = value.number, number >= 0 else {
        throw .type("timeout takes a duration like 5s, or off; not \(Show.inspect(value).text)")
      }
      timeout = number
    }
    (channel?.ownSettingsCopy() ?? defaultsForSetting()).timeout = timeout
    return old
  }

  func setBlocking() throws(Failure) -> Value? {
    guard let channel = try settable() else { throw task.noChannel("connection", to: "blocking") }
    let old = Value.boolean(!channel.isNonblocking)
    if site.has(.off) { channel.isNonblocking = true }
    if site.has(.on) { channel.isNonblocking = false }
    return old
  }

  func setEndOfLine() throws(Failure) -> Value? {
    let channel = try settable()
    let old = Value(channel?.eol ?? defaults?.eol ?? [0x0D, 0x0A])
    if operand == nil, !site.has(.strict) { return old }
    var eol: [UInt8]?
    if let value = operand {
      guard case .string(let text) = value else { throw .type("eol takes a string like \"\\n\", not \(value.article)") }
      eol = text.array
    }
    if site.has(.strict), let eol = eol ?? channel?.eol ?? defaults?.eol, eol != [0x0D, 0x0A], eol != [0x0A] {
      throw .range("`eol strict` is for lines that end with CRLF or LF, not \(ByteDifference.quoted(eol[...]))")
    }
    let settings = channel?.ownSettingsCopy() ?? defaultsForSetting()
    if let eol { settings.eol = eol }
    settings.isEndOfLineStrict = site.has(.strict)
    return old
  }

  func setAutoflush() throws(Failure) -> Value? {
    guard let channel = try settable() else { throw task.noChannel("connection", to: "autoflush") }
    try channel.requireNoFraming("set autoflush")
    let old = Value.boolean(channel.autoflush)
    if site.has(.off) { channel.autoflush = false }
    if site.has(.on) {
      channel.autoflush = true
      guard try flush(channel) else { return nil }
    }
    return old
  }

  // MARK: - sockopt

  func socketOption() throws(Failure) -> Value? {
    let channel = try channel(orListener: true)
    try channel.requireOpen("sockopt")
    guard let socket = channel.socket else { throw .type("\(channel.label) is no socket and has no socket options") }
    let option = try namedOption()
    do throws(Errno) {
      if let value = operand {
        try set(option, socket, value)
        return value
      }
      return try get(option, socket)
    } catch {
      let failure = Failure("sockopt \(option.name) on \(channel.label)", error)
      failure.channel = channel
      throw failure
    }
  }

  private func namedOption() throws(Failure) -> SocketOption {
    var level: Int32?
    if let name = site.text(of: .level) {
      guard let number = SocketOption.level(named: name) else { throw .range("`\(name)` is no level of socket options") }
      level = number
    } else if let value = self.option(.level) {
      level = Int32(clamping: try value.count("a level", minimum: 0))
    }
    var name = site.word
    if name == nil, site.wordValue >= 0 {
      switch regs[site.wordValue] {
      case .string(let text): name = text.text
      case .integer(let number):
        return SocketOption(name: "\(number)", level: level ?? SocketOption.level(named: "SOL_SOCKET") ?? 1, number: Int32(clamping: number), kind: .integer)
      case let other: throw .type("a socket option is a name or a number, not \(other.article)")
      }
    }
    guard let name else { throw .type("sockopt needs an option's name, as SO_RCVBUF") }
    guard let option = SocketOption(named: name) else {
      let near = Suggestion.nearest(name, among: SocketOption.allNames).map { "; did you mean `\($0)`?" } ?? ""
      throw .range("`\(name)` is no socket option\(near)")
    }
    if let level { return SocketOption(name: name, level: level, number: option.number, kind: option.kind) }
    return option
  }

  private func get(_ option: SocketOption, _ socket: Socket) throws(Errno) -> Value {
    switch option.kind {
    case .flag, .integer: return .integer(Int(try socket.integerOption(level: option.level, name: option.number)))
    case .time: return seconds(try socket.timeOption(level: option.level, name: option.number))
    case .linger:
      let linger = try socket.linger()
      return .list(List([.integer(linger.isOn ? 1 : 0), .integer(Int(linger.seconds))]))
    case .text:
      let bytes = try socket.option(level: option.level, name: option.number)
      return Value(Array(bytes.prefix { $0 != 0 }))
    case .bytes: return Value(try socket.option(level: option.level, name: option.number))
    }
  }

  private func set(_ option: SocketOption, _ socket: Socket, _ value: Value) throws(Errno) {
    switch value {
    case .string(let bytes): try socket.setOption(level: option.level, name: option.number, bytes: bytes.array)
    case .boolean(let isOn): try socket.setOption(level: option.level, name: option.number, integer: isOn ? 1 : 0)
    case .integer(let number) where option.kind != .time:
      guard let number = Int32(exactly: number) else { throw .invalidArgument }
      try socket.setOption(level: option.level, name: option.number, integer: number)
    case .integer, .float:
      guard let number = value.number else { throw .invalidArgument }
      if option.kind == .time {
        try socket.setOption(level: option.level, name: option.number, seconds: number)
      } else if let whole = value.wholeNumber, let number = Int32(exactly: whole) {
        try socket.setOption(level: option.level, name: option.number, integer: number)
      } else {
        throw .invalidArgument
      }
    case .list(let list):
      guard option.kind == .linger, list.items.count == 2, let time = list.items[1].wholeNumber else { throw .invalidArgument }
      let isOn: Bool
      switch list.items[0] {
      case .integer(let number): isOn = number != 0
      default: isOn = list.items[0].isTrue
      }
      try socket.setLinger(Linger(isOn: isOn, seconds: Int32(clamping: time)))
    default: throw .invalidArgument
    }
  }
}
