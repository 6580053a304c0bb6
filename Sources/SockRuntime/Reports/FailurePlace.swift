// Where a failure is looked for first.

import SockLanguage

extension Failure {
  /// Where to look first, with the calls that led there, innermost first; nil: it has no place.
  ///
  /// What fails inside a library of the program is the peer's doing or the caller's, and its user has not written it: it is
  /// told at the line that called the library, and `inside` says where it arose and by which calls, innermost first.
  /// Empty where the failure arose at the place itself.
  package var place: (site: SourceSite, calls: [SourceSite], inside: [SourceSite])? {
    guard let site else { return nil }
    if site.file.isLibrary, let caller = calls.firstIndex(where: { !$0.file.isLibrary }) {
      return (calls[caller], Array(calls[(caller + 1)...]), [site] + calls[..<caller])
    }
    return (site, calls, [])
  }
}
