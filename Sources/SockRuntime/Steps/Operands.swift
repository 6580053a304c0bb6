// What steps ask of their operands.

import SockLanguage

extension Value {
  /// A count of bytes and the like: a whole number, at least `minimum`.
  func count(_ what: String, minimum: Int = 1) throws(Failure) -> Int {
    guard let number = wholeNumber else { throw .type("\(what) is an integer, not \(article)") }
    guard number >= minimum else { throw .range("\(what) is at least \(minimum), not \(number)") }
    return number
  }

  /// What is sent: a string as it is; anything else has to be made one by the script.
  func data(_ verb: String) throws(Failure) -> ByteString {
    switch self {
    case .string(let string): return string
    case .integer, .float: throw .type("\(verb) takes a string, not \(article); write `str(…)`, or `\"${…}\"`")
    default: throw .type("\(verb) takes a string, not \(article)")
    }
  }

  func channel(to verb: String) throws(Failure) -> Channel {
    if case .channel(let channel) = self { return channel }
    throw noChannel(to: verb)
  }

  func noChannel(to verb: String) -> Failure {
    if case .nothing = self { return .type("cannot \(verb): there is nil where a channel is meant") }
    return .type("cannot \(verb) on \(article); a channel is meant")
  }
}

extension Task {
  /// There is no current listener or connection.
  func noChannel(_ what: String, to verb: String) -> Failure {
    var names: [String] = []
    // The names of the running frames' channels: what could have been meant.
    for at in 0..<stackCapacity {
      if case .channel(let channel) = stack[at], let name = channel.name, !channel.isClosed, !names.contains(name),
        (channel.kind == .listener) == (what == "listener")
      {
        names.append(name)
      }
    }
    if let session = group.session {
      for name in session.channelNames(what == "listener") where !names.contains(name) { names.append(name) }
    }
    let cure =
      names.isEmpty
      ? what == "listener" ? "`listen` makes one" : "`connect`, `accept` or `socket` makes one"
      : "write \(names.map { "`\($0).\(verb)`" }.joined(separator: " or "))"
    let failure = Failure(.closed, "there is no current \(what) to \(verb) on; \(cure)")
    if group.session != nil, let name = names.first {
      failure.notes.append("help: `:use \(name)` makes it the current \(what)")
    }
    return failure
  }
}
