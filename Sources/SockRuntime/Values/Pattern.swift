// A regular expression: PCRE2 over bytes.

import CMeter
import CPCRE2
import SockLanguage

/// How hard one attempt to match may work. What goes beyond ends in a failure that names the limit.
package struct PatternLimits: Sendable {
  /// Backtracking steps from one starting place. All of them together, wherever they start, have besides as much time
  /// as a `MatchBudget` says.
  package var backtracking: UInt32
  /// KiB of memory for backtracking.
  package var memory: UInt32

  package init(backtracking: UInt32 = 4_000_000, memory: UInt32 = 65_536) {
    self.backtracking = backtracking
    self.memory = memory
  }
}

/// How long the thread may compute for one match, or for all those of one call that looks for many. The time is the
/// processor's, so that a busy machine does not make it shorter, and measured in steps of 10 ms.
package struct MatchBudget {
  /// For a subject of any length, in ticks: 50 ms, after which others have waited long enough.
  private static let least: Int32 = 5
  /// What the longest subjects need at a pace that is no backtracking's: 20 MB a second.
  private static let bytesInATick = 200_000

  fileprivate var ticks: Int32

  /// - Parameter count: of the bytes to look through.
  package init(of count: Int) { ticks = MatchBudget.least + Int32(clamping: count / MatchBudget.bytesInATick) }
}

package enum PatternOutcome {
  /// The offsets are in the pattern until its next match.
  case matched
  /// Everything up to the end of the subject fits, and more bytes could complete or lengthen the match, which starts
  /// here.
  case partial(from: Int)
  case none
  case failed(Failure)
}

