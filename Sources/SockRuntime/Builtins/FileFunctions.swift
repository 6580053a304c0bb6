// Functions on files and folders: exists readfile writefile appendfile removefile listdir mkdir chmod.

import Glibc
import SockLanguage
import SocketCore

enum FileFunctions {
  /// The bytes with a NUL behind them, for the C library.
  static func terminated(_ bytes: ByteString) -> [CChar] {
    bytes.bytes.map { CChar(bitPattern: $0) } + [0]
  }

  // MARK: What there is

  /// Whether there is something of that name, a link's target included.
  static func exists(_ arguments: Arguments, _ permissions: Permissions) throws(Failure) -> Value {
    let path = try path(arguments, .read, permissions)
    var status = stat()
    if stat(terminated(path), &status) == 0 { return .boolean(true) }
    let error = errno
    // Where a folder may not be looked into, nobody can tell.
    guard error == ENOENT || error == ENOTDIR else { throw failure("cannot look for", path, error) }
    return .boolean(false)
  }

  /// The names in a folder, byte by byte in order.
  static func list(_ arguments: Arguments, _ permissions: Permissions) throws(Failure) -> Value {
    let path = try path(arguments, .read, permissions)
    guard var names = FolderEntries.names(in: path.array) else { throw failure("cannot list", path, errno) }
    try List.admit(names.count)
    names.sort { $0.lexicographicallyPrecedes($1) }
    return .list(List(names.map { Value($0) }))
  }

  /// False when the folder is there already.
  static func makeFolder(_ arguments: Arguments, _ permissions: Permissions) throws(Failure) -> Value {
    let path = try path(arguments, .write, permissions)
    if mkdir(terminated(path), 0o777) == 0 { return .boolean(true) }
    let error = errno
    var status = stat()
    guard error == EEXIST, stat(terminated(path), &status) == 0, status.st_mode & S_IFMT == S_IFDIR else {
      throw failure("cannot make the folder", path, error)
    }
    return .boolean(false)
  }

  /// Removes a name: of a link the link itself, and of folders only an empty one. False when there was none.
  static func remove(_ arguments: Arguments, _ permissions: Permissions) throws(Failure) -> Value {
    let path = try path(arguments, .write, permissions, isEntry: true)
    if unlink(terminated(path)) == 0 { return .boolean(true) }
    var error = errno
    if error == EISDIR {
      if rmdir(terminated(path)) == 0 { return .boolean(true) }
      error = errno
    }
    if error == ENOENT { return .boolean(false) }
    throw failure("cannot remove", path, error)
  }

  /// `chmod(path, "644")`.
  static func changeMode(_ arguments: Arguments, _ permissions: Permissions) throws(Failure) -> Value {
    guard case .string(let digits) = arguments[1] else {
      // There are no octal numbers in the language, and 644 is another number.
      throw arguments.wrongType(1, "a string of octal digits like \"644\"")
    }
    guard (1...4).contains(digits.count), digits.bytes.allSatisfy({ $0 &- 0x30 < 8 }) else {
      throw arguments.range(
        "\(Show.inspect(.string(digits)).text) is no mode: write octal digits, as \"644\" or \"0700\"")
    }
    let mode = digits.bytes.reduce(mode_t(0)) { $0 << 3 | mode_t($1 - 0x30) }
    let path = try path(arguments, .write, permissions)
    guard chmod(terminated(path), mode) == 0 else { throw failure("cannot change the mode of", path, errno) }
    return .nothing
  }

  // MARK: What they hold

  /// What has been opened.
  enum Opened {
    /// A regular file, with which everything has been done.
    case regular(Value)
    /// What may have to be waited for, under a descriptor that does not block; the caller closes it. -1: a pipe that
    /// nobody reads, which cannot be opened yet.
    case waiting(path: ByteString, descriptor: Int32)
  }

  /// The whole content of a file, where nothing can wait.
  static func readFile(_ arguments: Arguments, _ permissions: Permissions) throws(Failure) -> Value {
    try atOnce(try openToRead(arguments, permissions), arguments)
  }

  /// Makes the file hold just these bytes, or, as `appendfile`, puts them at its end, and gives their number; where
  /// nothing can wait.
  static func writeFile(_ arguments: Arguments, _ permissions: Permissions) throws(Failure) -> Value {
    try atOnce(try openToWrite(arguments, permissions), arguments)
  }

  private static func atOnce(_ opened: Opened, _ arguments: Arguments) throws(Failure) -> Value {
    switch opened {
    case .regular(let value): return value
    case .waiting(let path, let descriptor):
      if descriptor >= 0 { _ = close(descriptor) }
      throw arguments.range("\(Show.inspect(.string(path)).text) is no regular file, and nothing can wait for it here")
    }
  }

  /// Whether the descriptor stands for something that never makes one wait for somebody else: a file, /dev/null.
  private static func isRegular(_ descriptor: Int32) -> Bool {
    var status = stat()
    guard fstat(descriptor, &status) == 0 else { return false }
    switch status.st_mode & S_IFMT {
    case S_IFREG, S_IFDIR, S_IFBLK: return true
    case S_IFCHR: return isatty(descriptor) == 0
    default: return false
    }
  }

  static func isPipe(_ descriptor: Int32) -> Bool {
    var status = stat()
    return fstat(descriptor, &status) == 0 && status.st_mode & S_IFMT == S_IFIFO
  }

