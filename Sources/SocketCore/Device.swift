// Devices and FIFOs by their paths: terminals, serial lines.
import CSocketCore
import Glibc

/// What a path names, as far as it matters to who would open it.
package enum Device {
  package enum Kind: Sendable {
    case character, fifo
    case file, directory, socket, block
  }

  package static func kind(of path: String) throws(Errno) -> Kind {
    var status = stat()
    guard stat(path, &status) == 0 else { throw Errno(rawValue: Glibc.errno) }
    switch status.st_mode & S_IFMT {
    case S_IFCHR: return .character
    case S_IFIFO: return .fifo
    case S_IFDIR: return .directory
    case S_IFSOCK: return .socket
    case S_IFBLK: return .block
    default: return .file
    }
  }

  /// Opens one without waiting for whoever is on its other side: a FIFO that nobody reads is ENXIO to a writer.
  /// - Returns: the descriptor, non-blocking and close-on-exec; it becomes nobody's controlling terminal.
  package static func open(_ path: String, reading: Bool = true, writing: Bool = true) throws(Errno) -> Int32 {
    if path.utf8.contains(0) { throw .invalidArgument }
    let result = SystemCall.openDevice(path, reading: reading, writing: writing)
    if let error = Errno(result: result) { throw error }
    return result
  }
}

/// How a serial line is set.
package struct LineSettings: Hashable, Sendable {
  package enum Parity: UInt8, Sendable {
    case none = 0x4E  // N
    case even = 0x45  // E
    case odd = 0x4F  // O
  }

  /// In baud; nil leaves it as it is.
  package var rate: UInt32?
  package var dataBits: UInt8 = 8
  package var parity = Parity.none
  package var stopBits: UInt8 = 1
  package var hasHardwareFlow = false
  package var hasSoftwareFlow = false

  package init() {}

  /// Sets bits, parity and stop bits as `8N1` has them; false where that is no such text.
  package mutating func setFormat(_ text: [UInt8]) -> Bool {
    guard text.count == 3, (UInt8(ascii: "5")...UInt8(ascii: "8")).contains(text[0]),
      let parity = Parity(rawValue: text[1] & 0xDF), text[2] == UInt8(ascii: "1") || text[2] == UInt8(ascii: "2")
    else { return false }
    (dataBits, self.parity, stopBits) = (text[0] - UInt8(ascii: "0"), parity, text[2] - UInt8(ascii: "0"))
    return true
  }

  /// What a device has made of it.
  package struct Outcome: Hashable, Sendable {
    /// In baud.
    package let rate: UInt32
    /// Whether it does the bits, the parity and the flow control.
    package let hasFormat: Bool
  }

  /// Makes the line raw, with these settings.
  package func apply(to fd: Int32) throws(Errno) -> Outcome {
    let request = csys_line_request(
      rate: rate ?? 0, data_bits: dataBits, parity: parity.rawValue, stop_bits: stopBits,
      has_hardware_flow: hasHardwareFlow, has_software_flow: hasSoftwareFlow)
    var outcome = csys_line_outcome()
    if let error = Errno(result: SystemCall.setUpLine(fd, request, &outcome)) { throw error }
    return Outcome(rate: outcome.rate, hasFormat: outcome.has_format)
  }
}
