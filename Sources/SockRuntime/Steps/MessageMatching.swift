// Messages with fields: `recv message NAME` and `expect message NAME {…}`.

import SockLanguage
import SocketCore

extension StepCall {
  /// The message that the step names behind `message`; nil: none.
  var layout: MessageLayout? {
    if case .message(let layout)? = operand { return layout }
    return nil
  }

  /// Whether a message has come; its fields are what the step gives.
  func probe(_ layout: MessageLayout, _ channel: Channel) throws(Failure) -> Probe {
    guard let skipping = option(.skipping) else { return try probe(layout, channel, from: 0).probe }
    guard case .map = skipping else {
      throw .type("`skipping` takes the fields of the messages that it passes over, not \(skipping.article)")
    }
    var start = passedOver(channel)
    while true {
      let (probe, fields, size) = try probe(layout, channel, from: start)
      guard case .impossible = probe, let fields,
        try FieldDifference.first(skipping, .map(fields), call: self) == nil
      else { return probe }
      channel.note(nil, of: layout, start)
      start = passOver(size, from: start, channel)
    }
  }

  /// - Parameter start: where in the buffer the message begins.
  /// - Returns: the fields and the size of the message that has come, too, if one has.
  private func probe(
    _ layout: MessageLayout, _ channel: Channel, from start: Int
  ) throws(Failure) -> (probe: Probe, fields: Map?, size: Int) {
    let wanted = "expected a message \(layout.name)"
    let whole: UnsafeRawBufferPointer?
    if channel.isDatagram {
      guard channel.datagram != nil else {
        return (channel.hasEnded ? .impossible(channel.endFailure(wanted)) : .needsMore, nil, 0)
      }
      whole = channel.input.bytes
    } else if let framing = channel.settings?.framing, !framing.isOf(layout) {
      guard let length = try messageLength(channel, from: start) else {
        return (try end(channel, wanted) ?? .needsMore, nil, 0)
      }
      whole = UnsafeRawBufferPointer(rebasing: channel.input.bytes[start..<start + length])
    } else {
      whole = nil
    }
    let bytes = UnsafeRawBufferPointer(rebasing: channel.input.bytes[start...])
    var progress = channel.progress(of: layout, start)
    if whole == nil, bytes.isEmpty || (progress?.needs ?? 0) > bytes.count {
      return (try end(channel, wanted) ?? .needsMore, nil, 0)
    }
    // Once it is given away nothing is kept.
    defer { channel.note(progress, of: layout, start) }
    let content: RefusedMessage.Content
    if let refused = progress as? RefusedMessage, refused.framed == whole?.count, !asksFunctions {
      content = refused.content
    } else {
      guard let decoded = try decode(layout, bytes, whole, channel, &progress) else { return (.needsMore, nil, 0) }
      content = decoded
    }
    switch content {
    case .wrong(let problem):
      if whole == nil, channel.hasEnded, let ended = try end(channel, wanted) { return (ended, nil, 0) }
      let failure = refuse(layout, content, whole, nil, channel, &progress) {
        refused(problem, layout, bytes, whole, channel, start)
      }
      return (.impossible(failure), nil, 0)
    case .fields(let fields, let size):
      let part = UnsafeRawBufferPointer(rebasing: bytes[..<size])
      // A failure shows the fields, too.
      if scheduler.hasSecrets, let secrets = scheduler.secrets {
        let input = channel.input.bytes
        secrets.noteFields(of: part, before: input[..<start], ahead: bytes[size...], on: channel.number) {
          MessageDecoder.strings(layout, part)
        }
      }
      guard let expected, let difference = try FieldDifference.first(expected, .map(fields), call: self) else {
        progress = nil
        return (.complete(.map(fields), consuming: start + size), fields, size)
      }
      let failure = refuse(layout, content, whole, difference, channel, &progress) {
        mismatch(difference, layout, fields, part, channel, start)
      }
      return (.impossible(failure), fields, size)
    }
  }

  /// - Parameter whole: all of its bytes, where something else than itself says where it ends.
  /// - Returns: what has come; nil: too little.
  private func decode(
    _ layout: MessageLayout, _ bytes: UnsafeRawBufferPointer, _ whole: UnsafeRawBufferPointer?, _ channel: Channel,
    _ progress: inout MessageProgress?
  ) throws(Failure) -> RefusedMessage.Content? {
    do throws(LayoutStop) {
      if whole != nil || channel.hasEnded { progress = nil }
      if let whole { return .fields(try MessageDecoder.decodeWhole(layout, whole), size: whole.count) }
      let (fields, size) =
        if channel.hasEnded {
          try MessageDecoder.decode(layout, bytes)
        } else {
          try MessageDecoder.decode(layout, bytes, from: &progress)
        }
      return .fields(fields, size: size)
    } catch {
      switch error {
      case .more(let count):
        guard count <= limits.buffer else {
          throw .limit("a message of \(count) bytes is announced (limit buffer, \(limits.buffer) bytes)")
        }
        return nil
      case .wrong(let problem): return .wrong(problem)
      }
    }
  }

