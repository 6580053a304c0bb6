// Authorities and certificates that are made for a run.
import COpenSSL
import Glibc
import SocketCore

/// What a certificate is to be like.
public struct TLSCertificateRequest: Hashable, Sendable {
  /// What the holder may do with it (RFC 5280 section 4.2.1.12).
  public enum Usage: Hashable, Sendable {
    case server, client, serverAndClient
    /// Neither: for programs. It is the wrong one in any handshake.
    case codeSigning
  }

  public enum Key: Hashable, Sendable {
    case p256
    /// So many bits, 512 to 16384. 1024 are weak; making 2048 takes a tenth of a second.
    case rsa(bits: Int)
  }

  public var names: [TLSName]
  public var usage = Usage.server
  public var key = Key.p256
  /// Seconds from now at which it begins to be valid, and ends to be; within 1970 and 9999.
  public var validFrom: Int64 = -3600
  public var validUntil: Int64 = 30 * 86400
  /// Whether it is signed with SHA-1, which is weak, and not with SHA-256.
  public var signedWithSHA1 = false

  public init(names: [TLSName]) {
    self.names = names
  }
}

/// A certificate with its chain and its key.
public struct TLSCredentials: Sendable {
  public let certificate: TLSCertificate
  /// The certificates between it and the authority, which is not in it.
  public let chain: [TLSCertificate]
  public let keyPEM: String

  /// The certificate and its chain: what a server's file of certificates holds.
  public var certificatePEM: String { certificate.pem + chain.map(\.pem).joined() }

  /// For a context.
  public var identity: TLSOptions.Identity {
    TLSOptions.Identity(certificate: .pem(certificatePEM), key: .pem(keyPEM))
  }

  /// Writes NAME.crt, with the chain, and NAME.key, which nobody else may read, in a folder. What was there under these
  /// names is gone. Gives the paths.
  public func write(to folder: String, name: String) throws(TLSError) -> (certificate: String, key: String) {
    let paths = (certificate: "\(folder)/\(name).crt", key: "\(folder)/\(name).key")
    try writeFile(paths.certificate, certificatePEM, mode: 0o644)
    try writeFile(paths.key, keyPEM, mode: 0o600)
    return paths
  }
}

/// Writes a new file in the place of an old one, so that its mode is the one asked for.
private func writeFile(_ path: String, _ text: String, mode: mode_t) throws(TLSError) {
  func fail() -> TLSError {
    TLSError(.configuration, "cannot write \(path): \(Errno(rawValue: errno).message)")
  }
  if path.utf8.contains(0) { throw TLSError(.configuration, "no path has a NUL byte in it: \(path)") }
  if unlink(path) != 0, errno != ENOENT { throw fail() }
  let fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode)
  if fd < 0 { throw fail() }
  defer { close(fd) }
  var rest = Array(text.utf8)[...]
  while !rest.isEmpty {
    let count = rest.withUnsafeBytes { Glibc.write(fd, $0.baseAddress, $0.count) }
    if count < 0, errno == EINTR { continue }
    if count < 0 { throw fail() }
    rest = rest.dropFirst(count)
  }
}

/// An authority that nobody knows but who is told: it issues certificates, and authorities under it.
public final class CertificateAuthority: Sendable {
  /// Its own certificate, which is to be trusted.
  public let certificate: TLSCertificate
  private let handle: CertificateHandle
  private let key: KeyHandle
  /// The certificates between this authority and the one at the top: its own first, the top left out.
  private let chain: [TLSCertificate]

  /// A new authority with a key of its own.
  public init(
    name: String = "sock test authority", key kind: TLSCertificateRequest.Key = .p256, validFrom: Int64 = -3600,
    validUntil: Int64 = 365 * 86400, under issuer: CertificateAuthority? = nil
  ) throws(TLSError) {
    try OpenSSL.load()
    key = try makeKey(kind)
    var request = TLSCertificateRequest(names: [])
    (request.validFrom, request.validUntil) = (validFrom, validUntil)
    handle = try makeCertificate(
      request, commonName: name, authority: true, key: key, issuer.map { ($0.handle, $0.key) })
    certificate = TLSCertificate(handle.pointer)
    chain = if let issuer { [certificate] + issuer.chain } else { [] }
  }

  /// A certificate with a new key, signed by this authority.
  public func issue(_ request: TLSCertificateRequest) throws(TLSError) -> TLSCredentials {
    try make(request, by: (handle, key), chain: chain)
  }

  /// A certificate that is its own authority.
  public static func selfSigned(_ request: TLSCertificateRequest) throws(TLSError) -> TLSCredentials {
    try OpenSSL.load()
    return try make(request, by: nil, chain: [])
  }

