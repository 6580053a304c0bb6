// Verbs that read or set how a channel behaves: timeout, blocking, eol, autoflush, sockopt.

import Glibc
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
    if option.joins, operand != nil { try permissions.requireAllListening("sockopt \(option.name)") }
    do throws(Errno) {
      if let value = operand {
        try set(option, socket, value)
        if option.tellsArrivals { socket.noteArrivals() }
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
    case .interface(let isBigEndian): return try interface(of: option, socket, isBigEndian: isBigEndian)
    case .record(let fields):
      return Self.map(of: try socket.option(level: option.level, name: option.number), fields)
    }
  }

  /// The interface by its name, nil for none. Of IP_MULTICAST_IF the kernel tells an address.
  private func interface(of option: SocketOption, _ socket: Socket, isBigEndian: Bool) throws(Errno) -> Value {
    if option == SocketOption(named: "IP_MULTICAST_IF") {
      let address = try socket.multicastInterface()
      return address.isWildcard ? .nothing : Value(address.host ?? "")
    }
    let index = try socket.interfaceOption(option, isBigEndian: isBigEndian)
    return index == 0 ? .nothing : NetworkInterface.name(of: index).map { Value($0) } ?? .integer(Int(index))
  }

  /// A structure's fields, as many as the kernel has given.
  private static func map(of bytes: [UInt8], _ fields: [SocketOptionField]) -> Value {
    let map = Map()
    for field in fields {
      guard let number = field.number(in: bytes) else { break }
      func set(_ name: String, _ value: Value) { map.set(Value(name), value) }
      if field.isNone(number) {
        set(field.name, .nothing)
        continue
      }
      switch field.unit {
      case .count: set(field.name, .integer(Int(clamping: number)))
      case .microseconds: set(field.name, .float(Double(number) / 1e6))
      case .milliseconds: set(field.name, .float(Double(number) / 1e3))
      case .choice(let names):
        set(field.name, number < names.count ? Value(names[Int(number)]) : .integer(Int(clamping: number)))
      case .flags(let names):
        let isSet = names.enumerated().filter { number >> UInt64($0.offset) & 1 == 1 }
        set(field.name, .list(List(isSet.map { Value($0.element) })))
      case .halves(let lower, let upper):
        set(lower, .integer(Int(number & 15)))
        set(upper, .integer(Int(number >> 4)))
      case .lowestBit: set(field.name, .boolean(number & 1 == 1))
      }
    }
    return .map(map)
  }

  /// An interface by its name or index, an empty name for none; for IP_MULTICAST_IF also by an address that it has.
  private func set(interface value: Value, of option: SocketOption, _ socket: Socket, isBigEndian: Bool) throws(Errno) {
    var index: UInt32 = 0
    switch value {
    case .nothing: break
    case .integer(let number):
      guard let number = UInt32(exactly: number) else { throw .invalidArgument }
      index = number
    case .string(let name) where name.isEmpty: break
    case .string(let name):
      if option.level == SocketOption.level(named: "IPPROTO_IP"), option.name == "IP_MULTICAST_IF",
        let address = SocketAddress(host: name.text, port: 0)
      {
        return try socket.setMulticastInterface(address: address)
      }
      guard let found = NetworkInterface.index(of: name.text) else { throw Errno(rawValue: ENODEV) }
      index = found
    default: throw .invalidArgument
    }
    if option.name == "IP_MULTICAST_IF" { return try socket.setMulticastInterface(index == 0 ? nil : index) }
    try socket.setOption(option, interface: index, isBigEndian: isBigEndian)
  }

  private func set(_ option: SocketOption, _ socket: Socket, _ value: Value) throws(Errno) {
    if case .interface(let isBigEndian) = option.kind {
      return try set(interface: value, of: option, socket, isBigEndian: isBigEndian)
    }
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
