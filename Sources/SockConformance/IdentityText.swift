// Names of tests in files that have a line for each: baselines, and what failed last.

enum IdentityText {
  /// One line: a name may hold line ends.
  static func escaped(_ identity: String) -> String {
    guard identity.utf8.contains(where: { $0 == 0x5C || $0 == 0x0A || $0 == 0x0D }) else { return identity }
    var result: [UInt8] = []
    for byte in identity.utf8 {
      switch byte {
      case 0x5C: result += "\\\\".utf8
      case 0x0A: result += "\\n".utf8
      case 0x0D: result += "\\r".utf8
      default: result.append(byte)
      }
    }
    return String(decoding: result, as: UTF8.self)
  }

  static func unescaped(_ line: some StringProtocol) -> String {
    guard line.utf8.contains(0x5C) else { return String(line) }
    var result: [UInt8] = []
    var isEscaped = false
    for byte in line.utf8 {
      guard isEscaped else {
        if byte == 0x5C { isEscaped = true } else { result.append(byte) }
        continue
      }
      isEscaped = false
      switch byte {
      case 0x5C: result.append(0x5C)
      case UInt8(ascii: "n"): result.append(0x0A)
      case UInt8(ascii: "r"): result.append(0x0D)
      // As somebody has written it by hand.
      default: result += [0x5C, byte]
      }
    }
    if isEscaped { result.append(0x5C) }
    return String(decoding: result, as: UTF8.self)
  }

  /// The lines of such a file, whichever system has written their ends; without those that are empty.
  static func lines(_ bytes: [UInt8]) -> [String] {
    bytes.split(separator: 0x0A).compactMap { line in
      let text = line.last == 0x0D ? line.dropLast() : line
      return text.isEmpty ? nil : String(decoding: text, as: UTF8.self)
    }
  }
}
