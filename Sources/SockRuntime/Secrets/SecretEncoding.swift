// How a secret is written where it was found: that it is hidden says nothing of it, and a wrong encoding is a usual
// reason why it was refused.

import SockLanguage

extension Secrets.Secret {
  /// In which form it stands in some bytes, in words behind "it was sent"; nil where it does not, or is so short that it
  /// may stand there by chance.
  func form(in text: [UInt8]) -> String? {
    if offset(in: text) != nil { return "as it is" }
    guard bytes.count >= SecretSearch.shortest, !text.isEmpty else { return nil }
    let lower = text.map(SecretSearch.lowered)
    func holds(_ form: [UInt8]) -> Bool {
      let form = form.map(SecretSearch.lowered)
      return lower.withUnsafeBytes { all in form.withUnsafeBytes { all.offset(of: $0) } } != nil
    }
    if holds(bytes) { return "in other letter case" }
    if ["", " ", ":", "-"].contains(where: { holds(SecretSearch.hex(bytes, $0)) }) { return "in hex" }
    func isBase64(_ alphabet: [UInt8]) -> Bool {
      (0..<3).contains { holds(SecretSearch.characters(bytes, $0, alphabet).own) }
    }
    if isBase64(SecretSearch.standard) { return "in Base64" }
    if isBase64(SecretSearch.url) { return "in Base64 for URLs" }
    var percents = Unescaped(plain: text)
    if percents.undoPercents(), offset(in: percents.bytes) != nil { return "URL-encoded" }
    var escapes = Unescaped(plain: text)
    if escapes.undoEscapes(), offset(in: escapes.bytes) != nil { return "with escapes" }
    return nil
  }
}
