// What is known of channels from one step to the next: that the stream has ended, that a pattern with an open end was
// the last that read it, and which names hold what happened to have come.

/// A channel that can be told from others by its name.
enum ChannelKey: Hashable {
  /// The task's current connection.
  case current
  case variable(ObjectIdentifier)
}

/// The part of a pattern that more bytes would lengthen.
struct OpenEnd: Equatable {
  let range: SourceRange
  /// It stands before the pattern's end, and can take all that is behind it.
  let isInner: Bool
}

struct ChannelFlow {
  /// Of more channels nothing is kept: each block compares what is known before and behind it.
  static let most = 64

  /// Where `expect eof`, `closed` or `reset` has found the end.
  var ended: [ChannelKey: SourceRange] = [:]
  /// The open ends of patterns, after which nothing has been read yet.
  var openEnds: [ChannelKey: OpenEnd] = [:]
  /// Variables that hold what `recv N` gave.
  var pieces: Set<ObjectIdentifier> = []
  /// Variables that hold what `recv until REGEX` gave, where the regex has groups.
  var heads: Set<ObjectIdentifier> = []
  /// The `connect` that has made the current connection, which nothing has used yet and no name holds.
  var unusedConnection: SourceRange?

  private var isEmpty: Bool { ended.isEmpty && openEnds.isEmpty && hasNoVariables && unusedConnection == nil }
  private var hasNoVariables: Bool { pieces.isEmpty && heads.isEmpty }

  mutating func forget(_ key: ChannelKey) {
    guard !isEmpty else { return }
    ended[key] = nil
    openEnds[key] = nil
    guard case .variable(let variable) = key else { return }
    pieces.remove(variable)
    heads.remove(variable)
  }

  /// What still holds behind a body that may have been left out: what was known before it and not changed in it.
  func surviving(_ inner: ChannelFlow) -> ChannelFlow {
    guard !isEmpty else { return ChannelFlow() }
    var left = self
    left.ended = ended.filter { inner.ended[$0.key] == $0.value }
    left.openEnds = openEnds.filter { inner.openEnds[$0.key] == $0.value }
    left.pieces = pieces.intersection(inner.pieces)
    left.heads = heads.intersection(inner.heads)
    left.unusedConnection = unusedConnection == inner.unusedConnection ? unusedConnection : nil
    return left
  }
}

extension FileLinter {
  func nested<Result>(_ body: () -> Result) -> Result {
    let before = channels
    let result = body()
    channels = before.surviving(channels)
    return result
  }

  /// A block in which another channel is the current one.
  func withOtherCurrent<Result>(_ body: () -> Result) -> Result {
    channels.forget(.current)
    let before = channels
    let result = body()
    channels.forget(.current)
    channels = before.surviving(channels)
    return result
  }

  // MARK: - Names that are set anew

  func forget(_ target: Target) {
    switch target {
    case .name(let name): forget(name)
    case .list(let names, _): for name in names { forget(name) }
    }
  }

  func forget(_ name: NameDeclaration) {
    if let variable = name.variable { channels.forget(.variable(ObjectIdentifier(variable))) }
  }

  func forget(_ reference: NameReference) {
    if case .variable(let variable) = reference.meaning { channels.forget(.variable(ObjectIdentifier(variable))) }
  }

  // MARK: - Steps

  /// The channel that a step speaks to; nil when the text does not name it.
  private func key(of step: Step) -> ChannelKey? {
    guard let receiver = step.receiver else { return .current }
    guard case .name(let reference) = receiver else { return nil }
    switch reference.meaning {
    case .variable(let variable): return .variable(ObjectIdentifier(variable))
    case .predefined(.conn): return .current
    default: return nil
    }
  }

  func follow(_ step: Step, as place: StepPlace) {
    let row = VerbTable[step.verb]
    followConnection(step, as: place)
    // It reads nothing, and without a channel in front it is about none of those that are known here.
    if step.verb == .expect, step.has(.exit) { return }
    if row.effect.contains(.reads) {
      guard let key = key(of: step), place != .selectCase else {
        // Which of the cases has read is not known.
        channels = ChannelFlow()
        return
      }
      read(step, key, as: place)
    } else if !row.effect.isDisjoint(with: [.writes, .ends]) {
      guard let key = key(of: step), let open = channels.openEnds.removeValue(forKey: key) else { return }
      reportOpenEnd(open)
    } else if row.waiting == .selectable(.end) {
      // The end of a process is the end of what it writes.
      if let key = key(of: step) { channels.openEnds[key] = nil }
    } else if row.gives == .channel {
      if let key = key(of: step) { channels.forget(key) }
      channels.forget(.current)
    }
  }

