// What completion is told of values: what may stand behind their dots.

import SockLanguage
import SocketCore

enum ValueNature {
  static func kind(of value: Value) -> CompletionContext.ValueKind {
    switch value {
    case .channel(let channel): .channel(nature(of: channel))
    case .address: .address
    case .error: .error
    case .task: .task
    case .boolean, .integer, .float, .string, .list, .range, .regex, .function, .builtin, .message, .presence: .plain
    case .nothing, .map, .match, .module, .cell: .unknown
    }
  }

  static func nature(of channel: Channel) -> ChannelNature {
    let kind: ChannelNature.Kind =
      switch channel.kind {
      case .stream: .stream
      case .datagram: .datagram
      case .listener: .listener
      case .process: .process
      case .standard: .standard
      case .device: .device
      case .bare: .bare
      case .pipe: .pipe
      }
    return ChannelNature(kind, isLocal: channel.socket?.domain == .unix, hasTerminal: channel.terminal != nil)
  }
}

extension Session {
  /// What `conn` and `listener` are now.
  package var currentChannels: [PredefinedName: ChannelNature] {
    var found: [PredefinedName: ChannelNature] = [:]
    if let conn = state.conn { found[.conn] = ValueNature.nature(of: conn) }
    if let listener = state.listener { found[.listener] = ValueNature.nature(of: listener) }
    return found
  }
}
