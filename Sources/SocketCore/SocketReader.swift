// Reading of a stream by lines, and by counts of bytes.

/// What comes on a stream, in lines: IO::Socket's `<$socket>`.
///
/// It receives as much as there is and keeps what was not asked for yet, so nobody else may receive from the socket.
/// It belongs to one thread at a time, as the socket does.
///
/// ```swift
/// let reader = SocketReader(socket)
/// while let line = try reader.readLine(within: Deadline(after: .seconds(30))) {
///   try socket.send("you said \(line)\n")
/// }
/// ```
public final class SocketReader {
  /// The socket that is read from.
  public let socket: Socket
  /// The most bytes that a line may have, with its end; at least 1.
  public let longestLine: Int

  /// What has been received, of which all before `start` was read.
  private var bytes: [UInt8] = []
  private var start = 0
  private var hasEnded = false

  /// So many bytes are asked for at once.
  private static let chunk = 16 * 1024

  /// A reader of a stream.
  ///
  /// - Parameters:
  ///   - socket: of type `.stream`.
  ///   - longestLine: in bytes, with the line's end: a peer that sends no end cannot fill the memory.
  public init(_ socket: Socket, longestLine: Int = 1 << 20) {
    self.socket = socket
    self.longestLine = max(1, longestLine)
  }

  /// What was received and is not read yet.
  public var buffered: ArraySlice<UInt8> { bytes[start...] }

  /// The next line without its end, LF or CRLF; at the end of the stream what is left of one, and then nil. Bytes that
  /// are no UTF-8 become U+FFFD: `readLineBytes` gives them as they are.
  ///
  /// - Throws: EMSGSIZE for a line that is longer than `longestLine`, of which nothing is read; else as
  ///   `Socket.receive`. After a time-out what has come of the line is kept for the next call.
  public func readLine(within deadline: Deadline = .never) throws(SocketError) -> String? {
    guard var line = try readLineBytes(within: deadline) else { return nil }
    if line.last == UInt8(ascii: "\n") {
      line.removeLast()
      if line.last == UInt8(ascii: "\r") { line.removeLast() }
    }
    return String(decoding: line, as: UTF8.self)
  }

  /// The next line with its LF; at the end of the stream what is left of one, and then nil. Throws as `readLine` does.
  public func readLineBytes(within deadline: Deadline = .never) throws(SocketError) -> ArraySlice<UInt8>? {
    try read(until: CollectionOfOne(UInt8(ascii: "\n")), within: deadline)
  }

  /// All up to the next `delimiter`, which is its last part; at the end of the stream what is left, and then nil.
  /// IO::Socket's `<$socket>` where `$/` is set.
  ///
  /// - Parameters:
  ///   - delimiter: at least one byte.
  ///   - deadline: for the whole of it.
  /// - Throws: EINVAL for an empty delimiter; else as `readLine`, for which `longestLine` counts the delimiter, too.
  public func read(
    until delimiter: some Collection<UInt8>, within deadline: Deadline = .never
  ) throws(SocketError) -> ArraySlice<UInt8>? {
    let end = Array(delimiter)
    guard let last = end.last else { throw .system(.invalidArgument) }
    // From the first byte that was not read, so many are known to be no end.
    var searched = 0
    while true {
      var place = start + searched
      while let found = bytes[place...].firstIndex(of: last) {
        place = found + 1
        let length = place - start
        guard length >= end.count, bytes[(place - end.count)..<place].elementsEqual(end) else { continue }
        if length > longestLine { throw .system(.messageTooLong) }
        return take(length)
      }
      searched = bytes.count - start
      if searched >= longestLine { throw .system(.messageTooLong) }
      guard try receive(within: deadline) else { return searched == 0 ? nil : take(searched) }
    }
  }

  /// The same with the delimiter as a text, which is looked for in UTF-8.
  public func read(until delimiter: String, within deadline: Deadline = .never) throws(SocketError) -> ArraySlice<UInt8>? {
    try read(until: delimiter.utf8, within: deadline)
  }

  /// Exactly `count` bytes; fewer only at the end of the stream, and none behind it. `count` is at least 0; below it
  /// counts as 0.
  ///
  /// - Throws: as `Socket.receive`. After a time-out what has come is kept for the next call.
  public func read(exactly count: Int, within deadline: Deadline = .never) throws(SocketError) -> ArraySlice<UInt8> {
    while bytes.count - start < count, try receive(within: deadline) {}
    return take(min(max(0, count), bytes.count - start))
  }

  /// All bytes up to the end of the stream. Keeps them all in memory: for peers that one trusts.
  ///
  /// - Throws: as `Socket.receive`. After a time-out what has come is kept for the next call.
  public func readAll(within deadline: Deadline = .never) throws(SocketError) -> ArraySlice<UInt8> {
    while try receive(within: deadline) {}
    return take(bytes.count - start)
  }

  private func take(_ count: Int) -> ArraySlice<UInt8> {
    defer { start += count }
    return bytes[start..<start + count]
  }

  /// Receives some more; false at the end of the stream.
  private func receive(within deadline: Deadline) throws(SocketError) -> Bool {
    if hasEnded { return false }
    guard let more = try socket.receive(atMost: Self.chunk, within: deadline) else {
      hasEnded = true
      return false
    }
    bytes.removeFirst(start)
    start = 0
    bytes += more
    return true
  }
}
