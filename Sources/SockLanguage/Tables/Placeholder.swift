// What stands in a synopsis for what a script writes there.

/// A value: how it is shown, what the help says of it, and what can be told of it from the text alone.
package enum Placeholder: Sendable {
  case address, amount, bytes, chance, channel, code, columns, command, condition, data, device, directory, duration, failure, file, function, group
  case header, host, key, list, map, message, number, optionValue, pattern, reason, rows, status, string, version, wrong

  package var name: String {
    switch self {
    case .address: "ADDRESS"
    case .amount, .bytes, .number: "N"
    case .chance: "CHANCE"
    case .channel: "CHANNEL"
    case .code: "CODE"
    case .columns: "COLUMNS"
    case .command: "COMMAND"
    case .condition: "CONDITION"
    case .data: "DATA"
    case .device: "PATH"
    case .directory: "DIRECTORY"
    case .duration: "DURATION"
    case .failure, .message, .reason, .wrong: "MESSAGE"
    case .file: "FILE"
    case .function: "FUNCTION"
    case .group: "GROUP"
    case .header: "HEADER"
    case .host: "HOST"
    case .key: "KEY"
    case .list: "LIST"
    case .map: "MAP"
    case .optionValue: "VALUE"
    case .pattern: "PATTERN"
    case .rows: "ROWS"
    case .status: "STATUS"
    case .string: "STRING"
    case .version: "VERSION"
    }
  }

  /// Nil for one that the summary of its option explains.
  package var meaning: String? {
    switch self {
    case .address: "as `localhost:25`, or a port on loopback: see `sock help addresses`"
    case .bytes: "how many bytes at most"
    case .amount: "how many, or a duration"
    case .chance: "from 0 to 1"
    case .channel: "a channel; or a list of two: the one to read from, and the one to write to"
    case .code: "a string, which `e.code` gives; or a caught error, which is raised again as it was"
    case .columns, .rows: "how many, from 1 to 65535"
    case .command: "a string of words, or a list: the exact argv"
    case .condition: "what must hold"
    case .data: "a string: the bytes; of another value `str(x)` makes one"
    case .device: "of a terminal device, another character device, or a FIFO"
    case .duration: "as `200ms` or `5s`; a number counts seconds"
    case .failure: "why, or a caught error"
    case .function: "a function, or the name of a length's format"
    case .group: "a string, as \"239.1.2.3\" or \"ff02::fb\""
    case .header: "1 or 2, the version; or a map, as `c.proxied` gives it"
    case .message: "what is said when it does not"
    case .optionValue: "an integer, a duration, a list of two, or bytes; without one it is read"
    case .pattern: "a string or a regex: see `sock help patterns`"
    case .reason: "why"
    case .status: "an integer from 0 to 255"
    case .string: "the bytes; without them they are read"
    case .wrong: "what is wrong; without one the code says it"
    case .directory, .file, .host, .key, .list, .map, .number, .version: nil
    }
  }

  /// In a sentence.
  package var spoken: String {
    switch self {
    case .address: "an address"
    case .amount, .bytes, .number: "a number"
    case .chance: "a chance"
    case .channel: "a channel"
    case .code: "a code"
    case .columns: "a number of columns"
    case .command: "a command"
    case .condition: "a condition"
    case .data: "data"
    case .device: "a path"
    case .directory: "a directory"
    case .duration: "a duration"
    case .failure, .message, .reason, .wrong: "a message"
    case .file: "a file"
    case .function: "a function"
    case .group: "a group's address"
    case .header: "a version or a map"
    case .host: "a host"
    case .key: "a key"
    case .list: "a list"
    case .map: "a map"
    case .optionValue: "a value"
    case .pattern: "a pattern"
    case .rows: "a number of rows"
    case .status: "a status"
    case .string: "a string"
    case .version: "a version"
    }
  }

  /// The name of a file or a directory.
  package var isPath: Bool { self == .file || self == .directory || self == .device }
}

/// A word that stands for itself: where those that it can be are listed.
package enum BareWord: Sendable {
  case alert, interface, level, `protocol`, signal, socketOption

  package var name: String {
    switch self {
    case .alert, .interface, .level, .signal, .socketOption: "NAME"
    case .protocol: "PROTOCOL"
    }
  }

  /// Nil for one that the summary of its option explains.
  package var meaning: String? {
    switch self {
    case .signal: "as TERM, or a number"
    case .socketOption: "as SO_RCVBUF or TCP_NODELAY"
    case .alert, .interface, .level, .protocol: nil
    }
  }

  /// In a sentence.
  package var spoken: String {
    switch self {
    case .alert, .interface, .level, .signal, .socketOption: "a name"
    case .protocol: "a protocol"
    }
  }
}
