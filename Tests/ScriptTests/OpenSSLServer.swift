// OpenSSL's own server of TLS, with a certificate that it has made itself, for scripts to talk to.
import Testing

/// It sends each line back reversed.
struct OpenSSLServer {
  let program: RunningProgram
  /// The file of its certificate, which is for localhost and signed by itself.
  let certificate: String
  let port: String

  /// - Parameter options: of `openssl s_server`, beside the address and the certificate.
  init(in folder: TemporaryFolder, _ options: [String] = []) throws {
    certificate = folder.file("server.crt")
    let key = folder.file("server.key")
    let made = try RunningProgram([
      "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2", "-subj",
      "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout", key, "-out", certificate,
    ]).finish()
    try #require(made.status == 0, "\(made.errors)")
    program = try RunningProgram(
      ["openssl", "s_server", "-accept", "127.0.0.1:0", "-rev", "-cert", certificate, "-key", key] + options, input: nil)
    var line = ""
    repeat { line = try program.line() } while !line.hasPrefix("ACCEPT ")
    port = String(try #require(line.split(separator: ":").last))
  }
}
