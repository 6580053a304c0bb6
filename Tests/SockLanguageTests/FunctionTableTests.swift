// The laws of the function table.

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
    let declaration = FunctionTable[function].exampleDeclaration
    _ = checked("\(declaration)print \(example.expression)\nprint \(example.value)")
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
    #expect(FunctionTable[.split].signature == "split(s [, separator] [, limit])")
    #expect(FunctionTable[.now].signature == "now()")
    #expect(FunctionTable[.push].signature == "push(list, value, …)")
  }
}
