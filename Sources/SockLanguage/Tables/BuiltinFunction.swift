// The functions that need no declaration, and how a row of their table is written. The rows are in Functions/.

/// Every builtin function. The runtime switches over these without a `default`.
package enum BuiltinFunction: String, Sendable, CaseIterable {
  case len, str, int, float, type, inspect
  case upper, lower, title, trim, lines, split, join, replace, find, matches, regex, escape_regex, starts, ends
  case `repeat`, reverse, sort
  case map, filter, keys, values, push, pop, shift, insert, remove
  case hex, unhex, hexdump, base64, unbase64, base64url, unbase64url, urlencode, urldecode, json, parse_json, format
  case ord, chr, pack, unpack, decode, encode
  case crc16, crc32, inet_checksum, md5, sha1, sha256, sha384, sha512, hmac, hkdf, pbkdf2
  case now, format_time, parse_time, format_duration
  case random, random_bytes, uuid, min, max, sum, percentile, abs, floor, round
  case exists, readfile, writefile, appendfile, removefile, listdir, mkdir, chmod, golden
  case env, output, free_port, inherited, resolve, certificate, tls_exporter

  /// Whether a call may have to wait for somebody outside: a name server, a program, or who is at the other end of a
  /// pipe; or needs to know the place that it stands at.
  package var mayWait: Bool {
    switch self {
    case .readfile, .writefile, .appendfile, .golden, .output, .resolve: return true
    default: return false
    }
  }
}

extension BuiltinFunction {
  /// Whether an argument of it may be a function, which it calls: that may do all that a function of the script may.
  package var callsBack: Bool {
    switch self {
    case .map, .filter, .sort, .replace: return true
    default: return false
    }
  }
}

/// What a function gives, as the help says it.
package enum FunctionResult: String, Sendable {
  case any, boolean, float, integer, list, map, number, regex, string
  case integerOrNil = "integer or nil"
  case listOrMapOrNil = "list, map or nil"
  case stringOrNil = "string or nil"
}

package struct FunctionRow: Sendable {
  package let function: BuiltinFunction
  /// As the reference shows them: `["s", "base"]`.
  package let parameters: [String]
  /// How many arguments at least; at most is `parameters.count`, or any number when `isVariadic`.
  package let required: Int
  package let isVariadic: Bool
  package let result: FunctionResult
  package let summary: String
  /// An expression and what it gives: `("upper(\"ab\")", "\"AB\"")`.
  package let example: (expression: String, value: String)
  /// What the example needs to be declared: lines, the last of them ended; mostly none.
  package let exampleDeclaration: String
  /// What its own page tells besides: paragraphs.
  package let details: [String]
}

/// Names that every script has without declaring them.
package enum PredefinedName: String, Sendable, CaseIterable {
  /// The task's current listener and connection.
  case listener, conn
  case stdin, stdout, stderr
  /// The script's arguments; a directory that is removed at the end; where the script's file is.
  case args, tmpdir, scriptdir
  /// What the last `try EXPR` failed with; nil after a success.
  case error
  /// What a field of an expected message may be: anything that is there; or not there.
  case any, absent
  /// The last result, and those before it, in the REPL only.
  case it, it2, it3

  /// Those that only a session has, the latest first.
  package static let results: [PredefinedName] = [.it, .it2, .it3]
}

/// Properties of a channel, by IO::Socket's names.
package enum ChannelProperty: String, Sendable, CaseIterable {
  case peerhost, peerport, peername, peerpath, sockhost, sockport, sockname, hostpath
  case sockdomain, socktype, `protocol`, connected, atmark, fileno, opened, tls, arrival, proxied
  case peercred, fds, stderr, termsig, coredump, usage
  case echo, columns, rows, screen, cursor
}

/// Properties of an address value.
package enum AddressProperty: String, Sendable, CaseIterable { case host, port, path, family, packed }

/// Properties of an error value.
package enum ErrorProperty: String, Sendable, CaseIterable {
  case code, errno, message, file, line, column, channel, calls, temporary
}
