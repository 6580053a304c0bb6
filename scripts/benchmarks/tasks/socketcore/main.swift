// The tasks with SocketCore: socketcore TASK ADDRESS-OR-COUNT. What counts stands between a task's name and `end`.
@preconcurrency import Glibc
import SocketCore
import SocketCoreTasks

let (task, address) = (CommandLine.arguments[1], CommandLine.arguments[2])
setlinebuf(stdout)

switch task {
case "line":  // task
  let socket = try Socket.connected(to: address)
  try socket.send("hello\n")
  print(try SocketReader(socket).readLine() ?? "")
// end
case "echo":  // task
  let listener = try Socket.listening(at: SocketAddress(loopbackPort: 0))
  print(listener.localName?.port ?? 0)
  let peer = try listener.accept()
  while let bytes = try peer.receive(atMost: 65536) { try peer.send(bytes) }
// end
case "many":  // task
  let listener = try Socket.listening(at: SocketAddress(loopbackPort: 0))
  print(listener.localName?.port ?? 0)
  try await withTaskExecutorPreference(BlockingThreads()) {
    try await withThrowingDiscardingTaskGroup { group in
      for _ in 1...(Int(address) ?? 1) {
        let peer = try listener.accept()
        group.addTask {
          defer { peer.close() }
          while let bytes = try peer.receive(atMost: 65536) { try peer.send(bytes) }
        }
      }
    }
  }
// end
case "silent":  // task
  do {
    _ = try Socket.connected(to: address, within: Deadline(after: 0.2))
  } catch SocketError.timeout {
    print("timed out")
  }
// end
case "until":  // task
  let socket = try Socket.connected(to: address)
  let message = try SocketReader(socket).read(until: "\r\n.\r\n", within: Deadline(after: 5))
  print(message?.count ?? 0)
// end
case "udp":  // task
  let socket = try Socket.connected(to: address, type: .dgram)
  try socket.send("ping")
  let answer = try socket.receive(atMost: 1500, within: Deadline(after: 5)) ?? []
  print(String(decoding: answer, as: UTF8.self))
// end
case "unix":  // task
  let socket = try Socket.connected(toFirstOf: [SocketAddress.unix(path: address)])
  try socket.send("hello\n")
  print(try SocketReader(socket).readLine() ?? "")
// end
case "half":  // task
  let socket = try Socket.connected(to: address)
  try socket.send("all that there is")
  try socket.shutdown(.write)
  print(String(decoding: try SocketReader(socket).readAll(), as: UTF8.self))
// end
case "child":  // task
  let child = try ChildProcess.spawn(SpawnRequest(argv: ["tr", "a-z", "A-Z"].map { Array($0.utf8) }))
  print(String(decoding: try child.communicate("hello\n".utf8).output, as: UTF8.self), terminator: "")
// end
default: break
}
