// One file under several spellings: `a.sock`, `./a.sock` and `/srv/suite/a.sock` are the same tests to who compares runs.

struct FileSpelling {
  /// The absolute paths that another run has as relative ones.
  private var relative: [String: String] = [:]

  init(_ runs: [JsonReport.Run]) {
    let files = runs.map { run in Set((run.files + run.records.map(\.file)).map(FileSpelling.normal)) }
    let all = files.reduce(into: Set<String>()) { $0.formUnion($1) }
    let short = all.filter { !$0.hasPrefix("/") }
    for path in all where path.hasPrefix("/") {
      let candidates = short.filter { path.hasSuffix("/\($0)") }
      // One run that has both of them has two files.
      guard candidates.count == 1, let name = candidates.first,
        !files.contains(where: { $0.contains(path) && $0.contains(name) })
      else { continue }
      relative[path] = name
    }
  }

  func apply(to runs: inout [JsonReport.Run]) {
    for run in runs.indices {
      for record in runs[run].records.indices {
        let old = runs[run].records[record].file
        let new = spelled(old)
        guard new != old else { continue }
        runs[run].records[record].file = new
        // What stands for the file as a whole is called by its path.
        let name = runs[run].records[record].name
        if name == old || name.hasPrefix("\(old) (") { runs[run].records[record].name = new + name.dropFirst(old.count) }
      }
    }
  }

  private func spelled(_ path: String) -> String {
    let path = FileSpelling.normal(path)
    return relative[path] ?? path
  }

  /// Without `.` and empty parts, and without `..` behind the name of a folder.
  static func normal(_ path: String) -> String {
    var parts: [Substring] = []
    for part in path.split(separator: "/") where part != "." {
      if part == "..", let last = parts.last, last != ".." { parts.removeLast() } else { parts.append(part) }
    }
    return (path.hasPrefix("/") ? "/" : "") + parts.joined(separator: "/")
  }
}
