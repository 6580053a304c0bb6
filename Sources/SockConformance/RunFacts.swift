// What is known of a run as a whole: how it was started, where, and of which state of the repository.

import Glibc
import SockLanguage
import SockRuntime

package struct RunFacts: Sendable {
  /// Of sock.
  package var version: String
  /// The words of the command line, without the program's; values of secrets are hidden.
  package var command: [String]
  /// The machine's name and system: `build7 (Linux 6.1.0 x86_64)`.
  package var host: String
  /// Of the repository that the current folder is in; nil where that is none, or none that could be read.
  package var commit: String?
  /// What `--set` and `--secret` have given; nil instead of a value that may not be shown.
  package var settings: [(name: String, value: String?)] = []

  package init(version: String, command: [String], host: String, commit: String?) {
    self.version = version
    self.command = command
    self.host = host
    self.commit = commit
  }

  init(_ options: TestOptions, files: [String]) {
    let open = RunFacts.openSettings(options, files)
    let masked = RunFacts.mask(options, open)
    self.init(
      version: options.version, command: options.words.map { Bounds.cut(masked($0), to: RunFacts.longest) },
      host: RunFacts.machine, commit: Repository.commit)
    settings = options.settings.map { name, value in
      let text = Bounds.cut(masked(String(decoding: value, as: UTF8.self)), to: RunFacts.longest)
      return (name, open.contains(name) ? text : nil)
    } + options.secrets.map { ($0.name, nil) }
  }

  /// The words of the command line as they may be shown.
  static func shownWords(_ options: TestOptions, _ files: [String]) -> [String] {
    if options.settings.isEmpty, options.secrets.isEmpty { return options.words }
    return options.words.map(mask(options, openSettings(options, files)))
  }

  /// Hides the values that are secret, or of which that is not known.
  private static func mask(_ options: TestOptions, _ open: Set<String>) -> (String) -> String {
    var hidden: [(text: String, shown: String)] = []
    for (name, value) in options.settings where !open.contains(name) {
      hidden.append(("\(name)=\(String(decoding: value, as: UTF8.self))", "\(name)=***"))
    }
    let secrets = options.secrets.map { String(decoding: $0.value, as: UTF8.self) }.filter { !$0.isEmpty }
    return { [hidden] text in
      var text = text
      for (whole, shown) in hidden where text == whole || text.hasSuffix("=" + whole) {
        text = text.dropLast(whole.count) + shown
      }
      for secret in secrets { text = text.replacing(secret, with: "***") }
      return text
    }
  }

  /// Bytes of a word of the command line, and of a value.
  private static let longest = 1000

  /// The names that some script declares, and none as a secret: what is not known may not be shown.
  private static func openSettings(_ options: TestOptions, _ files: [String]) -> Set<String> {
    guard !options.settings.isEmpty else { return [] }
    var declared: Set<String> = []
    var secret: Set<String> = []
    for path in files {
      guard case .success(let source) = ScriptFiles.readRegular(path) else { continue }
      let loaded = Loader.load(source) { path, importer in ScriptFiles.read(importing: path, from: importer) }
      let interface = ScriptInterface(loaded.main)
      for setting in interface.settings + interface.importedSettings {
        declared.insert(setting.name.name)
        if setting.isSecret { secret.insert(setting.name.name) }
      }
    }
    return declared.subtracting(secret)
  }

  private static var machine: String {
    var system = utsname()
    guard uname(&system) == 0 else { return "unknown" }
    return "\(text(system.nodename)) (\(text(system.sysname)) \(text(system.release)) \(text(system.machine)))"
  }

  private static func text<Characters>(_ field: Characters) -> String {
    withUnsafeBytes(of: field) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
  }
}

/// The state of the files under test, as a CI system or the repository itself tells it; no process is run for it.
private enum Repository {
  /// GitHub, GitLab, Jenkins, CircleCI, Bitbucket, Buildkite, Drone, Azure Pipelines.
  private static let variables = [
    "GITHUB_SHA", "CI_COMMIT_SHA", "GIT_COMMIT", "CIRCLE_SHA1", "BITBUCKET_COMMIT", "BUILDKITE_COMMIT",
    "DRONE_COMMIT_SHA", "BUILD_SOURCEVERSION",
  ]

  static var commit: String? {
    for name in variables {
      if let value = getenv(name).map({ String(cString: $0) }), isHash(value) { return value }
    }
    var folder = ""
    // As many folders as a path may have.
    for _ in 0..<64 {
      if let head = head(in: "\(folder).git") { return head }
      folder += "../"
    }
    return nil
  }

  /// Of `.git`, which in a further work tree is a file that names the folder.
  private static func head(in path: String) -> String? {
    var folder = path
    if let text = line(of: path), text.hasPrefix("gitdir: ") {
      let named = String(text.dropFirst("gitdir: ".count))
      folder = named.hasPrefix("/") ? named : String(path.dropLast(".git".count)) + named
    }
    guard let head = line(of: "\(folder)/HEAD") else { return nil }
    guard head.hasPrefix("ref: ") else { return isHash(head) ? head : nil }
    let reference = String(head.dropFirst("ref: ".count))
    let branch = reference.hasPrefix("refs/heads/") ? String(reference.dropFirst("refs/heads/".count)) : reference
    var folders = [folder]
    if let common = line(of: "\(folder)/commondir") {
      folders.append(common.hasPrefix("/") ? common : "\(folder)/\(common)")
    }
    for folder in folders {
      if let hash = line(of: "\(folder)/\(reference)"), isHash(hash) { return "\(hash) (\(branch))" }
      for entry in lines(of: "\(folder)/packed-refs") where entry.hasSuffix(" " + reference) {
        let hash = String(entry.prefix { $0 != " " })
        if isHash(hash) { return "\(hash) (\(branch))" }
      }
    }
    return nil
  }

  private static func isHash(_ text: String) -> Bool { (7...64).contains(text.count) && text.allSatisfy(\.isHexDigit) }

  private static func line(of path: String) -> String? { lines(of: path).first.map(String.init) }

  private static func lines(of path: String) -> [Substring] {
    guard case .success(let file) = ScriptFiles.readRegular(path) else { return [] }
    return String(decoding: file.bytes, as: UTF8.self).split(separator: "\n")
  }
}