  /// Writes NAME.crt, its certificate alone, in a folder, and gives the path.
  public func write(to folder: String, name: String = "ca") throws(TLSError) -> String {
    let path = "\(folder)/\(name).crt"
    try writeFile(path, certificate.pem, mode: 0o644)
    return path
  }
}

private typealias Issuer = (certificate: CertificateHandle, key: KeyHandle)

private func make(
  _ request: TLSCertificateRequest, by issuer: Issuer?, chain: [TLSCertificate]
) throws(TLSError) -> TLSCredentials {
  let key = try makeKey(request.key)
  // A common name has 64 characters at most (RFC 5280 appendix A.1); it says nothing that the names do not.
  let name = request.names.first?.text ?? ""
  let commonName = (1...64).contains(name.unicodeScalars.count) ? name : "sock test"
  let certificate = try makeCertificate(request, commonName: commonName, authority: false, key: key, issuer)
  final class Text { var pem = "" }
  let text = Text()
  let described = copenssl_describe_key(key.pointer, Unmanaged.passUnretained(text).toOpaque()) {
    receiver, _, bytes, count in
    guard let receiver else { return }
    Unmanaged<Text>.fromOpaque(receiver).takeUnretainedValue().pem = String(
      decoding: UnsafeRawBufferPointer(start: bytes, count: count), as: UTF8.self)
  }
  if !described { throw TLSError(.other, "cannot write a new key as PEM") }
  return TLSCredentials(certificate: TLSCertificate(certificate.pointer), chain: chain, keyPEM: text.pem)
}

private func makeKey(_ kind: TLSCertificateRequest.Key) throws(TLSError) -> KeyHandle {
  var failure = copenssl_failure()
  var bits: UInt32 = 0
  if case .rsa(let wanted) = kind {
    guard (512...16384).contains(wanted) else {
      throw TLSError(.configuration, "an RSA key has 512 to 16384 bits, not \(wanted)")
    }
    bits = UInt32(wanted)
  }
  guard let key = copenssl_make_key(bits, &failure) else {
    throw TLSError(.other, "cannot make a key: \(failure.words)")
  }
  return KeyHandle(owning: key)
}

/// The time some seconds from now, in seconds since 1970.
private func time(in seconds: Int64) throws(TLSError) -> Int64 {
  var now = timespec()
  clock_gettime(CLOCK_REALTIME, &now)
  let (time, overflow) = Int64(now.tv_sec).addingReportingOverflow(seconds)
  // RFC 5280 section 4.1.2.5 has four digits for the year.
  if !overflow, (0...253_402_300_799).contains(time) { return time }
  throw TLSError(.configuration, "a certificate's time lies within 1970 and 9999, not \(seconds) s from now")
}

private func makeCertificate(
  _ request: TLSCertificateRequest, commonName: String, authority: Bool, key: KeyHandle, _ issuer: Issuer?
) throws(TLSError) -> CertificateHandle {
  var encoded: [(kind: copenssl_field, bytes: [UInt8])] = []
  for name in request.names {
    guard let one = name.encoded else {
      throw TLSError(
        .configuration, "\"\(name.text)\" cannot be a name in a certificate",
        cure: "give a host's name in ASCII (xn--… for another), an address in numbers, a URI or an e-mail address")
    }
    encoded.append(one)
  }
  // One block of memory for all the names, which outlives the call.
  let bytes = encoded.flatMap(\.bytes)
  let (notBefore, notAfter) = (try time(in: request.validFrom), try time(in: request.validUntil))
  var failure = copenssl_failure()
  let made = bytes.withUnsafeBytes { all in
    var start = 0
    let names = encoded.map { one in
      defer { start += one.bytes.count }
      return copenssl_name(kind: one.kind, bytes: all.baseAddress.map { $0 + start }, count: one.bytes.count)
    }
    return names.withUnsafeBufferPointer { names in
      commonName.withCString { commonName in
        var wanted = copenssl_request()
        wanted.common_name = commonName
        wanted.names = names.baseAddress
        wanted.name_count = names.count
        (wanted.not_before, wanted.not_after) = (notBefore, notAfter)
        wanted.authority = authority
        if !authority {
          wanted.for_server = request.usage == .server || request.usage == .serverAndClient
          wanted.for_client = request.usage == .client || request.usage == .serverAndClient
          wanted.for_code = request.usage == .codeSigning
        }
        wanted.sha1 = request.signedWithSHA1
        return copenssl_make_certificate(
          &wanted, key.pointer, issuer?.certificate.pointer, issuer?.key.pointer, &failure)
      }
    }
  }
  guard let made else { throw TLSError(.other, "cannot make a certificate for \(commonName): \(failure.words)") }
  return CertificateHandle(owning: made)
}
