// The machine's instructions: eight bytes each, an operation and three operands.

/// `r[x]` is a register of the running frame. `bc` is `b` and `c` as one 32-bit number.
package enum Operation: UInt16 {
  // Moving
  /// r[a] = r[b]
  case move
  /// r[a] = r[b], which is left nil
  case take
  /// r[a] = nil
  case loadNil
  /// r[a] = b != 0
  case loadBoolean
  /// r[a] = bc as a signed integer
  case loadInteger
  /// r[a] = constants[bc]
  case loadConstant
  /// r[a] = statics[bc].value
  case loadStatic
  /// statics[bc].value = r[a]
  case storeStatic
  /// r[a] … r[a + b - 1] are not read again: nothing stays but scalars and short strings
  case clear
  /// r[a] = a new cell that holds nil
  case newCell
  /// r[a] = the value in the cell r[b]
  case loadCell
  /// the cell r[a] = r[b]
  case storeCell
  /// r[a] = cells[b] of the running function
  case loadCaptured
  /// cells[b] of the running function = r[a]
  case storeCaptured
  /// r[a] = a function of children[bc] with the cells it captures
  case makeFunction
  /// r[a] = the predefined name number b
  case loadPredefined

  // Computing: r[a] = r[b] op r[c]
  case add, subtract, multiply, divide, remainder
  case shiftLeft, shiftRight, bitAnd, bitOr, bitXor
  case equal, notEqual, less, lessOrEqual, contained, matches, matchesNot
  /// r[a] = r[b] + c as a signed integer
  case addImmediate
  /// r[a] = r[b] op constants[c]
  case multiplyConstant, divideConstant, remainderConstant
  /// r[a] = r[b] =~ the regular expression constants[c]
  case matchesConstant
  /// r[a] = op r[b]
  case negate, complement, not
  /// r[a] = len(r[b])
  case length
  /// r[a] = r[a] + r[b], in place where r[a] is the only owner of its string or list
  case append
  /// The same for a variable that is no register: statics[b], the cell r[b], cells[b] of the running function; + r[a].
  /// c is not 0: r[c - 1] is what the variable was when r[a] was not computed yet, and what r[a] is added to
  case appendStatic, appendCell, appendCaptured
  /// r[a][r[b]] = r[c] + r[c + 1], in place as `append`: r[c] is what the element was when r[c + 1] was not computed
  /// yet. Both are nil then
  case appendElement
  /// r[a] = the text of the pieces of texts[bc], joined
  case interpolate
  /// r[a] = r[a] + the text of the pieces of texts[bc], in place as `append`
  case appendText
  /// r[a] = the regular expression of regexSites[bc]
  case makeRegex
  /// r[a] = [r[b] … r[b + c - 1]]
  case newList
  /// r[a] = {}
  case newMap
  /// r[a] = r[b]..r[c], r[b]..<r[c], r[b]..
  case newRange, newRangeExclusive, newRangeFrom
  /// r[a] = r[b][r[c]]
  case getIndex
  /// V = V[r[a]], in place where V is its list's only owner: b and c as for `appendStatic` and its like
  case sliceStatic, sliceCell, sliceCaptured
  /// r[a][r[b]] = r[c][r[c + 1]], in place as these: r[c] as for `appendElement`
  case sliceElement
  /// r[a][r[b]] = r[c]
  case setIndex
  /// r[a][r[b]] = r[a][r[b]] + c as a signed integer, then the next instruction (a jump); skips that, with nothing
  /// done, unless there is an integer under a string in a map
  case addToElement
  /// r[a] = r[b].name, memberSites[c]
  case getMember
  /// r[b] … r[b + c - 1] = the elements of the list r[a], which has exactly c
  case takeApart

  // Jumping; targets are instruction numbers
  /// to bc
  case jump
  /// to bc, backwards: counts as a turn
  case jumpBack
  /// to bc if r[a] is nil or false / is neither
  case jumpIfFalse, jumpIfTrue
  /// skips the next instruction (a jump) if r[a] op r[b]
  case skipIfEqual, skipIfNotEqual, skipIfLess, skipIfLessOrEqual
  /// skips the next instruction (a jump) if r[a] op constants[bc]
  case skipIfEqualConstant, skipIfNotEqualConstant
  case skipIfLessConstant, skipIfLessOrEqualConstant, skipIfGreaterConstant, skipIfGreaterOrEqualConstant
  /// skips the next instruction (a jump) if the value r[a] fits r[b], which stands behind `is`
  case skipIfFits
  /// the same for r[b] and r[c]; r[a] = the match, if r[c] is a regular expression
  case skipIfFitsNaming
  /// r[a] counts up to r[a + 1] (which may be left out: exclusive); to bc when there is no turn. r[a + 2] is the turn's number.
  case forRangeStart, forRangeStartExclusive
  /// the next number of `forRangeStart`: to bc if there is one
  case forRangeNext
  /// r[a] becomes what is walked over, r[a + 1] the position
  case iterateStart
  /// r[a + 2] = the next element, or to bc when there is none
  case iterateNext
  /// The same for `iterateNextPair`; r[a + 3] becomes the map that is walked over
  case iteratePairsStart
  /// r[a + 2] = the next element and r[a + 4] = its number, or a map's next value and key; or to bc when there is none
  case iterateNextPair
  /// r[a] is to be cut into pieces: what stands in r[a + 3] separates them (nil: white space, true: line ends)
  case cutStart
  /// r[a + 2] = the next piece of r[a], whose position is r[a + 1], or to bc when there is none
  case cutNext

  // Calling
  /// r[a] = r[a](r[a + 1] … r[a + b]). `resolve` waits here, as a step does
  case call
  /// r[a] = functions[b](r[a + 1] … r[a + c])
  case callDirect
  /// r[a] = r[b](r[a + 1] … r[a + c]), where r[b] keeps its function meanwhile
  case callKept
  /// the list r[a] gets r[b] at its end, which is left nil
  case collect
  /// r[a] = builtin number b(r[a] … r[a + c - 1])
  case callBuiltin
  /// r[a] = builtin number b(r[c])
  case callUnary
  /// r[a] = what builtin number b, whose code this is, makes in the end of r[0], r[2], and what its function gave, r[3]
  case finishCallback
  /// returns r[a]
  case returnValue
  /// raises the error r[a] again
  case raise
  /// runs modules[bc] unless that has been done
  case importModule
  /// setting number bc: r[a] = what `--set` gave, or stays the default
  case loadSetting

  /// a statement begins here: who has asked for it may stop the task
  case pause

  // Acting
  /// r[a] = the result of the verb phrase steps[bc]
  case step
  /// r[a] = the result of the chosen case of selects[bc]; goes to its target
  case select
  /// `select all`: forgets which cases have happened
  case selectBegin
  /// r[a] = a task that runs children[bc]
  case spawn
  /// serves: serves[bc]
  case serve
  /// children[bc] runs when the frame ends
  case deferFunction
  /// r[a], r[a + 1] = the current connection and listener; r[b] becomes current
  case enterChannel
  case leaveChannel
  /// r[a] = the block's deadline so far; it ends r[b] seconds from now, or earlier
  case enterDeadline
  case leaveDeadline
  /// `error` = r[a]
  case setError
  /// waits r[b] seconds (every), then goes on, unless the deadline r[a] has passed: then raises r[a + 1]
  case retryPause
  /// tests[bc] exists from here on, with the cells of now; r[a] … r[a + 3] are its name, citation, timeout and `todo`
  case declareTest
  /// the end of a file of tests: waits until they have run, so that what the file has deferred runs after them
  case awaitTests
  /// the test is over, r[a] is what it failed with or nil: the server is asked from here on whether it still answers
  case beginProbe
  /// fails unless a test runs in which `setup` sets the name of setupUses[bc]
  case requireTest
  /// fails with assertSites[bc]; r[a] is the message or nil
  case assertionFailed
}

package struct Instruction {
  package var operation: Operation
  package var a: UInt16
  package var b: UInt16
  package var c: UInt16

  @inline(__always)
  package init(_ operation: Operation, _ a: Int = 0, _ b: Int = 0, _ c: Int = 0) {
    self.operation = operation
    self.a = UInt16(truncatingIfNeeded: a)
    self.b = UInt16(truncatingIfNeeded: b)
    self.c = UInt16(truncatingIfNeeded: c)
  }

  package init(_ operation: Operation, _ a: Int, wide: Int) {
    self.init(operation, a, wide & 0xFFFF, (wide >> 16) & 0xFFFF)
  }

  /// `c` as a signed number.
  @inline(__always)
  package var immediate: Int { Int(Int16(bitPattern: c)) }

  /// `b` and `c` as one signed number.
  @inline(__always)
  package var wide: Int {
    Int(Int32(bitPattern: UInt32(b) | UInt32(c) << 16))
  }
}
