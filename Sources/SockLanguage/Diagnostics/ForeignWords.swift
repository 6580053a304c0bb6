// What a word that is none of the language was meant to be: one of another language, or a misspelt one.

/// How the option `proxied` of `connect` is written.
package enum ProxyHeaderCure {
  package static let text = "write `proxied 2`, or `proxied {source: \"192.0.2.1:4711\"}`"
}

package enum ForeignWords {
  /// What a word of another language is here.
  enum Meant {
    /// Where a statement begins.
    case verb(Verb)
    case keyword(Keyword)
    /// A verb with its option.
    case phrase(String)
    /// It is written otherwise: advice. The line was meant to start a block, which is read as that of the keyword.
    case block(String, like: Keyword)
    case statement(String)
    /// Where it is called: advice.
    case call(String)
    /// Where a value stands: what to write in its place, or advice.
    case value(String)
    case name(String)
    /// Behind the dot of a channel: advice.
    case property(String)
    /// Where the value of this verb stands: advice.
    case operand(Verb, String)
    /// Among the options of this verb.
    case option(Verb, OptionWord)
    /// In front of an address, where nothing stands.
    case addressFiller
    /// Between `expect` and its pattern, where nothing stands.
    case comparison
    /// Between two values: the operator, or how the whole is written.
    case infix(String)
  }

  /// The words of a row mean the same. A word may stand in several, once for each place: `write` is a verb where a
  /// statement begins.
  private static let rows: [(words: String, meant: Meant)] = [
    ("receive read", .verb(.recv)), ("write transmit", .verb(.send)),
    ("recvline recv_line readline read_line getline gets", .phrase("recv line")),
    ("sendline send_line writeline write_line", .phrase("send line")), ("recvall recv_all readall", .phrase("recv all")),
    ("recvuntil recv_until readuntil", .phrase("recv until")), ("expectline expect_line", .phrase("expect line")),
    ("expect_eof", .phrase("expect eof")), ("expect_exact", .verb(.expect)), ("sendeof send_eof", .phrase("shutdown write")),
    ("join_group", .phrase("multicast join")), ("leave_group", .phrase("multicast leave")),
    ("interactive", .verb(.interact)), ("forward tunnel", .verb(.relay)), ("impair netem toxic", .verb(.fault)),
    ("setwinsize", .verb(.resize)),
    ("echo puts println printf say", .verb(.print)), ("dial", .verb(.connect)),
    ("telnet nc netcat ncat", .statement("write `connect HOST:PORT`, or `listen PORT` for the other side")),
    ("die throw", .verb(.raise)),
    ("quit", .verb(.exit)), ("exec system", .verb(.run)), ("kill", .verb(.signal)), ("delay", .verb(.sleep)),
    ("server", .verb(.listen)), ("setsockopt getsockopt", .verb(.sockopt)), ("disconnect", .verb(.close)),
    ("ensure", .keyword(.finally)),
    ("except rescue", .keyword(.catch)), ("endif done fi", .keyword(.end)),

    ("function func sub proc", .block("a function is declared with `def NAME(…)`", like: .def)),
    ("foreach", .block("write `for NAME in VALUES`", like: .for)), ("unless", .block("write `if not (…)`", like: .if)),
    ("until", .block("write `while not (…)`", like: .while)),
    ("switch match", .block("write `case VALUE`, `is …`, `end`", like: .case)),
    ("begin", .block("write `try … catch … end`", like: .try)),
    ("do repeat", .block("write `loop`, `while …` or `for i in 0..<n`", like: .loop)),
    ("async go thread fork", .block("a task is `spawn … end`", like: .spawn)),
    ("class struct", .block("there are none: a map holds values, a file holds functions", like: .loop)),
    ("lambda", .statement("a function without a name is `fn(x) x + 1`")),
    ("del delete unset", .statement("write `remove(map, key)` or `remove(list, value)`")),
    ("require include use from", .statement("write `import \"file\" as name`")),
    ("pass", .statement("leave it out: a block may be empty")), ("next", .keyword(.continue)),
    ("var const my", .statement("a name is declared with `let`")),

    ("foreach each collect", .call("write `map(list, fn(x) …)`, or a `for`")),
    ("grep", .call("write `filter(list, fn(x) …)`")),
    ("lambda function func", .call("a function without a name is `fn(x) x + 1`")),
    ("printf", .call("write `print format(…)`")),     ("sprintf", .call("write `format(…)`")), ("length size strlen", .call("write `len(…)`")),
    ("substr substring", .call("write a slice, `s[1..3]`")), ("string tostring", .call("write `str(…)`")),
    ("atoi parseInt integer", .call("write `int(…)`")), ("append add", .call("write `push(list, value)`")),
    ("strip", .call("write `trim(…)`")),
    ("chomp", .call("write `trim(…)`; `recv line` gives its line without the line end")),
    ("index indexOf", .call("write `find(s, part)`")), ("contains includes", .call("write `part in s`")),
    ("match", .call("write `s =~ /…/`")), ("range", .call("write `0..<n`")),
    ("uc toupper", .call("write `upper(…)`")), ("lc tolower", .call("write `lower(…)`")),
    ("typeof", .call("write `type(…)`")), ("getenv", .call("write `env(…)`")), ("time", .call("write `now()`")),
    ("rand randint randrange", .call("write `random(n)` or `random(from, to)`")),
    ("gethostbyname", .call("write `resolve(host)`")),
    ("getaddrinfo", .call("write `resolve(host, port)`")), ("gethostbyaddr", .call("write `resolve(address)`")),
    ("delete del unset erase", .call("write `remove(map, key)` or `remove(list, value)`")),
    ("popleft pop_front dequeue", .call("write `shift(list)`")),
    ("unshift prepend", .call("write `insert(list, 0, value)`")),
    ("has has_key haskey contains_key containsKey", .call("write `key in map`")), ("sorted", .call("write `sort(list)`")),
    ("reversed", .call("write `reverse(list)`")), ("mean avg average", .call("write `float(sum(list)) / len(list)`")),
    ("median", .call("write `percentile(list, 50)`")), ("quantile", .call("write `percentile(list, p)`")),
    ("findall find_all scan matchAll match_all", .call("write `matches(s, /…/)`")),
    ("RegExp qr re_compile", .call("write `regex(s)`, or `/…/`")),
    ("quotemeta re_escape", .call("write `escape_regex(s)`")),
    ("capitalize ucwords titlecase", .call("write `title(s)`")), ("splitlines", .call("write `lines(s)`")),
    ("gsub replaceAll replace_all", .call("write `replace(s, from, to)`")),
    ("explode", .call("write `split(s, separator)`")),
    ("implode", .call("write `join(list, separator)`")),
    ("startswith startsWith starts_with hasPrefix", .call("write `starts(s, prefix)`")),
    ("endswith endsWith ends_with hasSuffix", .call("write `ends(s, suffix)`")), ("ceil", .call("write `-floor(-x)`")),
    ("items", .call("write `for key, value in map`")), ("get fetch", .call("write `map[key]`")),
    ("toUpperCase", .call("write `upper(s)`")), ("toLowerCase", .call("write `lower(s)`")),
    ("forEach each", .call("write `for x in list`")), ("input", .call("write `(stdin.recv line)`")),
    ("extend concat", .call("write `list += other`")), ("slice", .call("write `s[1..3]`")),
    ("pow", .call("multiply, as in `x * x`; 2 to the power of n is `1 << n`")),
    ("trunc", .call("write `int(x)`")), ("uuid4 uuidgen", .call("write `uuid()`")),
    ("strftime gmtime localtime date", .call("write `format_time(t, format)`")),
    ("strptime mktime", .call("write `parse_time(s, format)`")), ("gettimeofday", .call("write `now()`")),
    ("system exec popen check_output", .call("write `output(command)`")),
    ("file_exists isfile is_file", .call("write `exists(path)`")), ("slurp read_file", .call("write `readfile(path)`")),
    ("write_file", .call("write `writefile(path, data)`")), ("append_file", .call("write `appendfile(path, data)`")),
    ("unlink rm remove_file delete_file", .call("write `removefile(path)`")),
    ("readdir scandir list_dir ls", .call("write `listdir(path)`")),
    ("makedirs make_dir", .call("write `mkdir(path)`")),
    ("b64encode btoa", .call("write `base64(s)`")), ("b64decode atob", .call("write `unbase64(s)`")),
    ("hexlify bin2hex", .call("write `hex(s)`")), ("unhexlify hex2bin fromhex", .call("write `unhex(s)`")),
    ("encodeURIComponent quote", .call("write `urlencode(s)`")),
    ("decodeURIComponent unquote", .call("write `urldecode(s)`")),
    ("dumps stringify json_encode to_json", .call("write `json(x)`")),
    ("loads json_decode from_json", .call("write `parse_json(s)`")), ("fromCharCode char", .call("write `chr(n)`")),
    ("charCodeAt", .call("write `ord(s)`")), ("xxd", .call("write `hexdump(s)`")),

    ("require include", .call("write `import \"file\" as name`")),

    ("null NULL Null None none undefined undef Nil", .value("nil")), ("True TRUE yes", .value("true")),
    ("False FALSE no", .value("false")),
    ("this self", .name("the current connection is `conn`, a listening one `listener`")),
    ("argv ARGV", .name("the script's arguments are `args`")), ("ENV", .name("write `env(\"NAME\")`")),
    ("errno", .name("after a `try`, write `error.errno`")),

    ("port", .property("`sockport` is its own port, `peerport` that of the other side")),
    ("host ip", .property("`sockhost` is its own host, `peerhost` that of the other side")),
    ("address addr", .property("`sockname` is its own address, `peername` that of the other side")),
    ("path", .property("`hostpath` or `sockname` is its own, `peerpath` that of the other side")),
    (
      "status exitcode exit_code exitstatus exit_status returncode signalstatus",
      .property("write `(wait CHANNEL)`, which gives the exit status")
    ),
    (
      "rtt rttvar min_rtt rto cwnd snd_cwnd retransmits retrans",
      .property("that is in a map: write `(CHANNEL.sockopt TCP_INFO).rtt`")
    ),

    (
      "until",
      .operand(.expect, "`expect` takes what comes next; to pass over what comes before it, write `recv until …`")
    ),
    ("eof EOF", .operand(.send, "write `shutdown write`, which is Ctrl-D on a terminal")),
    (
      "interface iface dev",
      .operand(.send, "which interface is set before: `sockopt IP_MULTICAST_IF \"lo\"`, or IPV6_MULTICAST_IF")
    ),
    ("nothing none silent quiet", .operand(.expect, "write `expect silence 1s`: nothing comes for so long")),
    ("bytes byte", .option(.recv, .exactly)), ("eof", .option(.recv, .all)),
    ("port at to from on", .addressFiller), ("is eq", .infix("==")), ("isnt ne", .infix("!=")), ("mod", .infix("%")),
    ("div", .infix("/")), ("xor", .infix("^")), ("not_in notin", .infix("not in")),
    ("contains includes", .infix("PART in TEXT")), ("like matches", .infix("=~")),
    ("contains matches matching like is equals equal startswith starts starts_with", .comparison),
  ]

  private static let meanings: [Substring: [Meant]] = {
    var meanings: [Substring: [Meant]] = [:]
    for row in rows { for word in row.words.split(separator: " ") { meanings[word, default: []].append(row.meant) } }
    return meanings
  }()

  /// The first meaning of a word that fits its place.
  private static func first<Result>(_ name: String, _ fits: (Meant) -> Result?) -> Result? {
    meanings[name[...]]?.lazy.compactMap(fits).first
  }

  // MARK: - Where a statement begins

  static let verbs = Verb.allCases.map(\.rawValue)
  /// What a statement may begin with; `fn` is a value.
  private static let words = verbs + Keyword.allCases.filter { $0 != .fn }.map(\.rawValue)

  /// Of a word that begins a statement: what it was meant to be, by another language's meaning or by its spelling.
  /// - Parameter isAlone: nothing stands behind it.
  static func statement(_ name: String, isAlone: Bool = true) -> Meant? {
    let meant = first(name) { $0.beginsStatement ? $0 : nil }
    // `fi x == 1` is no end.
    if let meant, isAlone || meant.word != Keyword.end.rawValue { return meant }
    if let near = Suggestion.nearest(name, among: words) { return word(near) }
    let foreign = meanings.filter { $0.value[0].word != nil }.keys.map(String.init).sorted()
    return Suggestion.nearest(name, among: foreign).flatMap { first($0) { $0.word == nil ? nil : $0 } }
  }

  /// Of a name that stands alone: the verb of another program or language that it is. `server` is a name as well.
  static func statementAlone(_ name: String) -> Meant? {
    first(name) { meant -> Meant? in
      switch meant {
      case .verb(let verb): verb == .listen ? nil : meant
      case .phrase: meant
      default: nil
      }
    }
  }

  /// Of a word behind the dot of a channel that something stands behind.
  static func verb(behindDot name: String) -> Meant? {
    // A function elsewhere.
    if name == "join" || name == "leave" { return .phrase("multicast \(name)") }
    let known = first(name) { meant -> Meant? in
      switch meant {
      case .verb, .phrase: meant
      default: nil
      }
    }
    return known ?? Suggestion.nearest(name, among: verbs).flatMap(word)
  }

  /// A word of ours, as what is meant.
  static func word(_ name: String) -> Meant? {
    Verb(rawValue: name).map(Meant.verb) ?? Keyword(rawValue: name).map(Meant.keyword)
  }

  // MARK: - In the help

  /// What other languages call what is called here, and how it is written: `append`, "`push(list, value)`".
  static var calls: [(words: [String], advice: String)] {
    rows.compactMap { row in
      guard case .call(let advice) = row.meant else { return nil }
      return (row.words.split(separator: " ").map(String.init), advice)
    }
  }

  /// What a word of another language is here, in words; and the topic that explains it, where there is one.
  static func explanation(_ name: String) -> (text: String, topic: String?)? {
    guard let meant = meanings[name[...]]?.first else { return nil }
    if let word = meant.word { return ("it is `\(word)` here", word) }
    let advice: String
    switch meant {
    case .block(let text, let keyword): return (text, keyword.rawValue)
    case .statement(let text), .call(let text), .name(let text), .property(let text), .operand(_, let text):
      advice = text
    case .value(let text), .phrase(let text), .infix(let text): advice = "write `\(text)`"
    case .option(let verb, let word): advice = "write `\(verb.rawValue) \(word.rawValue)`"
    case .verb, .keyword, .addressFiller, .comparison: return nil
    }
    // The first word of the code that it names.
    let code = advice.split(separator: "`", omittingEmptySubsequences: false).dropFirst().first ?? ""
    let word = code.prefix { $0 == "_" || $0.isASCII && ($0.isLetter || $0.isNumber) }
    return (advice, word.isEmpty ? nil : String(word))
  }

  // MARK: - In an expression

  static func function(_ name: String) -> Cure? {
    if let advice = call(name) { return Cure(advice) }
    let verb = first(name) {
      switch $0 {
      case .verb(let verb): verb.rawValue
      case .phrase(let phrase): phrase
      default: nil
      }
    }
    return verb.map { "a verb: `\($0) …`" }
  }

  /// What is written for the call of a function that other languages have: ``write `len(…)` ``.
  package static func call(_ name: String) -> String? {
    first(name) { if case .call(let advice) = $0 { advice } else { nil } }
  }

  /// Of a word behind a channel's dot.
  package static func property(_ name: String) -> String? {
    first(name) { if case .property(let advice) = $0 { advice } else { nil } }
  }

  /// Of a name that is the whole value of a verb.
  static func operand(_ name: String, of verb: Verb) -> String? {
    first(name) { if case .operand(verb, let advice) = $0 { advice } else { nil } }
  }

  static func option(_ name: String, of verb: Verb) -> OptionWord? {
    first(name) { if case .option(verb, let word) = $0 { word } else { nil } }
  }

  static func isAddressFiller(_ name: String) -> Bool {
    first(name) { if case .addressFiller = $0 { true } else { nil } } ?? false
  }

  static func infix(_ name: String) -> String? {
    first(name) { if case .infix(let mark) = $0 { mark } else { nil } }
  }

  static func isComparison(_ name: String) -> Bool {
    first(name) { if case .comparison = $0 { true } else { nil } } ?? false
  }

  static func value(_ name: String, at place: Diagnostic.Place) -> Cure? {
    first(name) {
      switch $0 {
      case .value(let text): .write(text, at: place)
      case .name(let advice): Cure(advice)
      default: nil
      }
    }
  }
}

extension ForeignWords.Meant {
  fileprivate var beginsStatement: Bool {
    switch self {
    case .verb, .keyword, .phrase, .block, .statement: true
    case .call, .value, .name, .property, .operand, .option, .addressFiller, .comparison, .infix: false
    }
  }

  /// The word of the language, where it is one.
  var word: String? {
    switch self {
    case .verb(let verb): verb.rawValue
    case .keyword(let word): word.rawValue
    default: nil
    }
  }

  /// The keyword of the block that the line was meant to start.
  var block: Keyword? {
    switch self {
    case .block(_, let keyword): keyword
    case .keyword(let word):
      switch word {
      case .if, .case, .while, .for, .loop, .def, .with, .within, .spawn, .serve, .retry, .select, .test, .setup, .try:
        word
      default: nil
      }
    default: nil
    }
  }

  func cure(at place: Diagnostic.Place) -> Cure? {
    switch self {
    case .verb, .keyword: .meant(word ?? "", at: place)
    case .phrase(let text), .value(let text): .write(text, at: place)
    case .block(let advice, _), .statement(let advice), .call(let advice), .name(let advice): Cure(advice)
    case .property, .operand, .option, .addressFiller, .comparison, .infix: nil
    }
  }
}