  /// A `connect` whose connection an `accept` right behind it replaces. Nothing but these two, and steps that have
  /// nothing to do with a connection, may stand between.
  private func followConnection(_ step: Step, as place: StepPlace) {
    switch step.verb {
    case .connect where place == .statement && step.receiver == nil && step.result == nil:
      channels.unusedConnection = step.range
    case .accept where place == .statement && step.result == nil:
      if let connect = channels.unusedConnection {
        report(.lostConnection(line: line(of: connect), at: source.place(step.verbRange)))
      }
      channels.unusedConnection = nil
    case .print, .log, .sleep, .listen: break
    // Those with a name of their own leave it where it is.
    case .accept where step.result != nil, .connect where step.result != nil: break
    default: channels.unusedConnection = nil
    }
  }

  private func read(_ step: Step, _ key: ChannelKey, as place: StepPlace) {
    let isSilence = step.has(.silence)
    let isEnd = step.has(.eof) || step.has(.closed) || (step.verb == .expect && step.has(.reset))
    if let open = channels.openEnds.removeValue(forKey: key), isSilence {
      reportOpenEnd(open)
    }
    if let end = channels.ended[key], !isEnd, !isSilence, !context.isCatching {
      report(.readAfterEnd(step.verb, line: line(of: end), at: source.place(step.range)))
      channels.ended[key] = nil
    }
    if isEnd, !context.isCatching, channels.ended.count < ChannelFlow.most { channels.ended[key] = step.range }
    if channels.openEnds.count < ChannelFlow.most, let open = openEnd(of: step, as: place) {
      channels.openEnds[key] = open
    }
  }

  // MARK: - What `recv N` gives

  /// A step with a number of bytes alone: how many come is up to the network. One byte comes whole.
  private func givesPiece(_ value: Expression) -> Bool {
    guard case .step(let step) = value.unwrapped, step.verb == .recv, step.options.isEmpty,
      let count = step.operands.first
    else { return false }
    if case .integer(1, _) = count.unwrapped { return false }
    return true
  }

  /// Notes that a name holds what a `recv N` gave.
  func keep(_ value: Expression, in name: NameDeclaration?) {
    if channels.heads.count < ChannelFlow.most, let variable = name?.variable, losesGroups(value) {
      channels.heads.insert(ObjectIdentifier(variable))
    }
    guard context.isInTest, channels.pieces.count < ChannelFlow.most, let variable = name?.variable,
      givesPiece(value)
    else { return }
    channels.pieces.insert(ObjectIdentifier(variable))
  }

  /// `recv until` gives what stands before its pattern, and no match.
  private func losesGroups(_ value: Expression) -> Bool {
    guard case .step(let step) = value.unwrapped, step.verb == .recv,
      case .expression(let pattern)? = step.option(.until)?.value, case .regex(let regex) = pattern.unwrapped
    else { return false }
    return regex.constant.map(RegexReader.hasGroups) ?? false
  }

  /// `m[1]`, where `m` is what a `recv until REGEX` gave.
  func checkGroup(_ base: Expression, _ index: Expression, _ range: SourceRange) {
    guard case .integer(let number, _) = index.unwrapped, number > 0, case .name(let reference) = base.unwrapped,
      case .variable(let variable) = reference.meaning, channels.heads.contains(ObjectIdentifier(variable))
    else { return }
    report(.lostGroups(reference.name, at: source.place(range)))
  }

  /// `==` between what a `recv N` gave and a text.
  func checkComparison(_ left: Expression, _ right: Expression) {
    guard context.isInTest, !context.isCatching else { return }
    for (piece, text) in [(left, right), (right, left)] {
      guard case .string(let bytes, _) = text.unwrapped, !bytes.isEmpty else { continue }
      var isPiece = givesPiece(piece)
      if case .name(let reference) = piece.unwrapped, case .variable(let variable) = reference.meaning {
        isPiece = channels.pieces.contains(ObjectIdentifier(variable))
      }
      if isPiece, !mayHaveDatagrams { report(.partialRead(at: source.place(piece.unwrapped.range))) }
    }
  }

  /// A task or a file is over, and patterns with an open end were the last that read.
  func reportOpenEnded() {
    for open in channels.openEnds.values.sorted(by: { $0.range.lower < $1.range.lower }) {
      reportOpenEnd(open)
    }
    channels.openEnds = [:]
  }
}
