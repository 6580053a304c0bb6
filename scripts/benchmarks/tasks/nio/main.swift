// The tasks with swift-nio: nio TASK ADDRESS-OR-COUNT. What counts stands between a task's name and `end`.
@preconcurrency import Glibc
import NIOCore
import NIOPosix

let (task, address) = (CommandLine.arguments[1], CommandLine.arguments[2])
let port = address.split(separator: ":").last.flatMap { Int($0) } ?? 0
setlinebuf(stdout)

switch task {
case "line":  // task
  let channel = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
    .connect(host: "127.0.0.1", port: port) { channel in
      channel.eventLoop.makeCompletedFuture {
        try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
      }
    }
  try await channel.executeThenClose { inbound, outbound in
    try await outbound.write(ByteBuffer(string: "hello\n"))
    var line = ""
    for try await bytes in inbound {
      line += String(buffer: bytes)
      if let end = line.firstIndex(of: "\n") {
        print(line[..<end])
        break
      }
    }
  }
// end
case "echo":  // task
  let listener = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
    .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
    .childChannelOption(.allowRemoteHalfClosure, value: true)
    .bind(host: "127.0.0.1", port: 0) { channel in
      channel.eventLoop.makeCompletedFuture {
        try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
      }
    }
  print(listener.channel.localAddress?.port ?? 0)
  try await listener.executeThenClose { peers in
    for try await peer in peers {
      try await peer.executeThenClose { inbound, outbound in
        for try await bytes in inbound { try await outbound.write(bytes) }
      }
      break
    }
  }
// end
case "many":  // task
  let listener = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
    .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
    .childChannelOption(.allowRemoteHalfClosure, value: true)
    .bind(host: "127.0.0.1", port: 0) { channel in
      channel.eventLoop.makeCompletedFuture {
        try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
      }
    }
  print(listener.channel.localAddress?.port ?? 0)
  try await withThrowingDiscardingTaskGroup { group in
    try await listener.executeThenClose { peers in
      var left = Int(address) ?? 1
      for try await peer in peers {
        group.addTask {
          try await peer.executeThenClose { inbound, outbound in
            for try await bytes in inbound { try await outbound.write(bytes) }
          }
        }
        left -= 1
        if left == 0 { break }
      }
    }
  }
// end
case "silent":  // task
  do {
    _ = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
      .connectTimeout(.milliseconds(200))
      .connect(host: "127.0.0.1", port: port) { $0.eventLoop.makeSucceededVoidFuture() }
  } catch ChannelError.connectTimeout {
    print("timed out")
  }
// end
case "until":  // task
  let channel = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
    .connect(host: "127.0.0.1", port: port) { channel in
      channel.eventLoop.makeCompletedFuture {
        try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
      }
    }
  let timer = channel.channel.eventLoop.scheduleTask(in: .seconds(5)) { channel.channel.close(promise: nil) }
  try await channel.executeThenClose { inbound, _ in
    var message = ByteBuffer()
    for try await bytes in inbound {
      message.writeImmutableBuffer(bytes)
      let view = message.readableBytesView
      if let end = view.firstRange(of: "\r\n.\r\n".utf8) {
        print(view.distance(from: view.startIndex, to: end.upperBound))
        break
      }
    }
  }
  timer.cancel()
// end
case "udp":  // task
  let channel = try await DatagramBootstrap(group: .singletonMultiThreadedEventLoopGroup)
    .connect(host: "127.0.0.1", port: port) { channel in
      channel.eventLoop.makeCompletedFuture {
        try NIOAsyncChannel<AddressedEnvelope<ByteBuffer>, ByteBuffer>(wrappingChannelSynchronously: channel)
      }
    }
  let timer = channel.channel.eventLoop.scheduleTask(in: .seconds(5)) { channel.channel.close(promise: nil) }
  try await channel.executeThenClose { inbound, outbound in
    try await outbound.write(ByteBuffer(string: "ping"))
    for try await answer in inbound {
      print(String(buffer: answer.data))
      break
    }
  }
  timer.cancel()
// end
case "unix":  // task
  let channel = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
    .connect(unixDomainSocketPath: address) { channel in
      channel.eventLoop.makeCompletedFuture {
        try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
      }
    }
  try await channel.executeThenClose { inbound, outbound in
    try await outbound.write(ByteBuffer(string: "hello\n"))
    var line = ""
    for try await bytes in inbound {
      line += String(buffer: bytes)
      if let end = line.firstIndex(of: "\n") {
        print(line[..<end])
        break
      }
    }
  }
// end
case "half":  // task
  let channel = try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
    .channelOption(.allowRemoteHalfClosure, value: true)
    .connect(host: "127.0.0.1", port: port) { channel in
      channel.eventLoop.makeCompletedFuture {
        let configuration = NIOAsyncChannel<ByteBuffer, ByteBuffer>.Configuration(isOutboundHalfClosureEnabled: true)
        return try NIOAsyncChannel(wrappingChannelSynchronously: channel, configuration: configuration)
      }
    }
  try await channel.executeThenClose { inbound, outbound in
    try await outbound.write(ByteBuffer(string: "all that there is"))
    outbound.finish()
    var answer = ByteBuffer()
    for try await bytes in inbound { answer.writeImmutableBuffer(bytes) }
    print(String(buffer: answer))
  }
// end
default: break
}
