// Secrets in a script that `:save` writes: where the session's text or an answer held one, the script says its name.

import SockLanguage

struct SavedSecrets {
  let secrets: Secrets
  /// The `param secret`s that the script declares.
  let names: Set<String>
  /// All that comes from outside stands in strings and patterns: the script's own words are no secrets.
  var isRecorded = false
  private let context = BuiltinContext()

  /// What may be made of a secret, as a script would write it.
  private static let functions: [BuiltinFunction] = [.base64, .base64url, .hex, .urlencode, .upper, .lower]

  init(_ secrets: Secrets, names: Set<String>, isRecorded: Bool = false) {
    self.secrets = secrets
    self.names = names
    self.isRecorded = isRecorded
  }

  /// The script with every form of a secret replaced by what makes it, or by stars where nothing is known to.
  /// - Parameter text: a script without mistakes.
  func replaced(in text: String, named file: String) -> String {
    let bytes = Array(text.utf8)
    let whole = secrets.formRanges(in: bytes)
    let pieces = secrets.pieceRanges(in: bytes)
    let numbers = secrets.numberRuns(in: bytes).joined()
    if whole.isEmpty, pieces.isEmpty, numbers.isEmpty { return text }
    let tokens = Parser.parse(SourceFile(name: file, text: text)).tokens
    // A word of the script that is the same as a piece says nothing.
    let cut = pieces.filter { piece in
      !whole.contains { $0.overlaps(piece) }
        && !tokens.contains { SavedSecrets.isWord($0.kind) && $0.start < piece.upperBound && piece.lowerBound < $0.end }
    }
    let isNumber = Set(numbers)
    let found = (whole + cut + numbers).sorted { $0.lowerBound < $1.lowerBound }
    var result: [UInt8] = []
    var at = 0
    for range in found where range.upperBound > at {
      let token = tokens.first { $0.start <= range.lowerBound && range.upperBound <= $0.end }
      if isRecorded, !mayHold(token, range, bytes) { continue }
      var (place, replacement) = replacement(of: range, in: bytes, token)
      // Of a message that came: what was there is not expected.
      if case .number? = token?.kind, isNumber.contains(range) { replacement = Presence.any.rawValue }
      result += bytes[at..<max(at, place.lowerBound)]
      result += replacement.utf8
      at = place.upperBound
    }
    result += bytes[at...]
    return String(decoding: result, as: UTF8.self)
  }

  /// Whether a place of a recorded script has something that was said: a string, a pattern, or a comment.
  private func mayHold(_ token: Token?, _ range: Range<Int>, _ bytes: [UInt8]) -> Bool {
    switch token?.kind {
    case .string?, .regex?: return true
    case nil:
      let line = bytes[..<range.lowerBound].lastIndex(of: 0x0A).map { $0 + 1 } ?? 0
      return bytes[line..<range.lowerBound].contains(UInt8(ascii: "#"))
    default: return false
    }
  }

  private func replacement(of range: Range<Int>, in bytes: [UInt8], _ token: Token?) -> (Range<Int>, String) {
    let stars = (range, String(decoding: Secrets.stars, as: UTF8.self))
    guard let token else { return stars }
    var value = Unescaped(plain: Array(bytes[range]))
    switch token.kind {
    case .string where bytes[token.start] == UInt8(ascii: "x"):
      guard let binary = call(.unhex, value.bytes), let text = expression(for: binary) else { return stars }
      return (range, "\" + \(text) + x\"")
    case .string where bytes[token.start] == UInt8(ascii: "'"): return stars
    case .string, .regex, .address:
      if let text = expression(for: value.bytes) { return (range, "${\(text)}") }
      if value.undoEscapes(), let text = expression(for: value.bytes) { return (range, "${\(text)}") }
      // As some write it, whom nobody has to imitate in that.
      value = Unescaped(plain: Array(bytes[range]))
      if value.undoPercents(),
        let secret = secrets.all.first(where: { $0.bytes == value.bytes && names.contains($0.name) })
      {
        return (range, "${\(BuiltinFunction.urlencode.rawValue)(\(secret.name))}")
      }
      if let (place, text) = longerBase64(range, in: bytes, token) { return (place, "${\(text)}") }
      return stars
    case .number: return expression(for: value.bytes).map { (range, $0) } ?? stars
    default: return stars
    }
  }

  /// What makes these bytes of a secret.
  private func expression(for bytes: [UInt8]) -> String? {
    for secret in secrets.all where names.contains(secret.name) {
      if bytes == secret.bytes { return secret.name }
      for function in SavedSecrets.functions where call(function, secret.bytes) == bytes {
        return "\(function.rawValue)(\(secret.name))"
      }
    }
    for secret in secrets.all where names.contains(secret.name) {
      if let at = secret.offset(of: bytes) { return "\(secret.name)[\(at)..<\(at + bytes.count)]" }
    }
    return nil
  }

  private static func isWord(_ kind: Token.Kind) -> Bool {
    switch kind {
    case .name, .keyword, .verb, .number: true
    default: false
    }
  }

  /// `base64("user:${pw}")`, when the characters around are of one Base64 with it; or `base64url`.
  private func longerBase64(_ range: Range<Int>, in bytes: [UInt8], _ token: Token) -> (Range<Int>, String)? {
    var lower = range.lowerBound
    var upper = range.upperBound
    while lower > token.start, SecretSearch.isBase64(bytes[lower - 1]) { lower -= 1 }
    if bytes[upper - 1] != UInt8(ascii: "=") {
      while upper < token.end, SecretSearch.isBase64(bytes[upper]) { upper += 1 }
      while upper < token.end, bytes[upper] == UInt8(ascii: "=") { upper += 1 }
    }
    let text = Array(bytes[lower..<upper])
    for (encode, decode) in [(BuiltinFunction.base64, BuiltinFunction.unbase64), (.base64url, .unbase64url)] {
      // Both read it without its padding; but only one of them writes it so.
      guard let plain = call(decode, text), call(encode, plain) == text else { continue }
      for secret in secrets.all where names.contains(secret.name) {
        let found = plain.withUnsafeBytes { all in secret.bytes.withUnsafeBytes { all.offset(of: $0) } }
        guard let at = found else { continue }
        let head = quotedInside(plain[..<at])
        let tail = quotedInside(plain[(at + secret.bytes.count)...])
        return (lower..<upper, "\(encode.rawValue)(\"\(head)${\(secret.name)}\(tail)\")")
      }
    }
    return nil
  }

  /// As it stands between double quotes.
  private func quotedInside(_ bytes: ArraySlice<UInt8>) -> String {
    String(Show.inspect(Value(Array(bytes))).text.dropFirst().dropLast())
  }

  /// Nil where the function does not take them.
  private func call(_ function: BuiltinFunction, _ bytes: [UInt8]) -> [UInt8]? {
    let value = try? [Value(bytes)].withUnsafeBufferPointer { arguments throws(Failure) in
      try Builtins.callChecked(function, arguments, context)
    }
    guard case .string(let text)? = value else { return nil }
    return text.array
  }
}