  /// The whole content of a regular file is read at once, so no task runs meanwhile.
  static func openToRead(_ arguments: Arguments, _ permissions: Permissions) throws(Failure) -> Opened {
    let path = try path(arguments, .read, permissions)
    let descriptor = open(terminated(path), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
    guard descriptor >= 0 else { throw failure("cannot read", path, errno) }
    guard isRegular(descriptor) else { return .waiting(path: path, descriptor: descriptor) }
    defer { _ = close(descriptor) }
    return .regular(try content(of: descriptor, path, arguments))
  }

  private static func content(
    of descriptor: Int32, _ path: ByteString, _ arguments: Arguments
  ) throws(Failure) -> Value {
    var status = stat()
    let isKnown = fstat(descriptor, &status) == 0 && status.st_size > 0
    guard status.st_size <= ByteString.maximumCount else { throw tooLarge(arguments, path) }
    // One byte more than the size, so that the end is seen without growing.
    var content = try ByteString.reserve(isKnown ? min(Int(status.st_size) + 1, ByteString.maximumCount) : 4096)
    useHugePages(content)
    while true {
      if content.count == content.room {
        guard content.room < ByteString.maximumCount else { throw tooLarge(arguments, path) }
        let larger = try ByteString.reserve(min(content.room * 2, ByteString.maximumCount))
        larger.append(content.bytes)
        content = larger
      }
      // A device may give for ever, and a disk be slow: between two pieces it is looked at who wants this to end.
      try Meter.look()
      let count = read(descriptor, content.start + content.count, min(content.room - content.count, largeFile))
      if count < 0 {
        if errno == EINTR { continue }
        throw failure("cannot read", path, errno)
      }
      if count == 0 { return .string(content) }
      content.setCount(content.count + count)
    }
  }

  /// Below this, the pages that a read touches cost less than a system call can spare.
  private static let largeFile = 4 << 20

  /// Asks for pages of 2 MiB under a large string that is about to be filled.
  private static func useHugePages(_ string: ByteString) {
    guard string.room >= largeFile else { return }
    let page = UInt(4096)
    let start = (UInt(bitPattern: string.start) + page - 1) & ~(page - 1)
    let end = (UInt(bitPattern: string.start) + UInt(string.room)) & ~(page - 1)
    // Where that is refused, small pages do.
    madvise(UnsafeMutableRawPointer(bitPattern: start), Int(end - start), MADV_HUGEPAGE)
  }

  /// A regular file holds just these bytes then, or, by `appendfile`, has them at its end.
  static func openToWrite(_ arguments: Arguments, _ permissions: Permissions) throws(Failure) -> Opened {
    let path = try path(arguments, .write, permissions)
    let data = try arguments.string(1)
    let appends = arguments.function == .appendfile
    do throws(Errno) {
      if !appends, try FileWriting.replace(path, data) { return .regular(.integer(data.count)) }
    } catch {
      // Where only the file itself may be written, no new one can take its place.
      if permissions.isUnrestricted || error != .permissionDenied { throw failure("cannot write", path, error.rawValue) }
    }
    let flags = O_WRONLY | O_CREAT | (appends ? O_APPEND : O_TRUNC) | O_CLOEXEC | O_NONBLOCK | O_NOCTTY
    let descriptor = open(terminated(path), flags, 0o666)
    guard descriptor >= 0 else {
      let error = errno
      var status = stat()
      if error == ENXIO, stat(terminated(path), &status) == 0, status.st_mode & S_IFMT == S_IFIFO {
        return .waiting(path: path, descriptor: -1)
      }
      throw failure("cannot write", path, error)
    }
    guard isRegular(descriptor) else { return .waiting(path: path, descriptor: descriptor) }
    var done = 0
    while done < data.count {
      let count = write(descriptor, data.start + done, data.count - done)
      if count < 0 {
        if errno == EINTR { continue }
        let error = errno
        _ = close(descriptor)
        throw failure("cannot write", path, error)
      }
      done += count
    }
    // A full disk or a lost file server may be told only now.
    guard close(descriptor) == 0 || errno == EINTR else { throw failure("cannot write", path, errno) }
    return .regular(.integer(data.count))
  }

  /// - Parameter isEntry: what is meant is the name in its folder, and not what a link of that name leads to.
  private static func path(
    _ arguments: Arguments, _ capability: Capability, _ permissions: Permissions, isEntry: Bool = false
  ) throws(Failure) -> ByteString {
    let path = try arguments.string(0)
    guard path.bytes.offset(of: 0) == nil else { throw arguments.range("a path cannot hold a NUL") }
    if permissions.isUnrestricted { return path }
    return ByteString(try permissions.requireFile(path.text, capability, isEntry: isEntry))
  }

  static func failure(_ what: String, _ path: ByteString, _ errno: Int32) -> Failure {
    let failure = Failure("\(what) \(Show.inspect(.string(path)).text)", Errno(rawValue: errno))
    if errno == ENOENT, what == "cannot read" { failure.missingPath = path.text }
    return failure
  }

  private static func tooLarge(_ arguments: Arguments, _ path: ByteString) -> Failure {
    arguments.limit("\(Show.inspect(.string(path)).text) is longer than a string may be (1 GiB)")
  }
}
