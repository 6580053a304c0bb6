// Limits that the kernel holds a process to, for good: Landlock and seccomp.

import CSocketCore

package struct Confinement {
  private let deniesRun: Bool
  private let deniesConnect: Bool
  private let deniesListen: Bool
  private let readable: [String]?
  private let writable: [String]?
  private let ports: [UInt16]?

  /// - Parameters:
  ///   - deniesRun: no program can be started.
  ///   - deniesConnect: connect(2) fails.
  ///   - deniesListen: listen(2) fails.
  ///   - readable: only these files, and those below these folders, can be read; nil: all.
  ///   - writable: the same for writing, making and removing.
  ///   - ports: only these TCP ports can be connected to; nil: all.
  package init(
    deniesRun: Bool, deniesConnect: Bool, deniesListen: Bool, readable: [String]?, writable: [String]?, ports: [UInt16]?
  ) {
    self.deniesRun = deniesRun
    self.deniesConnect = deniesConnect
    self.deniesListen = deniesListen
    self.readable = readable
    self.writable = writable
    self.ports = ports
  }

  /// From now on, for this thread and all that it starts. What the kernel does not know is left out.
  package func enforce() throws(Errno) {
    let result = withPaths(readable) { readable in
      withPaths(writable) { writable in
        (ports ?? []).withUnsafeBufferPointer { list in
          var wanted = csys_confinement()
          wanted.denies_run = deniesRun
          wanted.denies_connect = deniesConnect
          wanted.denies_listen = deniesListen
          wanted.readable = readable
          wanted.writable = writable
          wanted.ports = list.baseAddress
          wanted.port_count = ports == nil ? -1 : Int32(list.count)
          return csys_confine(&wanted)
        }
      }
    }
    if let error = Errno(result: result) { throw error }
  }

  private func withPaths(
    _ paths: [String]?, _ body: (UnsafePointer<UnsafePointer<CChar>?>?) -> Int32
  ) -> Int32 {
    guard let paths else { return body(nil) }
    let bytes = paths.map { $0.utf8CString }
    func add(_ at: Int, _ pointers: [UnsafePointer<CChar>?]) -> Int32 {
      guard at < bytes.count else { return (pointers + [nil]).withUnsafeBufferPointer { body($0.baseAddress) } }
      return bytes[at].withUnsafeBufferPointer { add(at + 1, pointers + [$0.baseAddress]) }
    }
    return add(0, [])
  }

  /// What this machine's kernel has of it, in words; nil: nothing.
  package static var support: String? {
    let version = csys_landlock_version()
    var parts: [String] = []
    if version > 0 { parts.append("Landlock (ABI \(version))") }
    if csys_has_seccomp() { parts.append("seccomp") }
    return parts.isEmpty ? nil : parts.joined(separator: " and ")
  }
}
