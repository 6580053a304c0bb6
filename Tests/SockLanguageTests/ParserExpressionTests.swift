// What binds to what.

import Testing

@testable import SockLanguage

@Suite struct ParserExpressionTests {
  @Test(arguments: [
    ("1 + 2 * 3", "(+ 1 (* 2 3))"), ("1 - 2 - 3", "(- (- 1 2) 3)"), ("a-b", "(- a b)"), ("a - -b", "(- a (- b))"),
    ("-a.b", "(- (. a b))"), ("-a * b", "(* (- a) b)"), ("~a & b", "(& (~ a) b)"), ("a << 1 + 2", "(<< a (+ 1 2))"),
    ("a & b << c", "(& a (<< b c))"), ("a ^ b & c", "(^ a (& b c))"), ("a | b ^ c", "(| a (^ b c))"),
    ("a | b .. c", "(.. (| a b) c)"), ("a..b == c", "(== (.. a b) c)"), ("a + 1 < b | c", "(< (+ a 1) (| b c))"),
    ("a in b and c", "(and (in a b) c)"), ("not a == b", "(not (== a b))"), ("not a and b", "(and (not a) b)"),
    ("not not a", "(not (not a))"), ("a and not b", "(and a (not b))"),
    ("a or b and c or d", "(or (or a (and b c)) d)"),
    ("a =~ /x/ and m", #"(and (=~ a (re "x")) m)"#), ("a !~ /x/", #"(!~ a (re "x"))"#), ("a % b / c", "(/ (% a b) c)"),
    ("f(a)(b)[c].d", "(. (at (call (call f a) b) c) d)"), ("f()", "(call f)"), ("f(a, b,)", "(call f a b)"),
    ("s[1..3]", "(at s (.. 1 3))"), ("s[4..]", "(at s (.. 4 -))"), ("s[-1]", "(at s -1)"), ("m.if", "(. m if)"),
    ("(a, b)", "?bracket-expected@,"), ("[]", "[]"), ("{}", "{}"), ("[[1], 2]", "[[1] 2]"),
    ("{a: 1, \"b\": [2], 3: {if: nil},}", #"{"a":1 "b":[2] 3:{"if":nil}}"#), ("{\"k${x}\": 1}", #"{(str "k" ${x}):1}"#),
    ("true and false or nil", "(or (and true false) nil)"), ("try f()", "(try (call f))"),
    ("try f() or 1", "(or (try (call f)) 1)"), ("try f() else 1 or 2", "(try (call f) else (or 1 2))"),
    ("try a == b and c", "(and (try (== a b)) c)"), ("not try a", "(not (try a))"), ("a or try b", "(or a (try b))"),
    ("try recv 1 else nil", "(try (recv 1) else nil)"), ("try a else try b else c", "(try a else (try b else c))"),
    ("try c.recv line within 1s else 2", "(try (recv <c> +line within=1.0f) else 2)"),
    ("if a then b else c", "(if a b c)"), ("(if a then b else c) + 1", "(+ ((if a b c)) 1)"),
    ("if a or b then c and d else if e then f else g", "(if (or a b) (and c d) (if e f g))"),
    ("if a then recv 1 else send b", "(if a (recv 1) (send b))"), ("if then then then else 1", "(if then then 1)"),
    ("if a then try b else c", "(if a (try b) c)"), ("try if", "?not-as-operand@if"),
    ("fn(a, b = 1) a + b", "(fn (a b=1) => (return (+ a b)))"), ("fn() recv 1", "(fn () => (return (recv 1)))"),
    ("fn(x) fn(y) x or y", "(fn (x) => (return (fn (y) => (return (or x y)))))"),
    ("f(fn(x) x, 2)", "(call f (fn (x) => (return x)) 2)"), ("1 + fn(x) x == 2", "(+ 1 (fn (x) => (return (== x 2))))"),
    ("(fn(x) x)(3)", "(call ((fn (x) => (return x))) 3)"),
    ("fn(x) if x then 1 else 2", "(fn (x) => (return (if x 1 2)))"),
    ("a not in b and c", "(and (not in a b) c)"), ("not a not in b", "(not (not in a b))"),
    ("s[..2]", "(at s (.. - 2))"), ("s[..<n + 1]", "(at s (..< - (+ n 1)))"),
    ("(recv 10) == \"x\"", #"(== ((recv 10)) "x")"#), ("[recv 1, 2]", "[(recv 1) 2]"),
    ("f(recv 1)", "(call f (recv 1))"),
    ("a.close", "(close? <a>)"), ("a.close == 1", "(== (close? <a>) 1)"), ("a.wait[0]", "(at (wait? <a>) 0)"),
    ("a.recv 10", "(recv <a> 10)"), ("a.b.recv 10", "(recv <(. a b)> 10)"),
    ("a[0].recv line", "(recv <(at a 0)> +line)"),
    ("f(a).recv line", "(recv <(call f a)> +line)"), ("a.timeout == 5", "(== (timeout? <a>) 5)"),
    ("timeout == 5", "(== (timeout) 5)"), ("timeout - 1", "(- (timeout) 1)"),
    ("1 + timeout * 2", "(+ 1 (* (timeout) 2))"),
    ("timeout", "(timeout)"), ("timeout 5", "(timeout 5)"), ("c.timeout 5", "(timeout <c> 5)"),
    ("eol + \"x\"", #"(+ (eol) "x")"#),
    ("a.expect /x/", #"(expect <a> (re "x"))"#), ("a.close / 2", "(/ (close? <a>) 2)"),
    ("a.reset - 1", "(- (reset? <a>) 1)"),
    ("a.shutdown write", "(shutdown <a> +write)"), ("a.print", "(print? <a>)"),
    ("a.accept within 2s", "(accept <a> within=2.0f)"),
    ("a.line", "(. a line)"), ("a.tags", "(. a tags)"), ("line", "line"), ("secret + all", "(+ secret all)"),
    ("4.. and x", "(and (.. 4 -) x)"), ("{a: recv line as t}", #"{"a":(recv +line as=t)}"#),
  ]) func trees(_ text: String, _ tree: String) {
    if tree.hasPrefix("?") {
      #expect(complaints("let v = \(text)") == [String(tree.dropFirst())])
    } else {
      #expect(dump("let v = \(text)") == "(let v \(tree))")
    }
  }

  @Test(arguments: [
    ("a < b < c", "chained-comparison@<"), ("1..2..3", "chained-comparison@.."), ("a -b", "lopsided-minus@-"),
    ("a- b", "lopsided-minus@-"), ("a && b", "foreign-operator@&&"), ("a || b", "foreign-operator@||"),
    ("!a", "foreign-operator@!"), ("a == not b", "not-as-operand@not"), ("a +", "operand-missing@+"),
    ("", "operand-expected@"),
    ("a + * b", "operand-expected@*"), ("recv 1 == \"x\"", "step-beside-operator@recv 1"),
    ("c.recv 1 == \"x\"", "step-beside-operator@c.recv 1"), ("1 + recv 1", "verb-as-operand@recv"),
    ("1 + c.recv 1", "verb-as-operand@c.recv"), ("1 + c.recv line", "verb-as-operand@c.recv"), ("send(\"x\")", "verb-called@send"),
    ("c.send(\"x\")", "verb-called@send"),
    ("a. b", "member-expected@b"), ("a.5", "member-expected@5"), ("f (1)", "space-before-call@("),
    ("a b", "unknown-verb@a"),
    ("[1 2]", "bracket-expected@2"), ("{a 1}", "unexpected@1"), ("{(a): 1}", "unexpected@("),
    ("f(1", "unclosed-bracket@("),
    ("a)", "stray-bracket@)"), ("a + while", "operand-expected@while"), ("a = b", "bad-target@a"),
    ("1.5.2", "member-expected@2"), ("a[..]", "operand-missing@.."), ("if a then b", "choice-without-else@if"),
    ("a == try b", "not-as-operand@try"), ("a + if b then c else d", "not-as-operand@if"),
    ("a or if b then c else d", "not-as-operand@if"), ("try a or b else c", "else-behind-value@else"),
    ("fn f(x) x", "short-function@fn"), ("fn(x)", "short-function@fn"), ("fn(x) return x", "short-function@return"),
    ("x => x", "foreign-operator@=>"), ("f((x) => x)", "foreign-operator@=>"), ("a else b", "else-behind-value@else"), ("a if b else c", "postfix-if@if"),
  ]) func mistakes(_ text: String, _ complaint: String) {
    #expect(complaints("let v = \(text)") == [complaint])
  }

  @Test func theCureNamesWhatWasWritten() {
    #expect(parse("send(\"x\", f(1))").diagnostics.first?.notes == ["help: write `send \"x\", f(1)`"])
    #expect(parse("if recv 1 == 2\nend").diagnostics.first?.notes == ["help: write `(recv 1)`"])
    #expect(parse("count++").diagnostics.first?.notes == ["help: write `count += 1`"])
  }

  @Test func rangesCoverTheirText() throws {
    let parsed = parse("let v = f(a).b + [1, 2][0]")
    guard case .declare(_, .binary(_, let left, let right, let whole))? = parsed.body.statements.first?.kind else {
      Issue.record("no sum")
      return
    }
    #expect(parsed.source.text(whole) == "f(a).b + [1, 2][0]")
    #expect(parsed.source.text(left.range) == "f(a).b")
    #expect(parsed.source.text(right.range) == "[1, 2][0]")
  }
}
