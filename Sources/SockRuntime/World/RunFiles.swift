// What a run has made in the file system, which goes with it.

import SocketCore

struct RunFiles {
  var temporaryDirectory: TemporaryDirectory?
  private var sockets: [MadeSocketFile] = []

  mutating func add(_ file: SocketFile) {
    if sockets.count >= 64, sockets.count & (sockets.count - 1) == 0 { sockets.removeAll { $0.file == nil } }
    sockets.append(MadeSocketFile(file: file))
  }

  /// Nobody can use them any more.
  mutating func removeAll() {
    for made in sockets { made.file?.remove() }
    sockets.removeAll()
    temporaryDirectory = nil
  }
}
