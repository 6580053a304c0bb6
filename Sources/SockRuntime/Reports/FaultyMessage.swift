// A message that does not decode, in words: the fields up to what is wrong, and what that is.

import SockLanguage

extension LayoutTrace {
  /// About so many characters are made of the fields, and at most so many of one.
  private static let (shown, shownOfField) = (200, 100)

  /// `Note {kind: 7, text: "one", sum: 1 (computed 2042181177)}`. What stands in a list or message that did not come to
  /// its end has its whole path. Nil: no field stands before the fault.
  /// - Parameters:
  ///   - problem: why the decoding that has made this trace has stopped.
  ///   - hide: makes stars of secrets. It comes before anything is cut: half of one would not be known.
  func words(of layout: MessageLayout, upTo problem: LayoutProblem, hiding hide: (String) -> String) -> String? {
    func part(_ path: String, _ text: String) -> String {
      let text = hide(text)
      let isLong = text.count > LayoutTrace.shownOfField
      return "\(path.dropFirst()): \(isLong ? "\(text.prefix(LayoutTrace.shownOfField))…" : text)"
    }
    var text = ""
    var isCut = false
    var fault: String?
    var isInPlace = false
    var whole: String?
    func isInside(_ path: String, _ outer: String) -> Bool {
      path.hasPrefix(outer) && [".", "["].contains(path.dropFirst(outer.count).first)
    }
    for entry in entries {
      let path = self.path(of: entry)
      if let whole, isInside(path, whole) { continue }
      whole = path
      if path == problem.path {
        let value = problem.values ?? "\(Show.inspect(entry.value).text) (\(problem.text))"
        fault = part(path, value)
        if !isCut, let fault {
          isInPlace = true
          text += text.isEmpty ? fault : ", \(fault)"
        }
      } else if entry.name != "_", !isCut {
        isCut = text.count > LayoutTrace.shown
        let field = isCut ? "…" : part(path, Show.inspect(entry.value).text)
        text += text.isEmpty ? field : ", \(field)"
      }
    }
    if text.isEmpty { return nil }
    // Numbers that are a secret's bytes only together.
    if problem.path.isEmpty { return hide("\(layout.name) {\(text)} (\(problem.text))") }
    if !isInPlace { text += ", \(fault ?? part(problem.path, problem.values ?? "(\(problem.text))"))" }
    return hide("\(layout.name) {\(text)}")
  }
}