  /// Keeps what is refused for the next look at it, unless that could find something else: where there are secrets,
  /// what is hidden may be more by then.
  private func refuse(
    _ layout: MessageLayout, _ content: RefusedMessage.Content, _ whole: UnsafeRawBufferPointer?,
    _ difference: FieldDifference?, _ channel: Channel, _ progress: inout MessageProgress?, _ tell: () -> Failure
  ) -> Failure {
    let isLasting =
      switch content {
      // Memory and time may be found another time.
      case .wrong(let problem): problem.code == .parse || problem.code == .range
      case .fields: !asksFunctions
      }
    guard isLasting, !scheduler.hasSecrets else {
      progress = nil
      return tell()
    }
    let refused = progress as? RefusedMessage ?? RefusedMessage(layout, content, framed: whole?.count)
    progress = refused
    return refused.failure(difference, unread: channel.input.count, tell)
  }

  /// The fields that `expect` names.
  private var expected: Value? {
    guard site.operandCount > 1, case .map = regs[site.operands + 1] else { return nil }
    return regs[site.operands + 1]
  }

  /// Whether a function of the script is asked about fields: it may keep what it gets, and change it.
  private var asksFunctions: Bool {
    [expected, option(.skipping)].contains { $0.map { FieldDifference.asksFunctions($0) } ?? false }
  }

  /// The end of the stream has come first; nil: it has not.
  private func end(_ channel: Channel, _ wanted: String) throws(Failure) -> Probe? {
    guard channel.hasEnded else { return nil }
    if site.verb == .recv, channel.input.isEmpty { return endOfInput(channel, wanted) }
    return .impossible(partial(channel, wanted))
  }

  // MARK: - What has come

  private func mismatch(
    _ difference: FieldDifference, _ layout: MessageLayout, _ fields: Map, _ bytes: UnsafeRawBufferPointer,
    _ channel: Channel, _ start: Int
  ) -> Failure {
    let words = "expected \(shown(difference.wanted)), received \(shown(difference.came))"
    let failure = Failure(.mismatch, "\(layout.name)\(difference.path): \(words)")
    failure.channel = channel
    failure.unread = channel.input.count
    failure.notes.append("received  \(layout.name) \(shown(FieldDifference.text(.map(fields))))")
    let trace = LayoutTrace(of: difference.path)
    _ = try? MessageDecoder.decode(layout, bytes, trace: trace)
    if let place = trace.place, !place.isEmpty {
      failure.differsAt = start + place.lowerBound
      let part = UnsafeRawBufferPointer(rebasing: bytes[place.prefix(32)])
      let hex = run.hidden(part, of: channel).map { byte in
        (byte < 16 ? "0" : "") + String(byte, radix: 16)
      }
      let rest = place.count > 32 ? " …" : ""
      failure.notes.append(
        "differs   at byte \(place.lowerBound) of the message: \(hex.joined(separator: " "))\(rest)")
    }
    return failure
  }

  private func refused(
    _ problem: LayoutProblem, _ layout: MessageLayout, _ rest: UnsafeRawBufferPointer,
    _ whole: UnsafeRawBufferPointer?, _ channel: Channel, _ start: Int
  ) -> Failure {
    let bytes = whole ?? rest
    let words = problem.words(layout.name)
    let failure: Failure
    if site.verb == .expect, problem.code == .parse || problem.code == .range {
      failure = Failure(.mismatch, "expected a message \(layout.name); \(words)")
    } else {
      failure = Failure(problem.code, words)
    }
    failure.channel = channel
    failure.unread = channel.input.count
    // Behind a message that is too short stands the next one, whose bytes are not to blame.
    if let offset = problem.offset, offset < bytes.count || start + bytes.count == channel.input.count {
      failure.differsAt = start + offset
    }
    tellFields(of: layout, bytes, isWhole: whole != nil, channel, start, failure)
    failure.notes.append("received  \(run.shownWithCount(bytes, of: channel))")
    return failure
  }

  /// Of more fields of a message no words are made.
  private static let toldFields = 10_000

  /// Tells which fields of a message were read before it turned out to be wrong, or not whole.
  /// - Parameters:
  ///   - bytes: what there is of it, in the channel's input.
  ///   - isWhole: those are the message, and none may be left over.
  ///   - start: where in the input they begin.
  func tellFields(
    of layout: MessageLayout, _ bytes: UnsafeRawBufferPointer, isWhole: Bool, _ channel: Channel, _ start: Int,
    _ failure: Failure
  ) {
    let trace = LayoutTrace(most: StepCall.toldFields)
    let problem: LayoutProblem
    do throws(LayoutStop) {
      if isWhole {
        _ = try MessageDecoder.decodeWhole(layout, bytes, trace: trace)
      } else {
        _ = try MessageDecoder.decode(layout, bytes, trace: trace)
      }
      return
    } catch {
      guard case .wrong(let wrong) = error else { return }
      problem = wrong
    }
    if scheduler.hasSecrets, let secrets = scheduler.secrets {
      let input = channel.input.bytes
      secrets.noteFields(
        of: bytes, before: input[..<start], ahead: input[(start + bytes.count)...], on: channel.number
      ) { trace.strings }
    }
    guard let words = trace.words(of: layout, upTo: problem, hiding: hidden) else { return }
    failure.notes.append("received  \(words)")
    // What goes into reports has stars in it where there were secrets, and is decoded no more.
    guard bytes.count <= MessageSteps.faultyKept,
      run.secrets.isEmpty || run.hidden(bytes, of: channel).elementsEqual(bytes)
    else { return }
    run.messageSteps.note(faulty: Array(bytes), of: layout, words)
  }

