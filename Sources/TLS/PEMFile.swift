// Certificates and keys from files and texts.
import COpenSSL
import Glibc
import SocketCore

/// An X509 of OpenSSL that is freed with the object; several threads may use it.
final class CertificateHandle: @unchecked Sendable {
  let pointer: OpaquePointer

  init(owning pointer: OpaquePointer) {
    self.pointer = pointer
  }

  deinit { copenssl_certificate_free(pointer) }
}

/// An EVP_PKEY of OpenSSL, likewise.
final class KeyHandle: @unchecked Sendable {
  let pointer: OpaquePointer

  init(owning pointer: OpaquePointer) {
    self.pointer = pointer
  }

  deinit { copenssl_key_free(pointer) }
}

extension TLSSource {
  /// The most bytes that a file of certificates may have: the store of a whole system takes a fifth of them.
  private static let largest = 1 << 20

  /// The text that is there now, under the same name: who keeps a file for later would not see that it has changed.
  ///
  /// - Parameter purpose: what it holds, for the error: "the certificate", say.
  public func loaded(as purpose: String) throws(TLSError) -> TLSSource {
    guard case .file(let path) = self else { return self }
    return .pem(String(decoding: try bytes(of: purpose), as: UTF8.self), name: path)
  }

  /// The bytes of the text or the file, which holds `purpose`: "the certificate", say.
  func bytes(of purpose: String) throws(TLSError) -> [UInt8] {
    switch self {
    case .pem(let text, _): return Array(text.utf8)
    case .file(let path):
      do throws(Errno) {
        let bytes = try Self.read(path)
        if bytes.count <= Self.largest { return bytes }
      } catch {
        throw TLSError(.configuration, "cannot read \(purpose) from \(path): \(error.message)")
      }
      throw TLSError(.configuration, "cannot read \(purpose) from \(path): it has more than 1 MiB")
    }
  }

  /// A file's bytes, and one more than `largest` of a larger one.
  private static func read(_ path: String) throws(Errno) -> [UInt8] {
    if path.utf8.contains(0) { throw .noSuchFileOrDirectory }
    // A pipe that nobody writes is no reason to wait.
    let fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    if fd < 0 { throw Errno(rawValue: errno) }
    defer { close(fd) }
    var all: [UInt8] = []
    var piece = [UInt8](repeating: 0, count: 16384)
    while all.count <= largest {
      let count = Glibc.read(fd, &piece, piece.count)
      if count < 0, errno == EINTR { continue }
      if count < 0 { throw Errno(rawValue: errno) }
      if count == 0 { break }
      all += piece[..<count]
    }
    return all
  }

  /// All certificates in it, at least one.
  func certificates(of purpose: String) throws(TLSError) -> [CertificateHandle] {
    let bytes = try bytes(of: purpose)
    final class Found { var all: [CertificateHandle] = [] }
    let found = Found()
    var failure = copenssl_failure()
    let good = copenssl_read_certificates(
      bytes, bytes.count, Unmanaged.passUnretained(found).toOpaque(),
      { receiver, certificate in
        guard let receiver, let certificate else { return }
        Unmanaged<Found>.fromOpaque(receiver).takeUnretainedValue().all.append(CertificateHandle(owning: certificate))
      }, &failure)
    if good { return found.all }
    if found.all.isEmpty, failure.kind == COPENSSL_FAILURE_NO_PEM {
      throw TLSError(
        .configuration, "there is no certificate in \(self)",
        cure: "it has to be PEM, which begins with -----BEGIN CERTIFICATE-----")
    }
    let reason = failure.words.isEmpty ? "it is damaged" : failure.words
    throw TLSError(.configuration, "cannot read certificate \(found.all.count + 1) in \(self): \(reason)")
  }

  /// The first private key in it.
  func key() throws(TLSError) -> KeyHandle {
    let bytes = try bytes(of: "the key")
    var failure = copenssl_failure()
    if let key = copenssl_read_key(bytes, bytes.count, &failure) { return KeyHandle(owning: key) }
    if failure.kind == COPENSSL_FAILURE_ENCRYPTED_KEY {
      throw TLSError(
        .configuration, "the key in \(self) is encrypted",
        cure: "openssl pkey -in \(self) -out plain.key writes it without its password")
    }
    if failure.kind == COPENSSL_FAILURE_NO_PEM || failure.words.contains("unsupported") {
      throw TLSError(
        .configuration, "there is no private key in \(self)",
        cure: "it has to be PEM, which begins with -----BEGIN PRIVATE KEY----- or the like; "
          + "`key FILE` names another file")
    }
    let reason = failure.words.isEmpty ? "it is damaged" : failure.words
    throw TLSError(.configuration, "cannot read the key in \(self): \(reason)")
  }
}
