// Every system call of SocketCore. Each function is named after its call and returns, as the kernel does, a result
// of 0 or more, or -errno. A call that a signal interrupted is made again, except where the caller has to look at its
// deadline first (poll, epollWait) and where the work is done all the same (close, connect).
import CSocketCore
import Glibc

/// The kernel, as SocketCore sees it. Tests make any of these calls fail or stop short through a `FaultPlan`.
package enum SystemCall {
  /// Makes a call, or what the fault plan wants instead, until no signal interrupts it. `work` gets the most bytes
  /// that it may move.
  @inline(__always)
  private static func moving(_ call: SystemCallName, _ count: Int, _ work: (Int) -> Int) -> Int {
    while true {
      let effect = FaultPlan.effect(on: call)
      let result = effect < 0 ? Int(effect) : work(effect > 0 ? min(Int(effect), count) : count)
      if result != -Int(Errno.interrupted.rawValue) { return result }
    }
  }

  @inline(__always)
  private static func once(_ call: SystemCallName, _ work: () -> Int32) -> Int32 {
    let effect = FaultPlan.effect(on: call)
    return effect < 0 ? effect : work()
  }

  // MARK: Sockets

  /// socket(2). The flags SOCK_NONBLOCK and SOCK_CLOEXEC are added to `type`.
  package static func socket(domain: Int32, type: Int32, protocolNumber: Int32) -> Int32 {
    once(.socket) {
      FaultPlan.opened(csys_socket(domain, type | CSYS_SOCK_NONBLOCK | CSYS_SOCK_CLOEXEC, protocolNumber))
    }
  }

  /// socketpair(2), with the same flags. Both descriptors are -1 after a failure.
  package static func socketpair(
    domain: Int32, type: Int32, protocolNumber: Int32, _ first: inout Int32, _ second: inout Int32
  ) -> Int32 {
    pair(.socketpair, &first, &second) {
      csys_socketpair(domain, type | CSYS_SOCK_NONBLOCK | CSYS_SOCK_CLOEXEC, protocolNumber, $0)
    }
  }

  @inline(__always)
  private static func pair(
    _ call: SystemCallName, _ first: inout Int32, _ second: inout Int32, _ work: (UnsafeMutablePointer<Int32>) -> Int32
  ) -> Int32 {
    var made: (Int32, Int32) = (-1, -1)
    let result = once(call) {
      withUnsafeMutablePointer(to: &made) { work(UnsafeMutableRawPointer($0).assumingMemoryBound(to: Int32.self)) }
    }
    (first, second) = result < 0 ? (-1, -1) : (FaultPlan.opened(made.0), FaultPlan.opened(made.1))
    return result
  }

  package static func bind(_ fd: Int32, _ address: UnsafeRawPointer, _ length: UInt32) -> Int32 {
    once(.bind) { csys_bind(fd, address, length) }
  }

  package static func listen(_ fd: Int32, backlog: Int32) -> Int32 {
    once(.listen) { csys_listen(fd, backlog) }
  }

  /// connect(2). EINTR is not retried: the connection goes on being made.
  package static func connect(_ fd: Int32, _ address: UnsafeRawPointer, _ length: UInt32) -> Int32 {
    once(.connect) { csys_connect(fd, address, length) }
  }

  /// accept4(2) with SOCK_NONBLOCK and SOCK_CLOEXEC. `length` goes in as the room at `address`.
  package static func accept(_ fd: Int32, _ address: UnsafeMutableRawPointer, _ length: inout UInt32) -> Int32 {
    let room = length
    while true {
      length = room
      let result = once(.accept) {
        FaultPlan.opened(csys_accept4(fd, address, &length, CSYS_SOCK_NONBLOCK | CSYS_SOCK_CLOEXEC))
      }
      if result != -Errno.interrupted.rawValue { return result }
    }
  }

  package static func shutdown(_ fd: Int32, _ how: Int32) -> Int32 {
    once(.shutdown) { csys_shutdown(fd, how) }
  }

  package static func getsockname(
    _ fd: Int32, _ address: UnsafeMutableRawPointer, _ length: inout UInt32
  ) -> Int32 {
    once(.getsockname) { csys_getsockname(fd, address, &length) }
  }

  package static func getpeername(
    _ fd: Int32, _ address: UnsafeMutableRawPointer, _ length: inout UInt32
  ) -> Int32 {
    once(.getpeername) { csys_getpeername(fd, address, &length) }
  }

  package static func getsockopt(
    _ fd: Int32, level: Int32, name: Int32, _ value: UnsafeMutableRawPointer, _ length: inout UInt32
  ) -> Int32 {
    once(.getsockopt) { csys_getsockopt(fd, level, name, value, &length) }
  }

  package static func setsockopt(
    _ fd: Int32, level: Int32, name: Int32, _ value: UnsafeRawPointer?, _ length: UInt32
  ) -> Int32 {
    once(.setsockopt) { csys_setsockopt(fd, level, name, value, length) }
  }

  /// sockatmark(3): 1 at the out-of-band mark, else 0.
  package static func sockatmark(_ fd: Int32) -> Int32 {
    once(.sockatmark) { csys_sockatmark(fd) }
  }

  // MARK: Bytes

  package static func recv(_ fd: Int32, _ buffer: UnsafeMutableRawPointer?, _ count: Int, flags: Int32) -> Int {
    moving(.recv, count) { csys_recv(fd, buffer, $0, flags) }
  }

  /// recvmsg(2) with one vector. `length` goes in as the room at `address`; `receivedFlags` gets `msg_flags`.
  package static func recvmsg(
    _ fd: Int32, _ buffer: UnsafeMutableRawPointer?, _ count: Int, flags: Int32,
    _ address: UnsafeMutableRawPointer, _ length: inout UInt32, _ receivedFlags: inout Int32
  ) -> Int {
    let room = length
    return moving(.recvmsg, count) {
      length = room
      return csys_recvmsg(fd, buffer, $0, flags, address, &length, &receivedFlags)
    }
  }

  /// recvmsg(2) with one vector and with control data; `arrival` gets what that says.
  static func recvmsg(
    _ fd: Int32, _ buffer: UnsafeMutableRawPointer?, _ count: Int, flags: Int32,
    _ address: UnsafeMutableRawPointer, _ length: inout UInt32, _ receivedFlags: inout Int32,
    _ arrival: inout csys_arrival
  ) -> Int {
    let room = length
    return moving(.recvmsg, count) {
      length = room
      return csys_recvmsg_arrival(fd, buffer, $0, flags, address, &length, &receivedFlags, &arrival)
    }
  }

  /// recvmsg(2) with MSG_ERRQUEUE: how many bytes of the datagram are in the report.
  static func receiveError(
    _ fd: Int32, _ address: UnsafeMutableRawPointer, _ length: inout UInt32, _ report: inout csys_datagram_error
  ) -> Int {
    let room = length
    return moving(.recvmsg, .max) { _ in
      length = room
      return csys_recv_error(fd, address, &length, &report)
    }
  }

  package static func send(_ fd: Int32, _ buffer: UnsafeRawPointer?, _ count: Int, flags: Int32) -> Int {
    moving(.send, count) { csys_send(fd, buffer, $0, flags) }
  }

  package static func sendto(
    _ fd: Int32, _ buffer: UnsafeRawPointer?, _ count: Int, flags: Int32,
    _ address: UnsafeRawPointer, _ length: UInt32
  ) -> Int {
    moving(.sendto, count) { csys_sendto(fd, buffer, $0, flags, address, length) }
  }

  /// sendmsg(2) to an address, from one of ours: the bytes of an `in_addr` or `in6_addr`.
  static func sendto(
    _ fd: Int32, _ buffer: UnsafeRawPointer?, _ count: Int, flags: Int32,
    _ address: UnsafeRawPointer, _ length: UInt32, family: Int32, from source: UnsafeRawPointer
  ) -> Int {
    moving(.sendmsg, count) { csys_sendmsg_from(fd, buffer, $0, flags, address, length, family, source) }
  }

  /// sendmsg(2) without address or control data. Stopped short by a fault plan it sends from the first vector only.
  package static func sendmsg(_ fd: Int32, _ vectors: UnsafeBufferPointer<iovec>, flags: Int32) -> Int {
    moving(.sendmsg, .max) { limit in
      guard limit != .max, var first = vectors.first else {
        return csys_sendmsg(fd, vectors.baseAddress, vectors.count, flags)
      }
      first.iov_len = min(first.iov_len, limit)
      return csys_sendmsg(fd, &first, 1, flags)
    }
  }

  /// sendmsg(2) with one vector and descriptors (SCM_RIGHTS). `length` is 0 without an address.
  package static func sendDescriptors(
    _ fd: Int32, _ buffer: UnsafeRawPointer?, _ count: Int, flags: Int32, _ address: UnsafeRawPointer?,
    _ length: UInt32, _ descriptors: [Int32]
  ) -> Int {
    moving(.sendmsg, count) {
      csys_send_descriptors(fd, buffer, $0, flags, address, length, descriptors, Int32(clamping: descriptors.count))
    }
  }

  /// recvmsg(2) with one vector and room for descriptors, which come with FD_CLOEXEC. `descriptors` has room for
  /// CSYS_MAXIMUM_DESCRIPTORS; `arrived` gets how many there are.
  package static func receiveDescriptors(
    _ fd: Int32, _ buffer: UnsafeMutableRawPointer?, _ count: Int, flags: Int32, _ address: UnsafeMutableRawPointer?,
    _ length: inout UInt32, _ receivedFlags: inout Int32, _ descriptors: UnsafeMutablePointer<Int32>,
    _ arrived: inout Int32, _ told: UnsafeMutablePointer<csys_arrival>?
  ) -> Int {
    let room = length
    let result = moving(.recvmsg, count) {
      length = room
      return csys_receive_descriptors(
        fd, buffer, $0, flags, address, &length, &receivedFlags, descriptors, &arrived, told)
    }
    for at in 0..<Int(arrived) { _ = FaultPlan.opened(descriptors[at]) }
    return result
  }

  package static func read(_ fd: Int32, _ buffer: UnsafeMutableRawPointer?, _ count: Int) -> Int {
    moving(.read, count) { csys_read(fd, buffer, $0) }
  }

  package static func write(_ fd: Int32, _ buffer: UnsafeRawPointer?, _ count: Int) -> Int {
    moving(.write, count) { csys_write(fd, buffer, $0) }
  }

  /// splice(2) between a pipe and something else, without waiting.
  package static func splice(_ from: Int32, to: Int32, _ count: Int) -> Int {
    moving(.splice, count) { csys_splice(from, to, $0) }
  }

  /// Lets a pipe hold so many bytes, as far as a user may; what it can hold is another matter of no importance.
  package static func widenPipe(_ fd: Int32, to size: Int32) { _ = csys_set_pipe_size(fd, size) }

  /// write(2) that does not wait, on a descriptor that may be blocking.
  package static func writeNow(_ fd: Int32, _ buffer: UnsafeRawPointer?, _ count: Int) -> Int {
    moving(.write, count) { csys_write_now(fd, buffer, $0) }
  }

  // MARK: Descriptors

  /// close(2). The descriptor is gone whatever the result says, so nobody may call it again.
  @discardableResult
  package static func close(_ fd: Int32) -> Int32 {
    let effect = FaultPlan.effect(on: .close)
    FaultPlan.closed(fd)
    let result = csys_close(fd)
    return effect < 0 ? effect : result
  }

  /// dup3(2) with O_CLOEXEC: `number`, which is open, becomes another descriptor for what `fd` is. Whether that works or
  /// not, `fd` is closed.
  package static func move(_ fd: Int32, to number: Int32) -> Int32 {
    let result = once(.dup) { csys_dup3(fd, number) }
    close(fd)
    return result
  }

  /// F_DUPFD_CLOEXEC: another descriptor, of 3 or more, for what `fd` is.
  package static func duplicate(_ fd: Int32) -> Int32 {
    once(.dup) { FaultPlan.opened(csys_duplicate(fd)) }
  }

  /// pipe2(2) with O_CLOEXEC. Both descriptors are -1 after a failure.
  package static func pipe(reading: inout Int32, writing: inout Int32) -> Int32 {
    pair(.pipe, &reading, &writing) { csys_pipe2($0) }
  }

  /// /dev/null, open for reading and writing.
  package static func openNull() -> Int32 {
    once(.openNull) { FaultPlan.opened(csys_open_null()) }
  }

  /// isatty(3).
  package static func isTerminal(_ fd: Int32) -> Bool { csys_is_terminal(fd) }

  /// Whether O_NONBLOCK is set: 1 or 0.
  package static func getNonblocking(_ fd: Int32) -> Int32 {
    once(.fcntl) { csys_get_nonblocking(fd) }
  }

  package static func setNonblocking(_ fd: Int32, _ nonblocking: Bool) -> Int32 {
    once(.fcntl) { csys_set_nonblocking(fd, nonblocking) }
  }

  package static func setCloseOnExec(_ fd: Int32) -> Int32 {
    once(.fcntl) { csys_set_close_on_exec(fd) }
  }

  /// Whether FD_CLOEXEC is set: 1 or 0.
  package static func getCloseOnExec(_ fd: Int32) -> Int32 {
    once(.fcntl) { csys_get_close_on_exec(fd) }
  }

  package static func getDescriptorLimit(soft: inout UInt64, hard: inout UInt64) -> Int32 {
    once(.getrlimit) { csys_getrlimit_nofile(&soft, &hard) }
  }

  package static func setDescriptorLimit(soft: UInt64, hard: UInt64) -> Int32 {
    once(.setrlimit) { csys_setrlimit_nofile(soft, hard) }
  }

  /// ioctl(2) with FIONREAD: how many bytes can be read now, of a datagram socket those of the next one; 0 where nobody
  /// knows.
  package static func readableCount(_ fd: Int32) -> Int {
    var count: Int32 = 0
    return ioctl(fd, UInt(FIONREAD), &count) == 0 ? max(0, Int(count)) : 0
  }

  // MARK: Waiting

  /// ppoll(2) for one descriptor: 1 when there is something (an error or a hang-up too), 0 at the time-out, which is
  /// in nanoseconds, negative for ever. Not retried after EINTR.
  package static func poll(_ fd: Int32, reading: Bool, writing: Bool, timeoutNanoseconds: Int64) -> Int32 {
    once(.poll) { csys_poll(fd, reading, writing, timeoutNanoseconds) }
  }

  /// ppoll(2) for one descriptor's becoming readable and for an epoll instance: 1 for the one, whose events are in
  /// `events`, plus 2 for the other; 0 at the time-out, as for `poll`. Not retried after EINTR.
  package static func poll(
    _ fd: Int32, _ events: inout UInt32, beside epoll: Int32, timeoutNanoseconds: Int64
  ) -> Int32 {
    once(.poll) { csys_poll_beside(fd, &events, epoll, timeoutNanoseconds) }
  }

  package static func epollCreate() -> Int32 {
    once(.epollCreate) { FaultPlan.opened(csys_epoll_create()) }
  }

  package static func epollControl(
    _ epoll: Int32, _ operation: Int32, _ fd: Int32, events: UInt32, token: UInt64
  ) -> Int32 {
    once(.epollControl) { csys_epoll_ctl(epoll, operation, fd, events, token) }
  }

  /// epoll_pwait2(2): the number of events. Not retried after EINTR.
  package static func epollWait(
    _ epoll: Int32, _ events: UnsafeMutablePointer<epoll_event>, capacity: Int32, timeoutNanoseconds: Int64
  ) -> Int32 {
    once(.epollWait) { csys_epoll_wait(epoll, events, capacity, timeoutNanoseconds) }
  }

  package static func eventfd() -> Int32 {
    once(.eventfd) { FaultPlan.opened(csys_eventfd()) }
  }

  // MARK: Processes and signals

  /// Starts a program: its pid, or -errno and in `step` which of the CSYS_SPAWN steps failed.
  package static func spawn(_ request: inout csys_spawn_request, step: inout Int32) -> Int32 {
    step = CSYS_SPAWN_FORK
    return once(.spawn) { csys_spawn(&request, &step) }
  }

  /// fork(2): the pid of the copy, 0 in the copy. It gets SIGKILL when this thread ends. No other thread may run: the
  /// copy would find its locks taken for ever.
  package static func fork() -> Int32 {
    once(.fork) { csys_fork() }
  }

  package static func pidfdOpen(_ pid: Int32) -> Int32 {
    once(.pidfdOpen) { FaultPlan.opened(csys_pidfd_open(pid)) }
  }

  package static func kill(_ pid: Int32, _ signal: Int32) -> Int32 {
    once(.kill) { csys_kill(pid, signal) }
  }

  /// Signals the process group that a process leads or has led: by its pidfd, so that it can be nobody else's. A kernel
  /// before 6.9 cannot do that, and goes by the number, which is the group's while somebody is in it.
  package static func killGroup(_ pid: Int32, pidfd: Int32, _ signal: Int32) -> Int32 {
    once(.kill) {
      let result = csys_signal_group(pidfd, signal)
      return result == -Errno.invalidArgument.rawValue || result == -Errno.noFunction.rawValue
        ? csys_kill(-pid, signal) : result
    }
  }

  /// waitid(2) with WNOHANG, and WNOWAIT if the child is to stay a zombie: 1 when it has ended, else 0.
  package static func waitChild(
    _ pid: Int32, keep: Bool, code: inout Int32, signal: inout Int32, dumpedCore: inout Bool,
    use: inout csys_resource_use
  ) -> Int32 {
    once(.waitid) { csys_wait_child(pid, keep, &code, &signal, &dumpedCore, &use) }
  }

  /// The same where how it has ended does not matter.
  package static func waitChild(_ pid: Int32, keep: Bool) -> Int32 {
    var (code, signal, dumpedCore): (Int32, Int32, Bool) = (0, 0, false)
    var use = csys_resource_use()
    return waitChild(pid, keep: keep, code: &code, signal: &signal, dumpedCore: &dumpedCore, use: &use)
  }

  /// waitpid(2) for a child that was killed; blocks until it is gone.
  package static func reap(_ pid: Int32) -> Int32 {
    once(.waitid) { csys_reap(pid) }
  }

  /// waitpid(2) with WNOHANG for all ended children of a process group: 0 while some run, -ECHILD when none is left.
  package static func reapGroup(_ group: Int32) -> Int32 {
    once(.waitid) { csys_reap_group(group) }
  }

  /// prctl(2) with PR_SET_CHILD_SUBREAPER.
  package static func adoptOrphans() -> Int32 {
    once(.prctl) { csys_adopt_orphans() }
  }

  // MARK: Terminals

  /// A new pseudo-terminal: our side, non-blocking, and the program's. Both are -1 after a failure.
  package static func openTerminal(_ request: csys_terminal_request, ours: inout Int32, theirs: inout Int32) -> Int32 {
    pair(.openTerminal, &ours, &theirs) { made in
      withUnsafePointer(to: request) { csys_open_terminal($0, made) }
    }
  }

  /// tcgetattr(3), of either side of a pseudo-terminal.
  package static func terminalState(_ fd: Int32, _ state: inout csys_terminal_state) -> Int32 {
    once(.terminal) { csys_terminal_state(fd, &state) }
  }

  /// TIOCSWINSZ.
  package static func setWindow(_ fd: Int32, columns: UInt16, rows: UInt16) -> Int32 {
    once(.terminal) { csys_set_window(fd, columns, rows) }
  }

  /// TIOCGWINSZ.
  package static func getWindow(_ fd: Int32, columns: inout UInt16, rows: inout UInt16) -> Int32 {
    once(.terminal) { csys_get_window(fd, &columns, &rows) }
  }

  /// open(2) of a device or FIFO, with O_NONBLOCK, O_NOCTTY and O_CLOEXEC.
  package static func openDevice(_ path: UnsafePointer<CChar>, reading: Bool, writing: Bool) -> Int32 {
    once(.openDevice) { FaultPlan.opened(csys_open_device(path, reading, writing)) }
  }

  /// Whether it is this process's controlling terminal.
  package static func isOwnTerminal(_ fd: Int32) -> Bool { csys_is_own_terminal(fd) }

  /// Makes a serial line raw, with the rate and the format asked for.
  package static func setUpLine(
    _ fd: Int32, _ request: csys_line_request, _ outcome: inout csys_line_outcome
  ) -> Int32 {
    once(.terminal) { withUnsafePointer(to: request) { csys_set_up_line(fd, $0, &outcome) } }
  }

  /// tcsetattr(3).
  package static func borrowTerminal(_ fd: Int32, _ mode: csys_terminal_mode, escape: UInt8 = 0) -> Int32 {
    once(.terminal) { csys_borrow_terminal(fd, mode, escape) }
  }

  /// tcsetattr(3): as it was before `borrowTerminal`.
  package static func returnTerminal() -> Int32 { once(.terminal) { csys_return_terminal() } }

  /// The same, where it was borrowed to be quiet.
  static func endTerminalQuiet() -> Int32 { once(.terminal) { csys_end_terminal_quiet() } }

  package static func installSignalHandlers(waking eventfd: Int32) -> Int32 {
    once(.sigaction) { csys_install_signal_handlers(eventfd) }
  }

  package static func watchTerminalSignals(_ watch: Bool) -> Int32 {
    once(.sigaction) { csys_watch_terminal_signals(watch) }
  }

  package static func ignoreBrokenPipeSignal() -> Int32 {
    once(.sigaction) { csys_ignore_sigpipe() }
  }

  // MARK: Names

  /// if_nametoindex(3): 0 when there is no such interface.
  package static func interfaceIndex(_ name: String) -> UInt32 {
    FaultPlan.effect(on: .interfaceLookup) < 0 ? 0 : csys_interface_index(name)
  }

  /// if_indextoname(3) into a buffer of 16 bytes: whether there is such an interface.
  package static func interfaceName(_ index: UInt32, _ buffer: UnsafeMutablePointer<CChar>) -> Bool {
    FaultPlan.effect(on: .interfaceLookup) < 0 ? false : csys_interface_name(index, buffer)
  }

  /// SIOCGIFADDR: the interface's first address of IPv4, in network byte order; nil when it has none.
  static func interfaceAddress(_ index: UInt32) -> [UInt8]? {
    if FaultPlan.effect(on: .interfaceLookup) < 0 { return nil }
    var address = [UInt8](repeating: 0, count: 4)
    return csys_interface_address(index, &address) ? address : nil
  }

  /// getprotobyname(3): -1 for a protocol that is not in the system's list.
  package static func protocolNumber(_ name: String) -> Int32 {
    once(.protocolLookup) { csys_protocol_number(name) }
  }

  /// getprotobynumber(3): whether the protocol has a name, and one that fits.
  package static func protocolName(_ number: Int32, _ buffer: UnsafeMutableBufferPointer<CChar>) -> Bool {
    FaultPlan.effect(on: .protocolLookup) < 0 ? false : csys_protocol_name(number, buffer.baseAddress, buffer.count)
  }

  /// getaddrinfo(3): 0 or an EAI code, with the errno in `error` for EAI_SYSTEM. It may block for as long as a name
  /// server keeps silent.
  package static func getaddrinfo(
    _ host: UnsafePointer<CChar>?, _ service: UnsafePointer<CChar>?, _ hints: inout addrinfo,
    _ found: inout UnsafeMutablePointer<addrinfo>?, error: inout Int32
  ) -> Int32 {
    once(.getaddrinfo) { csys_getaddrinfo(host, service, &hints, &found, &error) }
  }

  /// getnameinfo(3) with NI_NAMEREQD; the result is as `getaddrinfo`'s.
  package static func getnameinfo(
    _ address: UnsafeRawPointer, _ length: UInt32, _ buffer: UnsafeMutablePointer<CChar>, capacity: UInt32,
    error: inout Int32
  ) -> Int32 {
    once(.getnameinfo) { csys_getnameinfo(address, length, buffer, capacity, &error) }
  }

  // MARK: Memory

  /// The list of processes shows three stars from now on for the values that an option gives as NAME=VALUE.
  package static func hideArgumentValues(of option: String) { csys_hide_argument_values(option) }

  /// mallopt(3): allocations of less than `mapFrom` bytes come from the heap, which gives memory back to the system
  /// only when more than `keep` bytes are free at its end. Nothing where the C library knows no such thing.
  package static func keepFreedMemory(mapFrom: Int32, keep: Int32) { csys_keep_freed_memory(mapFrom, keep) }
}
