// Which secret the stars stand for, in which encoding it went out, and whether what came is an echo of it.

import SockLanguage

extension FailureSurroundings {
  var secretFound: String? {
    guard failure.code == .mismatch, !interpreter.secrets.isEmpty, let channel = failure.channel else { return nil }
    let entries = entries(of: channel)
    let sent = entries.filter { $0.event == .sent }
    // The answer is what came after the last send.
    let answer = entries[(entries.lastIndex { $0.event == .sent } ?? 0)...].filter { $0.event == .received }
    let came = Array(answer.map(\.bytes).joined())
    for secret in interpreter.secrets.all.reversed() where !secret.name.isEmpty {
      let form = secret.form(in: came)
      let name = "`\(secret.name)`"
      guard let (out, place) = send(of: secret, in: sent) else {
        if let form { return "\(name) came \(form), and was not sent on this connection\(secret.oddity)\(ValueOrigin.origin(ofSecret: secret.name, interpreter))" }
        continue
      }
      guard let form else { return "\(name) was sent \(out)\(place)\(secret.oddity)\(ValueOrigin.origin(ofSecret: secret.name, interpreter))" }
      return form == out
        ? "\(name) came back \(form): an echo of what was sent\(place)\(secret.oddity)\(ValueOrigin.origin(ofSecret: secret.name, interpreter))"
        : "\(name) came back \(form); it was sent \(out)\(place)\(secret.oddity)\(ValueOrigin.origin(ofSecret: secret.name, interpreter))"
    }
    return nil
  }

  /// In which form a secret went out last, and where; the place is empty where it went in pieces.
  private func send(of secret: Secrets.Secret, in sent: [Transcript.Entry]) -> (form: String, place: String)? {
    for entry in sent.reversed() {
      if let form = secret.form(in: entry.bytes) { return (form, place(entry)) }
    }
    return secret.form(in: Array(sent.map(\.bytes).joined())).map { ($0, "") }
  }
}
