// `sock HOST:PORT`: an address where a file could stand.

import Glibc

enum StartAddress {
  /// It begins as an address does, or ends with a port.
  static func isOne(_ word: String) -> Bool {
    if ["tls:", "udp:", "unix:"].contains(where: { word.hasPrefix($0) && word != $0 }) { return true }
    guard let colon = word.lastIndex(of: ":"), colon != word.startIndex, !word.contains("/") else { return false }
    let port = word[word.index(after: colon)...]
    return !port.isEmpty && port.utf8.count <= 5 && port.utf8.allSatisfy { (0x30...0x39).contains($0) }
  }

  static func isFile(_ word: String) -> Bool { access(word, F_OK) == 0 }

  /// What connects to it.
  static func statement(_ word: String) -> String {
    let isBare = word.utf8.allSatisfy { byte in
      (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte & 0xDF) || ":._-/[]%".utf8.contains(byte)
    }
    if isBare { return "connect \(word)" }
    var quoted = ""
    for scalar in word.unicodeScalars {
      if scalar == "\"" || scalar == "\\" || scalar == "$" { quoted += "\\" }
      quoted.unicodeScalars.append(scalar)
    }
    return "connect \"\(quoted)\""
  }
}
