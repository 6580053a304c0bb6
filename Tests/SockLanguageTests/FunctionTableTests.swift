// The laws of the function table, and the reference that is made from both tables.

import Glibc
import Testing

@testable import SockLanguage

@Suite("The function table")
struct FunctionTableTests {
  @Test("each function has its own row", arguments: BuiltinFunction.allCases)
  func row(_ function: BuiltinFunction) {
    let row = FunctionTable[function]
    let arity = FunctionTable.arity(of: function)
    #expect(row.function == function)
    #expect(row.required == arity.required)
    if let most = arity.most {
      #expect(row.parameters.count == most)
      #expect(row.required <= most)
    } else {
      #expect(row.isVariadic)
    }
    #expect(Set(row.parameters).count == row.parameters.count)
    #expect(!row.summary.isEmpty && row.summary.last != ".")
    #expect(row.signature.hasPrefix("\(function.rawValue)("))
  }

  @Test("each example is an expression without a complaint, and so is its value", arguments: BuiltinFunction.allCases)
  func example(_ function: BuiltinFunction) {
    let example = FunctionTable[function].example
    _ = checked("print \(example.expression)\nprint \(example.value)")
    #expect(example.expression.contains("\(function.rawValue)("))
  }

  @Test("no function, predefined name or property hides another or a verb")
  func names() {
    let names = BuiltinFunction.allCases.map(\.rawValue) + PredefinedName.allCases.map(\.rawValue)
    #expect(Set(names).count == names.count)
    #expect(Set(names).isDisjoint(with: Verb.allCases.map(\.rawValue)))
    #expect(Set(ChannelProperty.allCases.map(\.rawValue)).isDisjoint(with: Verb.allCases.map(\.rawValue)))
  }

  @Test("how a function is called")
  func signatures() {
    #expect(FunctionTable[.split].signature == "split(s [, separator])")
    #expect(FunctionTable[.now].signature == "now()")
    #expect(FunctionTable[.push].signature == "push(list, value, …)")
  }
}

@Suite("The reference")
struct ReferenceTests {
  @Test("grammar/reference-verbs.md is what the tables make")
  func onDisk() throws {
    // Written anew when UPDATE_REFERENCE is set.
    let path = #filePath.split(separator: "/").dropLast(3).reduce("") { "\($0)/\($1)" } + "/grammar/reference-verbs.md"
    let text = Reference.markdown()
    if getenv("UPDATE_REFERENCE") != nil {
      let file = try #require(fopen(path, "w"))
      fputs(text, file)
      fclose(file)
    }
    let file = try #require(fopen(path, "r"))
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65536)
    while case let count = fread(&buffer, 1, buffer.count, file), count > 0 { bytes += buffer.prefix(count) }
    #expect(
      String(decoding: bytes, as: UTF8.self) == text,
      "the file is stale: UPDATE_REFERENCE=1 swift test --filter ReferenceTests")
  }

  @Test("every verb, option and function is in it")
  func complete() {
    let text = Reference.markdown()
    for verb in Verb.allCases { #expect(text.contains("\n### \(verb.rawValue)\n")) }
    for function in BuiltinFunction.allCases { #expect(text.contains("| `\(function.rawValue)(")) }
    for row in VerbTable.rows {
      for option in row.options.joined() { #expect(text.contains(option.summary)) }
    }
  }

  @Test("how a verb is written")
  func synopsis() {
    #expect(VerbTable[.accept].synopsis == "[LISTENER.]accept [within DURATION] [as NAME]")
    #expect(VerbTable[.shutdown].synopsis == "[CHANNEL.]shutdown read|write|both")
    #expect(VerbTable[.sleep].synopsis.hasPrefix("sleep DURATION"))
  }
}
