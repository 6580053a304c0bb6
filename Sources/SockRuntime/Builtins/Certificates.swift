// `certificate(NAMES… [, OPTIONS])`: an authority of this run, and certificates that it signs.

import SockLanguage
import SocketCore
import TLS

/// The authority of one run, made when it is first needed, and the files of what it has signed.
final class Certificates {
  private var made: CertificateAuthority?
  private var path: String?
  private var count = 0

  func authority() throws(TLSError) -> CertificateAuthority {
    if let made { return made }
    let fresh = try CertificateAuthority()
    made = fresh
    return fresh
  }

  /// The file of the authority's own certificate, which a peer is to trust.
  func authorityFile(in folder: String) throws(TLSError) -> String {
    if let path { return path }
    let written = try authority().write(to: folder, name: "ca")
    path = written
    return written
  }

  /// What `certificate()` gives: the paths of three files, and the certificate's fingerprint.
  static func make(_ arguments: Arguments, _ context: BuiltinContext) throws(Failure) -> Value {
    var request = TLSCertificateRequest(names: [])
    var isOwnAuthority = false
    for position in 0..<arguments.count {
      switch arguments[position] {
      case .string(let name): request.names.append(TLSName(name.text))
      case .address(let address): request.names.append(TLSName(address.address.host ?? ""))
      case .map(let map) where position == arguments.count - 1:
        for entry in map.entries where entry.isLive {
          try set(Show.text(entry.key).text, entry.value, &request, &isOwnAuthority, arguments, position)
        }
      default: throw arguments.wrongType(position, "a name, or at the end a map of options")
      }
    }
    if request.names.isEmpty { request.names = ["localhost", "127.0.0.1", "::1"].map { TLSName($0) } }
    return try context.certificates.issue(request, isOwnAuthority, context)
  }

  private func issue(
    _ request: TLSCertificateRequest, _ isOwnAuthority: Bool, _ context: BuiltinContext
  ) throws(Failure) -> Value {
    let folder = try context.temporaryFolder()
    count += 1
    do throws(TLSError) {
      let credentials =
        isOwnAuthority ? try CertificateAuthority.selfSigned(request) : try authority().issue(request)
      let files = try credentials.write(to: folder, name: "certificate\(count)")
      let authority = isOwnAuthority ? files.certificate : try authorityFile(in: folder)
      return .map(
        Map([
          ("cert", Value(files.certificate)), ("key", Value(files.key)), ("ca", Value(authority)),
          ("fingerprint", Value(Encodings.hex(credentials.certificate.fingerprint))),
        ]))
    } catch {
      throw Failure("cannot make a certificate", error)
    }
  }

  private static func set(
    _ name: String, _ value: Value, _ request: inout TLSCertificateRequest, _ isOwnAuthority: inout Bool,
    _ arguments: Arguments, _ position: Int
  ) throws(Failure) {
    switch name {
    case "valid":
      switch Show.text(value).text {
      case "expired": (request.validFrom, request.validUntil) = (-30 * 86400, -86400)
      case "not yet": (request.validFrom, request.validUntil) = (86400, 30 * 86400)
      case let other:
        guard let seconds = value.number, seconds > 0 else {
          throw arguments.range("`valid` is a duration, \"expired\" or \"not yet\", not \(other)")
        }
        request.validUntil = Int64(seconds)
      }
    case "usage":
      switch Show.text(value).text {
      case "server": request.usage = .server
      case "client": request.usage = .client
      case "both": request.usage = .serverAndClient
      case "code": request.usage = .codeSigning
      case let other: throw arguments.range("`usage` is server, client, both or code, not \(other)")
      }
    case "rsa":
      guard let bits = value.wholeNumber else { throw arguments.wrongType(position, "the bits of an RSA key in `rsa`") }
      request.key = .rsa(bits: bits)
    case "sha1": request.signedWithSHA1 = value.isTrue
    case "self": isOwnAuthority = value.isTrue
    default:
      throw arguments.range("`\(name)` is no option of a certificate; they are valid, usage, rsa, sha1 and self")
    }
  }
}
