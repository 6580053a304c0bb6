// What would mend a failure, where its place in the script tells.

import Glibc
import SockLanguage

extension Interpreter {
  /// Adds to a failure that has its place what may have been meant there.
  func addHints(to failure: Failure) {
    guard let site = failure.site else { return }
    if let path = failure.missingPath { addHint(of: path, beside: site.file, to: failure) }
    switch failure.code {
    case .range:
      guard failure.message.hasPrefix("index "), site.file.bytes(in: site.range).starts(with: "args[".utf8) else { return }
      let count = arguments.items.count
      failure.notes.append(
        count == 0
          ? "the script was started without arguments"
          : "the script was started with \(count) argument\(count == 1 ? "" : "s")")
    case .type: addHint(ofMember: site, to: failure)
    case .refused: addHint(ofOtherAddresses: failure)
    default: break
    }
  }

  /// Datagrams go to the first address of a name, whoever listens on another one.
  private func addHint(ofOtherAddresses failure: Failure) {
    guard let extras = failure.channel?.extras, let name = extras.target, let other = extras.otherAddresses.first else {
      return
    }
    failure.notes.append("help: `\(name)` is \(other) as well; `udp:\(other)` sends there")
  }

  /// A path that is relative to the script's folder, and not to the current one.
  private func addHint(of path: String, beside file: SourceFile, to failure: Failure) {
    guard !path.isEmpty, !path.hasPrefix("/"), !file.folder.isEmpty else { return }
    let name = path.hasPrefix("./") ? String(path.dropFirst(2)) : path
    guard access("\(file.folder)/\(name)", F_OK) == 0 else { return }
    failure.notes.append("help: it is beside the script: write `\"${scriptdir}/\(name)\"`")
  }

  /// A word behind a dot that other languages have there.
  private func addHint(ofMember site: SourceSite, to failure: Failure) {
    let isMember = [" has no `.", "cannot be called; only functions can", "a channel is meant here, not "].contains {
      failure.message.utf8.count < 200 && failure.message.contains($0)
    }
    guard isMember, site.range.offsets.count < 1000 else { return }
    let text = site.file.text(site.range)
    let head = text.prefix { $0 != "(" }
    guard let dot = (text.hasSuffix(")") ? head : text[...]).lastIndex(of: ".") else { return }
    let name = String(text[text.index(after: dot)...].prefix { $0 != "(" })
    if let function = BuiltinFunction(rawValue: name) {
      failure.notes.append("help: `\(name)` is a function: `\(FunctionTable[function].signature)`")
    } else if let advice = ForeignWords.call(name) {
      failure.notes.append("help: \(advice)")
    } else if failure.message.hasPrefix("a channel has no"), let advice = ForeignWords.property(name) {
      failure.notes.append("help: \(advice)")
    } else if failure.message.hasPrefix("a channel has no") {
      let known = ChannelProperty.allCases.map(\.rawValue)
      let begun = known.filter { $0.hasPrefix(name) }
      let meant = begun.isEmpty ? Suggestion.nearest(name, among: known).map { [$0] } ?? [] : begun
      let words = (meant.isEmpty ? known : meant).map { ".\($0)" }.joined(separator: " ")
      failure.notes.append(meant.count == 1 ? "help: did you mean `\(words)`?" : "help: there are \(words)")
    }
  }
}
