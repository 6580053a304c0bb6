// What builtin functions keep between calls.

import SockLanguage
import SocketCore

/// One for each running script, used by its thread only.
package final class BuiltinContext {
  package let patterns: PatternCache
  package var permissions = Permissions()
  package var golden = GoldenFolder()
  /// What `random` and the like draw from.
  package var chance = Chance()
  /// Values that a dump, which is there to be shown, hides; nil where there are none.
  var secrets: Secrets?
  /// What `encode` has made lately; nil: nobody asks.
  var encoded: EncodedMessages?
  let certificates = Certificates()
  /// The run's `tmpdir`, which is made when it is first asked for.
  var temporaryFolder: () throws(Failure) -> String = { () throws(Failure) in
    throw Failure(.system(.notSupported), "there is no temporary folder here", errno: Errno.notSupported.rawValue)
  }
  /// The sockets that this process was started with, and their names.
  var inheritedChannels: () throws(Failure) -> [(name: ByteString, channel: Channel)] = { () throws(Failure) in [] }
  private var packFormats: [ByteKey: PackFormat] = [:]
  /// Formats by where their texts lie: the constants of a loop are found without hashing.
  private var latestPackFormats = [(text: ByteString, format: PackFormat)?](repeating: nil, count: 16)

  private static let maximumPackFormats = 256

  package init(limits: PatternLimits = PatternLimits()) {
    patterns = PatternCache(limits: limits)
  }

  /// The parsed format of `pack` and `unpack`.
  func packFormat(_ text: ByteString, _ arguments: Arguments) throws(Failure) -> PackFormat {
    // What lies apart by a small string's size has another place.
    let place = Int(UInt(bitPattern: ObjectIdentifier(text)) >> 4 & 15)
    if let latest = latestPackFormats[place], latest.text === text { return latest.format }
    let key = ByteKey(text)
    let format: PackFormat
    if let known = packFormats[key] {
      format = known
    } else {
      format = try PackFormat(text, arguments)
      if packFormats.count >= BuiltinContext.maximumPackFormats { packFormats.removeAll() }
      packFormats[key] = format
    }
    latestPackFormats[place] = (text, format)
    return format
  }
}
