// What `sock --version` says: which build this is, of what it is made, and what this machine lends it.

import CBuild
import CPCRE2
import CReadline
import SocketCore
import TLS

enum Version {
  static var text: String {
    let commit = cbuild_commit().map { " (commit \(String(cString: $0)))" } ?? ""
    let openssl = OpenSSL.version.map { "OpenSSL \($0)" } ?? "no OpenSSL 3, so no TLS and no digests: apt install libssl3"
    var text = "sock \(Main.version)\(commit)\n"
    text += "with PCRE2 \(pcre2) and readline \(String(cString: creadline_version())); of this machine \(openssl)\n"
    if let support = Confinement.support { text += "the kernel holds --deny and --allow: \(support)\n" }
    return text
  }

  /// As "10.42".
  private static var pcre2: String {
    let size = Int(pcre2_config_8(UInt32(PCRE2_CONFIG_VERSION), nil))
    guard size > 0 else { return "?" }
    var buffer = [CChar](repeating: 0, count: size)
    pcre2_config_8(UInt32(PCRE2_CONFIG_VERSION), &buffer)
    // Behind it stands its date.
    return String(decoding: buffer.prefix { $0 != 0 && $0 != 32 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
  }
}
