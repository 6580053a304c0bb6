// Regexes are compiled once while the file is checked, so that a bad one is an error of the file with its place.

import CPCRE2

/// Equal literals are compiled once.
struct RegexKey: Hashable {
  let pattern: [UInt8]
  let flags: [UInt8]
}

/// What PCRE2 says against a pattern.
struct RegexFault {
  let message: String
  /// A bracket or quantifier without its counterpart.
  let isMark: Bool
  /// Into the pattern, in bytes.
  let offset: Int
}

extension FileChecker {
  func check(_ regex: RegexLiteral) {
    check(regex.parts)
    if regex.parts.containDollar { checkDollarNames(in: regex.range, holes: regex.parts.holeRanges) }
    for (index, flag) in regex.flags.enumerated() where !"imsx".utf8.contains(flag) {
      let offset = Int(regex.range.upper) - regex.flags.count + index
      report(.regexFlag(flag, at: source.place(SourceRange(offset, offset + 1))))
    }
    var pattern: [UInt8] = []
    for part in regex.parts {
      switch part {
      case .bytes(let bytes): pattern += bytes
      case .hole: pattern += Self.emptyGroup
      }
    }
    let key = RegexKey(pattern: pattern, flags: regex.flags)
    let fault: RegexFault?
    if let known = regexResults[key] {
      fault = known
    } else {
      fault = compile(key)
      regexResults[key] = .some(fault)
    }
    if let fault {
      report(
        .regexSyntax(
          fault.message, isMark: fault.isMark, at: source.place(place(of: fault.offset, in: regex))))
    }
  }

  /// Stands for a hole, whose text is matched literally, whatever it is.
  private static let emptyGroup = Array("(?:)".utf8)

  private func compile(_ key: RegexKey) -> RegexFault? {
    var options: UInt32 = 0
    for flag in key.flags {
      switch flag {
      case UInt8(ascii: "i"): options |= PCRE2_CASELESS
      case UInt8(ascii: "m"): options |= PCRE2_MULTILINE
      case UInt8(ascii: "s"): options |= PCRE2_DOTALL
      case UInt8(ascii: "x"): options |= PCRE2_EXTENDED
      default: break
      }
    }
    var code: Int32 = 0
    var offset = 0
    let compiled = key.pattern.withUnsafeBufferPointer { bytes in
      // An empty array may have no address; PCRE2 wants one even for a length of zero.
      withUnsafePointer(to: UInt8(0)) { empty in
        pcre2_compile_8(bytes.baseAddress ?? empty, bytes.count, options, &code, &offset, nil)
      }
    }
    if let compiled {
      pcre2_code_free_8(compiled)
      return nil
    }
    var text = [UInt8](repeating: 0, count: 256)
    let length = pcre2_get_error_message_8(code, &text, text.count)
    let message = length > 0 ? String(decoding: text.prefix(Int(length)), as: UTF8.self) : "error \(code)"
    let isMark: Bool
    switch code {
    case PCRE2_ERROR_MISSING_CLOSING_PARENTHESIS, PCRE2_ERROR_UNMATCHED_CLOSING_PARENTHESIS,
      PCRE2_ERROR_MISSING_SQUARE_BRACKET, PCRE2_ERROR_QUANTIFIER_INVALID:
      isMark = true
    default:
      isMark = false
    }
    return RegexFault(message: message, isMark: isMark, offset: offset)
  }

  /// Where in the source a place in the pattern is; the whole literal when that is not certain.
  private func place(of patternOffset: Int, in regex: RegexLiteral) -> SourceRange {
    let bytes = source.bytes
    let end = Int(regex.range.upper) - regex.flags.count - 1
    var sourceOffset = Int(regex.range.lower) + 1
    var left = patternOffset
    for part in regex.parts {
      switch part {
      case .bytes(let piece):
        if left <= piece.count {
          let start = sourceOffset + left
          guard start <= end else { return regex.range }
          return SourceRange(start, min(start + 1, end + 1))
        }
        left -= piece.count
        sourceOffset += piece.count
      case .hole(let expression):
        if left < Self.emptyGroup.count { return expression.range }
        left -= Self.emptyGroup.count
        sourceOffset = Int(expression.range.upper)
        while sourceOffset < end, bytes[sourceOffset] != 0x7D { sourceOffset += 1 }
        sourceOffset += 1
      }
    }
    return regex.range
  }
}