  /// A value, with secrets hidden, and cut where it is long.
  private func shown(_ text: String) -> String {
    let limit = 300
    let text = hidden(text)
    return text.count > limit ? "\(text.prefix(limit))…" : text
  }

  /// A value, with secrets hidden.
  func hidden(_ text: String) -> String {
    if run.secrets.isEmpty { return text }
    var text = text
    return text.withUTF8 { String(decoding: run.hidden(UnsafeRawBufferPointer($0)), as: UTF8.self) }
  }
}

/// Where what came is not what is expected of it.
struct FieldDifference: Equatable {
  /// Behind the message's name: `.answers[1].ttl`.
  let path: String
  let wanted: String
  let came: String

  /// How deep what is expected may be nested.
  static let deepest = 64

  /// - Parameters:
  ///   - wanted: a value, a regex, a range, a list of those that will do, a map or list of such, `any`, `absent`, or a
  ///     function that says whether it will do.
  ///   - came: nil: it is not there.
  static func first(
    _ wanted: Value, _ came: Value?, path: String = "", call: StepCall, depth: Int = 0
  ) throws(Failure) -> FieldDifference? {
    guard depth < deepest else {
      throw .limit("what is expected of a message is nested more than \(deepest) deep")
    }
    let isThere = if case .nothing? = came { false } else { came != nil }
    switch wanted {
    case .presence(.any):
      return isThere ? nil : FieldDifference(path: path, wanted: "any value", came: "none")
    case .presence(.absent), .nothing:
      guard isThere, let came else { return nil }
      return FieldDifference(path: path, wanted: "none", came: text(came))
    default: break
    }
    guard let came, isThere else {
      return FieldDifference(path: path, wanted: text(wanted), came: "none")
    }
    switch (wanted, came) {
    case (.map(let fields), .map(let others)):
      for entry in fields.entries where entry.isLive {
        let step = if case .string(let name) = entry.key { ".\(name.text)" } else { "[]" }
        let inner = try first(entry.value, others[entry.key], path: path + step, call: call, depth: depth + 1)
        if let inner { return inner }
      }
      return nil
    case (.list(let wanted), .list(let others)):
      for index in 0..<min(wanted.items.count, others.items.count) {
        let inner = try first(
          wanted.items[index], others.items[index], path: "\(path)[\(index)]", call: call, depth: depth + 1)
        if let inner { return inner }
      }
      if wanted.items.count == others.items.count { return nil }
      return FieldDifference(
        path: path, wanted: elements(wanted.items.count),
        came: "\(elements(others.items.count)): \(text(came))")
    case (.list(let choices), _):
      for choice in choices.items
      where try first(choice, came, path: path, call: call, depth: depth + 1) == nil { return nil }
      return FieldDifference(
        path: path, wanted: "one of \(text(wanted))", came: text(came))
    default:
      if try fits(wanted, came, call) { return nil }
      let words = if case .function = wanted { "what the function accepts" } else { text(wanted) }
      return FieldDifference(path: path, wanted: words, came: text(came))
    }
  }

  /// A value in words; of one that would be cut all the same not all.
  static func text(_ value: Value) -> String {
    var builder = ByteBuilder()
    Show.appendInspected(value, to: &builder, maximumValues: 512)
    return builder.finish().text
  }

  private static func elements(_ count: Int) -> String { "\(count) element\(count == 1 ? "" : "s")" }

  private static func fits(_ wanted: Value, _ came: Value, _ call: StepCall) throws(Failure) -> Bool {
    switch (wanted, came) {
    case (.regex(let regex), .string(let text)):
      switch regex.match(text.bytes, from: 0, anchored: false, partial: false) {
      case .matched: return true
      case .partial, .none: return false
      case .failed(let failure): throw failure
      }
    case (.range(let range), _):
      guard let number = came.number else { return false }
      return Double(range.lower) <= number && number <= Double(range.upper)
    case (.boolean(let a), .boolean(let b)): return a == b
    case (.boolean(let a), .integer(let b)): return (a ? 1 : 0) == b
    case (.integer(let a), .boolean(let b)): return a == (b ? 1 : 0)
    case (.integer, .integer), (.integer, .float), (.float, .integer), (.float, .float), (.string, .string):
      return try Equality.equal(wanted, came)
    case (.function, _), (.builtin, _):
      return try call.run.callNow(
        wanted, [came], for: call.site, call.task, purpose: "it says whether a field will do").isTrue
    default: return false
    }
  }
}
