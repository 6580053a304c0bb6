// The encrypted side of TLS.
import SocketCore

/// What carries the records of a session: a socket, a pipe, a file, or whatever a test puts in between. Neither call
/// waits, and neither may call the session. Records may be cut anywhere; who wants them whole finds their ends with
/// `TLSRecords`.
public protocol TLSWire: AnyObject {
  /// Moves at least one byte from the peer into `buffer`, which has room for one at least. After `end`, which is no
  /// error here, it is not called again.
  func read(into buffer: UnsafeMutableRawBufferPointer) -> IOOutcome

  /// Moves at least one byte of `bytes`, which are one at least, towards the peer. `end` counts as EPIPE.
  func write(_ bytes: UnsafeRawBufferPointer) -> IOOutcome
}
