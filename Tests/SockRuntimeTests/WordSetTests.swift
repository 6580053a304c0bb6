// The option words of a step.

import SockLanguage
import Testing

@testable import SockRuntime

@Suite struct WordSetTests {
  @Test(arguments: OptionWord.allCases) func aSetHasTheWordThatWasPutIn(word: OptionWord) {
    var set = WordSet()
    #expect(set.isEmpty && !set.contains(word))
    set.insert(word)
    set.insert(word)
    #expect(!set.isEmpty && set.isOnly(word))
    for other in OptionWord.allCases where other != word { #expect(!set.contains(other) && !set.isOnly(other)) }
    let second: OptionWord = word == .inet ? .hold : .inet
    set.insert(second)
    #expect(set.contains(word) && set.contains(second) && !set.isOnly(word))
  }
}
