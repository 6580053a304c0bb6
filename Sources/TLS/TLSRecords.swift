// The records of TLS in a stream of bytes, encrypted or not.

/// Finds where the records of a stream end (RFC 8446 section 5.1): each has a header of five bytes, which are its type,
/// a version of two and the length of what follows; the header is never encrypted. The stream may come in pieces of any
/// size.
public struct TLSRecords: Sendable {
  /// What stands before a record.
  public struct Header: Hashable, Sendable {
    /// 20 change_cipher_spec, 21 alert, 22 handshake, 23 application_data. An encrypted record of TLS 1.3 says 23
    /// whatever is in it.
    public let type: UInt8
    /// As the record says it, which is 0x0303 or 0x0301 for TLS 1.3 too.
    public let version: UInt16
    /// How many bytes follow the header.
    public let length: Int

    /// The bytes of the whole record, the header with them.
    public var size: Int { TLSRecords.headerSize + length }

    /// Whether TLS has such records: of a type and a version that there are, and no longer than is allowed (RFC 8446
    /// section 5.2; RFC 5246 section 6.2.3 for 2048 bytes more than a record holds).
    public var isPlausible: Bool {
      (20...24).contains(type) && version >> 8 == 3 && length <= TLSRecords.longestFragment
    }

    /// The header that `bytes` begin with; nil for fewer than five.
    public init?(_ bytes: some Collection<UInt8>) {
      let first = bytes.prefix(TLSRecords.headerSize)
      guard first.count == TLSRecords.headerSize else { return nil }
      self.init(number: first.reduce(0) { $0 << 8 | UInt64($1) })
    }

    /// The five bytes as a number, the first of them highest.
    init(number: UInt64) {
      type = UInt8(truncatingIfNeeded: number >> 32)
      version = UInt16(truncatingIfNeeded: number >> 16)
      length = Int(number & 0xffff)
    }

    /// The type's name (RFC 8446 appendix B.1), "type_" and the number for one that has none.
    public var typeName: String {
      switch type {
      case 20: "change_cipher_spec"
      case 21: "alert"
      case 22: "handshake"
      case 23: "application_data"
      case 24: "heartbeat"
      default: "type_\(type)"
      }
    }
  }

  public static let headerSize = 5
  /// The most bytes behind a header.
  public static let longestFragment = 16384 + 2048

  /// What came of a header, as a number, and how many bytes that are.
  private var begun: UInt64 = 0
  private var begunCount = 0
  /// How many bytes behind a whole header are still to come.
  private var missing = 0

  public init() {}

  /// Whether the stream is at the end of a record, or at its beginning.
  public var isAtBoundary: Bool { begunCount == 0 }

  /// Goes over `bytes`, which follow on those before, up to the end of the record that they are in, and says how many
  /// that were. The header is that of the record when it ends there, nil when it goes on.
  public mutating func next(in bytes: UnsafeRawBufferPointer) -> (count: Int, ended: Header?) {
    var count = 0
    if begunCount < Self.headerSize {
      while count < bytes.count, begunCount < Self.headerSize {
        begun = begun << 8 | UInt64(bytes[count])
        begunCount += 1
        count += 1
      }
      if begunCount < Self.headerSize { return (count, nil) }
      missing = Header(number: begun).length
    }
    let more = min(missing, bytes.count - count)
    missing -= more
    if missing > 0 { return (count + more, nil) }
    defer { (begun, begunCount) = (0, 0) }
    return (count + more, Header(number: begun))
  }
}
