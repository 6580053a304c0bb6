// What a worker is to do, as it crosses the pipe to it: values, so that it looks nothing up that may have changed.

import SockRuntime

/// Lines of JSON: the first says how the jobs are run, each of the others is a job.
struct WorkOrder {
  /// The command line of `sock test`, without the program's name. It is not the worker's own: what `--set` gives is
  /// nobody's business who looks at the list of processes.
  var words: [String] = []
  /// What `--secret` has read: a pipe can be read once.
  var secrets: [(name: String, value: [UInt8])] = []
  /// It is drawn once.
  var seed: UInt64?
  /// With `--rerun-failed`, what is run again.
  var only: FailedTests?
  /// By this is found what the worker leaves.
  var mark = ""
  /// The run has no other file.
  var isOnlyFile = false
  /// Each with the number by which the worker speaks of it.
  var jobs: [(number: Int, job: Job)] = []

  init() {}

  var encoded: [UInt8] {
    var lines = [
      "{\"words\":\(JsonText.list(words)),\"mark\":\(JsonText.quoted(mark)),\"seed\":\(JsonText.optional(seed.map(String.init)))"
        + ",\"secrets\":\(JsonText.list(secrets.map { WorkOrder.text($0.name, $0.value) }))"
        + (only.map { ",\"only\":\(JsonText.list($0.identities.sorted()))" } ?? "") + ",\"only_file\":\(isOnlyFile)}"
    ]
    for (number, job) in jobs {
      var line = "{\"number\":\(number),\"file\":\(JsonText.quoted(job.file)),\"named\":\(job.isNamed)"
      line += ",\"segmentation\":\(JsonText.quoted(job.segmentation.word))"
      if let target = job.target {
        line += ",\"target\":{\"name\":\(JsonText.quoted(target.name)),\"address\":\(JsonText.quoted(target.address))}"
      }
      lines.append(line + "}")
    }
    return Array((lines.joined(separator: "\n") + "\n").utf8)
  }

  init(_ bytes: [UInt8]) throws(DiscoveryError) {
    do throws(JsonError) {
      let lines = bytes.split(separator: 0x0A)
      guard let first = lines.first else { throw JsonError(message: "it is empty") }
      let head = try JsonFields(first)
      words = try head.strings("words")
      mark = try head.string("mark")
      seed = try head.optional("seed").flatMap { UInt64($0) }
      for text in try head.strings("secrets") {
        guard let secret = WorkOrder.secret(text) else { throw JsonError(message: "a secret cannot be read") }
        secrets.append(secret)
      }
      if head.has("only") { only = FailedTests(Set(try head.strings("only"))) }
      isOnlyFile = try head.boolean("only_file")
      for line in lines.dropFirst() {
        let fields = try JsonFields(line)
        let word = try fields.string("segmentation")
        guard let segmentation = Segmentation(word: word) else {
          throw JsonError(message: "sends cannot be cut as `\(word)`")
        }
        var target: (name: String, address: String)?
        if let named = fields.object("target") { target = (try named.string("name"), try named.string("address")) }
        let job = Job(
          file: try fields.string("file"), isNamed: try fields.boolean("named"), target: target, segmentation: segmentation)
        jobs.append((try fields.integer("number"), job))
      }
    } catch {
      throw DiscoveryError(message: "cannot read the list of jobs: \(error.message)")
    }
  }
}

extension WorkOrder {
  /// Any bytes, as text.
  private static func text(_ name: String, _ value: [UInt8]) -> String {
    "\(name)=\(value.map(String.init).joined(separator: " "))"
  }

  private static func secret(_ text: String) -> (name: String, value: [UInt8])? {
    guard let equals = text.firstIndex(of: "=") else { return nil }
    let words = text[text.index(after: equals)...].split(separator: " ")
    let value = words.compactMap { UInt8($0) }
    return value.count == words.count ? (String(text[..<equals]), value) : nil
  }
}

extension Segmentation {
  fileprivate var word: String {
    switch self {
    case .asWritten: return "as written"
    case .pieces(let size): return "\(size)"
    case .halves: return "halves"
    case .joined: return "joined"
    }
  }

  fileprivate init?(word: String) {
    switch word {
    case "as written": self = .asWritten
    case "halves": self = .halves
    case "joined": self = .joined
    default:
      guard let size = Int(word), size > 0 else { return nil }
      self = .pieces(size)
    }
  }
}