/// One compiled regular expression, with what matching it needs. It belongs to one thread: a match overwrites the
/// offsets of the match before. A pattern is interpreted at first and compiled to machine code once it is used again
/// or given a long subject, so that a script of a hundred patterns starts no slower than one without.
package final class Pattern {
  package let source: ByteString
  /// Of `i m s x`, in this order.
  package let flagsText: String
  /// How many groups there are, not counting the whole match.
  package let groupCount: Int
  /// The named groups, in the order of their names; one name may stand for several groups.
  package let names: [(name: ByteString, group: Int)]

  private let options: UInt32
  private var search: Program
  /// The same, compiled to match at the start offset only: machine code cannot be told so for each match.
  private var anchored: Program?
  private var matchData: OpaquePointer
  private let context: OpaquePointer
  private let limits: PatternLimits
  /// Two for each group, in `matchData`.
  private var offsets: UnsafeMutablePointer<Int>
  private var jitStack: OpaquePointer?

  /// One form of the compiled pattern.
  private struct Program {
    let code: OpaquePointer
    var uses = 0
    /// The modes (PCRE2_JIT_COMPLETE, PCRE2_JIT_PARTIAL_HARD) that machine code exists for.
    var machineCode: UInt32 = 0
    /// The modes that cannot be compiled to machine code.
    var refused: UInt32 = 0
  }

  /// Longer subjects are worth machine code at their first match.
  private static let longSubject = 4096
  /// Whose matches are over soon wherever they start.
  private static let shortSubject = 128
  /// Backtracking steps, from all starting places together, that are not worth machine code: some milliseconds.
  private static let quickSteps: UInt32 = 100_000
  private static let maximumSource = 1 << 20
  private static let jitStackStart = 32 * 1024
  private static let jitStackMaximum = 8 * 1024 * 1024

  /// `flags` holds `i m s x`, each as in Perl. A bad pattern is a `parse` failure that says what is wrong and at which
  /// byte.
  package init(source: ByteString, flags: ByteString, limits: PatternLimits = PatternLimits()) throws(Failure) {
    let (options, flagsText) = try Pattern.options(flags)
    let code = try Pattern.compile(source, options)
    guard let matchData = pcre2_match_data_create_from_pattern_8(code, nil) else {
      pcre2_code_free_8(code)
      throw .limit("there is no memory left for a regex")
    }
    guard let context = pcre2_match_context_create_8(nil) else {
      pcre2_match_data_free_8(matchData)
      pcre2_code_free_8(code)
      throw .limit("there is no memory left for a regex")
    }
    pcre2_set_match_limit_8(context, limits.backtracking)
    pcre2_set_depth_limit_8(context, limits.backtracking)
    pcre2_set_heap_limit_8(context, limits.memory)
    self.source = source
    self.flagsText = flagsText
    self.options = options
    self.limits = limits
    self.search = Program(code: code)
    self.matchData = matchData
    self.context = context
    self.offsets = Pattern.offsets(of: matchData)
    groupCount = Int(pcre2_get_ovector_count_8(matchData)) - 1
    names = Pattern.names(of: code)
  }

  deinit {
    pcre2_code_free_8(search.code)
    if let anchored { pcre2_code_free_8(anchored.code) }
    pcre2_match_data_free_8(matchData)
    pcre2_match_context_free_8(context)
    if let jitStack { pcre2_jit_stack_free_8(jitStack) }
  }

  /// The name of a group, if it has one.
  package func name(of group: Int) -> ByteString? {
    names.first { $0.group == group }?.name
  }

  /// The bytes so written that a pattern matches just them, under every flag and in a class too.
  package static func quote(_ bytes: UnsafeRawBufferPointer) -> [UInt8] {
    var quoted: [UInt8] = []
    quoted.reserveCapacity(bytes.count + bytes.count / 4 + 4)
    for byte in bytes {
      // Above ASCII too: the flag x takes 0x85 for white space.
      if !ByteClass.isWord(byte) { quoted.append(0x5C) }
      quoted.append(byte)
    }
    return quoted
  }

  // MARK: The last match

  /// Where a group (0 is the whole match) of the last match stands in its subject; nil when it took no part.
  @inline(__always)
  package func range(of group: Int) -> Range<Int>? {
    let lower = offsets[group * 2]
    // PCRE2_UNSET is all ones. `\K` may set a start beyond the end.
    guard lower >= 0 else { return nil }
    return lower..<max(lower, offsets[group * 2 + 1])
  }

  @inline(__always)
  package var matchedRange: Range<Int> { range(of: 0) ?? 0..<0 }

  /// The smallest range that holds all groups of the last match (look-around can capture outside of the match).
  package var extent: Range<Int> {
    var lower = Int.max
    var upper = 0
    for group in 0...groupCount {
      guard let range = range(of: group) else { continue }
      lower = min(lower, range.lowerBound)
      upper = max(upper, range.upperBound)
    }
    return lower <= upper ? lower..<upper : 0..<0
  }

  // MARK: Matching

  /// Looks for the pattern in `subject`, at offset `from` or after it; only there when `anchored`. What is before
  /// `from` is seen by look-behind, `\b` and `^`. With `partial` the end of the subject is not the end of the text: a
  /// match that touches it, or could go on there, is reported as partial, also where a shorter one is complete. A
  /// `from` outside the subject matches nothing.
  package func match(
    _ subject: UnsafeRawBufferPointer, from: Int = 0, anchored isAnchored: Bool = false, partial: Bool = false
  ) -> PatternOutcome {
    var budget = MatchBudget(of: subject.count)
    return match(subject, from: from, anchored: isAnchored, partial: partial, &budget)
  }

  /// How many bytes from the first on could begin a match; nil where even that is hard to tell, or nothing could.
  package func reach(in subject: UnsafeRawBufferPointer) -> Int? {
    guard subject.count <= Pattern.longSubject else { return nil }
    var budget = MatchBudget(of: 0)
    var (lower, upper) = (0, subject.count)
    while lower < upper {
      let middle = (lower + upper + 1) / 2
      switch match(UnsafeRawBufferPointer(rebasing: subject[..<middle]), anchored: true, partial: true, &budget) {
      case .matched, .partial: lower = middle
      case .none: upper = middle - 1
      case .failed: return nil
      }
    }
    return lower > 0 ? lower : nil
  }

  /// The same as one of several matches with one budget.
  package func match(
    _ subject: UnsafeRawBufferPointer, from: Int = 0, anchored isAnchored: Bool = false, partial: Bool = false,
    _ budget: inout MatchBudget
  ) -> PatternOutcome {
    guard from >= 0, from <= subject.count else { return .none }
    let mode = partial ? UInt32(PCRE2_JIT_PARTIAL_HARD) : UInt32(PCRE2_JIT_COMPLETE)
    let options = partial ? PCRE2_PARTIAL_HARD : 0
    // An empty subject may have no address; PCRE2 wants one.
    let base = (subject.baseAddress ?? UnsafeRawPointer(offsets)).assumingMemoryBound(to: UInt8.self)
    let isWorthMachineCode = subject.count - from >= Pattern.longSubject
    var result: Int32
    if isAnchored {
      result = PCRE2_ERROR_MATCHLIMIT
      if anchored == nil, !isWorthMachineCode, search.uses == 0 {
        search.uses += 1
        result = interpret(search.code, base, subject.count, from, options | PCRE2_ANCHORED, quickly: true)
      }
      if Pattern.isTooMuch(result) {
        var program: Program
        if let anchored {
          program = anchored
        } else {
          do throws(Failure) {
            program = Program(code: try Pattern.compile(source, self.options | PCRE2_ANCHORED))
          } catch {
            return .failed(error)
          }
        }
        result = run(&program, mode, isWorthMachineCode, base, subject.count, from, options, &budget)
        anchored = program
      }
    } else {
      result = run(&search, mode, isWorthMachineCode, base, subject.count, from, options, &budget)
    }
    if result >= 0 {
      Meter.charge(bytes: offsets[1] - from)
      return .matched
    }
    Meter.charge(bytes: subject.count - from)
    switch result {
    case PCRE2_ERROR_NOMATCH:
      // Of no bytes at all PCRE2 says "no match" where it knows that one needs some.
      return partial && from == subject.count ? .partial(from: from) : .none
    case PCRE2_ERROR_PARTIAL: return .partial(from: max(from, offsets[0]))
    default:
      freeWorkingMemory()
      return .failed(Pattern.failure(result))
    }
  }

  private static func offsets(of matchData: OpaquePointer) -> UnsafeMutablePointer<Int> {
    // PCRE2_SIZE is size_t; as Int, what is unset is negative.
    UnsafeMutableRawPointer(pcre2_get_ovector_pointer_8(matchData)).assumingMemoryBound(to: Int.self)
  }

  /// PCRE2 keeps the memory that a match needed for the next one; after a failure that may be all that the limit allows.
  private func freeWorkingMemory() {
    guard let fresh = pcre2_match_data_create_from_pattern_8(search.code, nil) else { return }
    pcre2_match_data_free_8(matchData)
    matchData = fresh
    offsets = Pattern.offsets(of: fresh)
    guard let jitStack else { return }
    pcre2_jit_stack_assign_8(context, nil, nil)
    pcre2_jit_stack_free_8(jitStack)
    self.jitStack = nil
  }

  /// Counts a use and says whether there is machine code for the mode, making it when it is due.
  @inline(__always)
  private func prepare(_ program: inout Program, _ mode: UInt32, _ isWorthMachineCode: Bool) -> Bool {
    if program.machineCode & mode != 0 { return true }
    program.uses += 1
    guard program.uses > 2 || isWorthMachineCode, program.refused & mode == 0 else { return false }
    return Pattern.makeMachineCode(&program, mode)
  }

  @inline(never)
  private static func makeMachineCode(_ program: inout Program, _ mode: UInt32) -> Bool {
    if pcre2_jit_compile_8(program.code, mode) == 0 {
      program.machineCode |= mode
      return true
    }
    program.refused |= mode
    return false
  }

  @inline(__always)
  private func run(
    _ program: inout Program, _ mode: UInt32, _ isWorthMachineCode: Bool, _ subject: UnsafePointer<UInt8>, _ count: Int,
    _ from: Int, _ options: UInt32, _ budget: inout MatchBudget
  ) -> Int32 {
    if prepare(&program, mode, isWorthMachineCode) {
      // A step from one starting place to the next is short in a short subject: the limit of backtracking is enough.
      if count &- from <= Pattern.shortSubject {
        let result = pcre2_jit_match_8(program.code, subject, count, from, options, matchData, context)
        if result != PCRE2_ERROR_JIT_STACKLIMIT { return result }
      }
      return measured(program.code, subject, count, from, options, &budget)
    }
    let mayTurn = program.refused & mode == 0
    let result = interpret(program.code, subject, count, from, options, quickly: mayTurn)
    guard mayTurn, Pattern.isTooMuch(result), Pattern.makeMachineCode(&program, mode) else { return result }
    return measured(program.code, subject, count, from, options, &budget)
  }

  private static func isTooMuch(_ result: Int32) -> Bool {
    result == PCRE2_ERROR_MATCHLIMIT || result == PCRE2_ERROR_DEPTHLIMIT
  }

  /// By machine code, within the budget.
  private func measured(
    _ code: OpaquePointer, _ subject: UnsafePointer<UInt8>, _ count: Int, _ from: Int, _ options: UInt32,
    _ budget: inout MatchBudget
  ) -> Int32 {
    let before = budget.ticks
    var result = cmeter_match(code, subject, count, from, options, matchData, context, &budget.ticks)
    if result == PCRE2_ERROR_JIT_STACKLIMIT, jitStack == nil {
      // The 32 KiB that machine code takes from the thread's stack did not suffice.
      jitStack = pcre2_jit_stack_create_8(Pattern.jitStackStart, Pattern.jitStackMaximum, nil)
      guard let jitStack else { return result }
      pcre2_jit_stack_assign_8(context, nil, UnsafeMutableRawPointer(jitStack))
      result = cmeter_match(code, subject, count, from, options, matchData, context, &budget.ticks)
    }
    // Others have waited.
    if budget.ticks < before { cmeter_charge(Int64(Meter.share)) }
    return result
  }

  /// Without machine code. Its steps are counted from one starting place to the next, so the places share what there is
  /// for all.
  /// - Parameter isQuick: machine code takes over from what takes longer.
  private func interpret(
    _ code: OpaquePointer, _ subject: UnsafePointer<UInt8>, _ count: Int, _ from: Int, _ options: UInt32,
    quickly isQuick: Bool
  ) -> Int32 {
    let places = UInt32(clamping: count - from + 1)
    let steps = isQuick ? max(100, Pattern.quickSteps / places) : max(10_000, limits.backtracking / places)
    pcre2_set_match_limit_8(context, min(steps, limits.backtracking))
    defer { pcre2_set_match_limit_8(context, limits.backtracking) }
    return pcre2_match_8(code, subject, count, from, options | PCRE2_NO_JIT, matchData, context)
  }

  private static func failure(_ result: Int32) -> Failure {
    switch result {
    case PCRE2_ERROR_MATCHLIMIT, PCRE2_ERROR_DEPTHLIMIT, CMETER_GIVEN_UP:
      return .limit(
        "the regex needs too much backtracking (limit regex-backtracking); make its repetitions exclude each other")
    case PCRE2_ERROR_HEAPLIMIT, PCRE2_ERROR_JIT_STACKLIMIT, PCRE2_ERROR_NOMEMORY:
      return .limit(
        "the regex needs too much memory for backtracking (limit regex-memory); make its repetitions exclude each other"
      )
    default:
      return Failure(.parse, "the regex cannot be matched: \(message(result))")
    }
  }

  // MARK: Compiling

  private static func options(_ flags: ByteString) throws(Failure) -> (UInt32, String) {
    // `(*UTF)` in a pattern would make any byte string that is not UTF-8 unmatchable.
    var options = PCRE2_NEVER_UTF
    for flag in flags.bytes {
      switch flag {
      case 0x69: options |= PCRE2_CASELESS
      case 0x6D: options |= PCRE2_MULTILINE
      case 0x73: options |= PCRE2_DOTALL
      case 0x78: options |= PCRE2_EXTENDED
      default:
        let shown = Show.inspect(.string(ByteString([flag]))).text
        throw Failure(.parse, "\(shown) is no regex flag: those are i, m, s and x")
      }
    }
    var text = ""
    if options & PCRE2_CASELESS != 0 { text += "i" }
    if options & PCRE2_MULTILINE != 0 { text += "m" }
    if options & PCRE2_DOTALL != 0 { text += "s" }
    if options & PCRE2_EXTENDED != 0 { text += "x" }
    return (options, text)
  }

  private static func compile(_ source: ByteString, _ options: UInt32) throws(Failure) -> OpaquePointer {
    guard source.count <= maximumSource else { throw .limit("a regex may be \(maximumSource) bytes long at most") }
    // Without a context, what ends a line is a choice of the library's packager.
    guard let context = pcre2_compile_context_create_8(nil) else {
      throw .limit("there is no memory left for a regex")
    }
    defer { pcre2_compile_context_free_8(context) }
    pcre2_set_newline_8(context, UInt32(PCRE2_NEWLINE_LF))
    var error: Int32 = 0
    var offset = 0
    guard let code = pcre2_compile_8(source.start, source.count, options, &error, &offset, context) else {
      throw Failure(.parse, "bad regex: \(message(error)) at byte \(offset)")
    }
    return code
  }

  private static func message(_ error: Int32) -> String {
    withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 256) { buffer in
      let length = pcre2_get_error_message_8(error, buffer.baseAddress, buffer.count)
      guard length > 0 else { return "PCRE2 error \(error)" }
      return String(decoding: buffer[..<Int(length)], as: UTF8.self)
    }
  }

  private static func names(of code: OpaquePointer) -> [(name: ByteString, group: Int)] {
    var count: UInt32 = 0
    var size: UInt32 = 0
    var table: UnsafePointer<UInt8>?
    guard pcre2_pattern_info_8(code, UInt32(PCRE2_INFO_NAMECOUNT), &count) == 0, count > 0,
      pcre2_pattern_info_8(code, UInt32(PCRE2_INFO_NAMEENTRYSIZE), &size) == 0,
      pcre2_pattern_info_8(code, UInt32(PCRE2_INFO_NAMETABLE), &table) == 0, let table
    else { return [] }
    // Each entry: the group in two bytes, then its name up to a NUL.
    return (0..<Int(count)).map { index in
      let entry = UnsafeRawBufferPointer(start: table + index * Int(size), count: Int(size))
      let name = UnsafeRawBufferPointer(rebasing: entry[2...])
      let length = name.offset(of: 0) ?? name.count
      return (
        name: ByteString.copy(UnsafeRawBufferPointer(rebasing: name[..<length])),
        group: Int(entry[0]) << 8 | Int(entry[1])
      )
    }
  }
}
