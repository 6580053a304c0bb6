// URIs of documents, and the names of files that they stand for.

import SockLanguage

enum DocumentName {
  /// The path of a `file:` URI; nil for any other.
  static func path(ofURI uri: String) -> String? {
    let bytes = Array(uri.utf8)
    let scheme = Array("file://".utf8)
    guard bytes.count > scheme.count,
      String(decoding: bytes[..<scheme.count], as: UTF8.self).lowercased() == "file://",
      // An authority, which is this machine, stands before the path.
      let slash = bytes[scheme.count...].firstIndex(of: UInt8(ascii: "/"))
    else { return nil }
    let end = bytes[slash...].firstIndex { $0 == UInt8(ascii: "?") || $0 == UInt8(ascii: "#") } ?? bytes.count
    var path: [UInt8] = []
    var at = slash
    while at < end {
      if bytes[at] == UInt8(ascii: "%"), at + 2 < end, let high = hexDigit(bytes[at + 1]),
        let low = hexDigit(bytes[at + 2])
      {
        path.append(high << 4 | low)
        at += 3
      } else {
        path.append(bytes[at])
        at += 1
      }
    }
    return String(validating: path, as: UTF8.self)
  }

  /// The URI of an absolute path.
  static func uri(ofPath path: String) -> String {
    var uri = Array("file://".utf8)
    let digits = Array("0123456789ABCDEF".utf8)
    for byte in path.utf8 {
      switch byte {
      case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, UInt8(ascii: "/"), UInt8(ascii: "-"), UInt8(ascii: "."),
        UInt8(ascii: "_"), UInt8(ascii: "~"):
        uri.append(byte)
      default: uri += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
      }
    }
    return String(decoding: uri, as: UTF8.self)
  }

  private static func hexDigit(_ byte: UInt8) -> UInt8? {
    switch byte {
    case 0x30...0x39: byte - 0x30
    case 0x41...0x46: byte - 0x37
    case 0x61...0x66: byte - 0x57
    default: nil
    }
  }
}
