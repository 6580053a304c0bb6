// Messages with fields: made-up bytes to the decoder, all at once and as they come, and what it gives to the encoder.
import SockLanguage

@testable import SockRuntime

/// Those that are fed, by their names: `std:dns.Message`.
struct MessageTarget {
  /// Those of the standard library, and one for each type that there is. Ones that get values from the message around
  /// them are a part of others.
  private let layouts: [(name: String, layout: MessageLayout)]
  private static let everyType = "Tests/Fuzz/every-type.sock"

  init() {
    var found: [(String, MessageLayout)] = []
    for path in StandardLibrary.names + [MessageTarget.everyType] {
      guard case .success(let file) = StandardLibrary.read(path) ?? ScriptFiles.read(path) else {
        fatalError("cannot read \(path)")
      }
      let result = Loader.load(file, read: ScriptFiles.read(importing:from:))
      precondition(!result.hasErrors, "\(path) has mistakes")
      for name in MessageListing.names(in: result.main) {
        guard let declaration = result.main.exports[name]?.message, declaration.parameters.isEmpty else { continue }
        found.append(("\(path.split(separator: "/").last ?? "").\(name)", Compiler().layout(of: declaration)))
      }
    }
    precondition(found.count > 40, "messages are missing: there are \(found.count)")
    layouts = found
  }

  /// A name that none has is one of them all the same: what is made up reaches all.
  private func layout(_ name: ByteString) -> MessageLayout {
    if let known = layouts.first(where: { name.bytes.elementsEqual($0.name.utf8) }) { return known.layout }
    let number = name.bytes.reduce(UInt32(0)) { $0 &* 31 &+ UInt32($1) }
    return layouts[Int(number % UInt32(layouts.count))].layout
  }

  /// What the decoder says.
  private enum Answer: Equatable {
    case whole(String, size: Int)
    case wrong(String)
    case more

    init(_ decoded: () throws(LayoutStop) -> (fields: Map, size: Int)) {
      do throws(LayoutStop) {
        let (fields, size) = try decoded()
        self = .whole(Show.inspect(.map(fields)).text, size: size)
      } catch {
        switch error {
        case .more: self = .more
        case .wrong(let problem): self = .wrong("\(problem.code) \(problem.words(""))")
        }
      }
    }
  }

  func feed(_ name: ByteString, _ bytes: UnsafeRawBufferPointer) {
    let layout = layout(name)
    let trace = LayoutTrace()
    // At the end of all bytes, which is what they are at once.
    let atEnd = Answer { () throws(LayoutStop) in try MessageDecoder.decode(layout, bytes, trace: trace) }
    for entry in trace.entries {
      FuzzTarget.require(
        entry.range.upperBound <= bytes.count, "\(layout.name)\(trace.path(of: entry)) stands behind the end")
    }
    for range in trace.strings {
      FuzzTarget.require(range.upperBound <= bytes.count, "a string of \(layout.name) stands behind the end")
    }
    let growing = grow(layout, bytes)
    if case .whole = growing {
      FuzzTarget.require(growing == atEnd, "\(layout.name): whole \(growing), and at the end \(atEnd)")
    }
    if case .whole(_, let size) = atEnd { again(layout, UnsafeRawBufferPointer(rebasing: bytes[..<size])) }
  }

  /// Decodes what comes in pieces, whose sizes follow from the bytes: each answer is that of all so far at once.
  private func grow(_ layout: MessageLayout, _ bytes: UnsafeRawBufferPointer) -> Answer {
    var seed = bytes.reduce(UInt64(bytes.count)) { $0 &* 6_364_136_223_846_793_005 &+ UInt64($1) &+ 1 }
    var progress: MessageProgress?
    var count = 0
    var answer = Answer.more
    while count < bytes.count {
      seed = seed &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      // Few pieces of many bytes: each is decoded from the beginning, too.
      count = min(bytes.count, count + 1 + Int(seed >> 33) % max(4, bytes.count / 8))
      let part = UnsafeRawBufferPointer(rebasing: bytes[..<count])
      answer = Answer { () throws(LayoutStop) in try MessageDecoder.decode(layout, part, from: &progress) }
      var none: MessageProgress?
      let fresh = Answer { () throws(LayoutStop) in try MessageDecoder.decode(layout, part, from: &none) }
      FuzzTarget.require(
        answer == fresh, "\(layout.name): of \(count) bytes in pieces \(answer), and of all at once \(fresh)")
      if answer != .more { break }
    }
    return answer
  }

  /// What was decoded is encoded: as many bytes have the same fields.
  private func again(_ layout: MessageLayout, _ bytes: UnsafeRawBufferPointer) {
    guard let map = try? MessageDecoder.decode(layout, bytes).fields else {
      return FuzzTarget.require(false, "\(layout.name): its own \(bytes.count) bytes are not enough")
    }
    // What is given is sent as it is, and may not fit: a length that was right for what can be written shorter.
    guard let encoded = try? MessageEncoder.encode(layout, map) else { return }
    encoded.withUnsafeBytes { encoded in
      let other = try? MessageDecoder.decode(layout, encoded)
      guard encoded.count == bytes.count, !MessageTarget.hasNames(layout) else { return }
      let (one, again) = (MessageTarget.shown(.map(map)), other.map { MessageTarget.shown(.map($0.fields)) })
      FuzzTarget.require(
        one == again && other?.size == bytes.count, "\(layout.name): decoded \(one), and encoded again \(again ?? "")")
    }
  }

  /// A value with its fields in one order: those of protobuf come in any.
  private static func shown(_ value: Value) -> String {
    switch value {
    case .map(let map):
      let fields = map.entries.filter(\.isLive).map { "\(Show.inspect($0.key).text): \(shown($0.value))" }
      return "{\(fields.sorted().joined(separator: ", "))}"
    case .list(let list): return "[\(list.items.map(shown).joined(separator: ", "))]"
    default: return Show.inspect(value).text
    }
  }

  /// Whether there are names in it: those are compressed otherwise than they came.
  private static func hasNames(_ layout: MessageLayout) -> Bool {
    var seen: Set<ObjectIdentifier> = []
    func has(_ layout: MessageLayout) -> Bool {
      guard seen.insert(ObjectIdentifier(layout)).inserted else { return false }
      return layout.fields.contains { has($0.type) }
    }
    func has(_ type: LayoutType) -> Bool {
      switch type {
      case .domainName: true
      case .message(let layout, _): has(layout)
      case .whole(let inner), .list(let inner, _), .prefixed(_, let inner, _): has(inner)
      case .choice(_, let cases, let otherwise): cases.contains { has($0.type) } || otherwise.map(has) ?? false
      default: false
      }
    }
    return has(layout)
  }
}
