// The second wall: what the kernel holds a script, and the processes that it starts, to. It is coarser than the first,
// and is there where the kernel has Landlock and seccomp.

import Glibc
import SocketCore

extension Permissions {
  /// What every program needs to read: libraries, and where names are looked up.
  private static let readableAlways = [
    "/usr", "/lib", "/lib32", "/lib64", "/bin", "/sbin", "/etc/ld.so.cache", "/etc/ld.so.preload", "/etc/resolv.conf",
    "/etc/hosts", "/etc/host.conf", "/etc/gai.conf", "/etc/nsswitch.conf", "/etc/services", "/etc/protocols",
    "/etc/localtime", "/etc/ssl", "/dev/null", "/dev/zero", "/dev/random", "/dev/urandom", "/proc/self",
  ]
  private static let writableAlways = ["/dev/null"]
  /// What a program on a terminal of its own needs, and whoever makes it.
  private static let terminals = ["/dev/ptmx", "/dev/pts", "/dev/tty"]

  /// Holds this process to them for the rest of its life; the threads that it starts later, too.
  /// - Parameter scripts: folders whose files are read as scripts, still.
  package func confine(scripts: [String] = []) throws(Errno) {
    if isUnrestricted { return }
    let terminals = forbidsAll(.run) ? [] : Permissions.terminals
    let confinement = Confinement(
      deniesRun: forbidsAll(.run), deniesConnect: forbidsAll(.connect), deniesListen: forbidsAll(.listen),
      readable: paths(.read).map { $0 + scripts + Permissions.readableAlways + terminals },
      writable: paths(.write).map { $0 + Permissions.writableAlways + terminals }, ports: ports)
    try confinement.enforce()
  }

  /// The files and folders that are allowed, where no others are; nil where the kernel cannot say what is.
  private func paths(_ capability: Capability) -> [String]? {
    if forbidsAll(capability) { return [] }
    guard let own = only(capability) else { return nil }
    return own.compactMap { if case .path(let path) = $0 { path } else { nil } }
  }

  /// The TCP ports that may be connected to; nil: any.
  private var ports: [UInt16]? {
    guard let own = only(.connect) else { return nil }
    var ports: [UInt16] = []
    for scope in own {
      switch scope {
      case .address(_, let port), .loopback(let port):
        if port == 0 { return nil }
        ports.append(port)
      case .path, .name: break
      case .everything: return nil
      }
    }
    return ports
  }

  /// What a kind is narrowed to by `--allow`; nil where it is not.
  private func only(_ capability: Capability) -> [Scope]? {
    guard isAllowList else { return nil }
    let scopes = allowed.filter { $0.capability == capability }.map(\.scope)
    return scopes.contains(.everything) ? nil : scopes
  }
}
