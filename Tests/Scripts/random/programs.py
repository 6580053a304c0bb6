#!/usr/bin/env python3
"""Random programs, each written twice: for sock and for Python, which is the model. What they print must be the same.

    programs.py --sock PROGRAM [--seed N] [--count N] [--option WORD]... [--keep FOLDER]

Program number i of seed N is program 0 of seed N + i, so one that differs can be made again alone:
`--seed N+i --count 1 --keep FOLDER` leaves both texts there. Ends with 1 when one differs, with 2 when sock cannot
be run.
"""
import argparse
import contextlib
import io
import os
import random
import subprocess
import sys
import tempfile

# MARK: What sock does, as functions of Python


class Failure(Exception):
    """A failure of the script, by its code."""


class Useless(BaseException):
    """The program is of no use: loops that double what they build have made something huge, or bytes that are no text
    would be printed."""


class Cell:
    """A variable."""

    def __init__(self, v=None):
        self.v = v


LOWEST, HIGHEST = -(1 << 63), (1 << 63) - 1


def kind(x):
    return {bool: "bool", int: "int", str: "str", list: "list", dict: "map", type(None): "nil"}.get(type(x), "function")


def true(x):
    return x is not None and x is not False


def whole(x):
    if not LOWEST <= x <= HIGHEST:
        raise Failure("range")
    return x


def add(a, b):
    if kind(a) == kind(b) == "int":
        return whole(a + b)
    if kind(a) == kind(b) and kind(a) in ("str", "list"):
        return bounded(a + b)
    raise Failure("type")


def bounded(x):
    if len(x) > 20000:
        raise Useless
    return x


def text(*values):
    """A string with holes: they are all evaluated before the first is turned into text."""
    return bounded("".join("-" + show(value) for value in values))


def out(*values):
    print(*map(show, values))


def arithmetic(op, a, b):
    if op in "&|^" and kind(a) == kind(b) == "str":
        if len(a) != len(b):
            raise Failure("range")
        raise Useless
    if kind(a) != "int" or kind(b) != "int":
        raise Failure("type")
    if op == "-":
        return whole(a - b)
    if op == "*":
        return whole(a * b)
    if op == "&":
        return a & b
    if op == "|":
        return a | b
    if op == "^":
        return a ^ b
    if b == 0:
        raise Failure("range")
    quotient = abs(a) // abs(b) * (1 if (a < 0) == (b < 0) else -1)
    return whole(quotient) if op == "/" else a - b * quotient


def negate(a):
    if kind(a) != "int":
        raise Failure("type")
    return whole(-a)


def equal(a, b):
    if a is None or b is None:
        return a is b
    if kind(a) != kind(b):
        raise Failure("type")
    if kind(a) == "list":
        return len(a) == len(b) and all(equal(x, y) for x, y in zip(a, b))
    return a == b


def in_range(x, first, last):
    return kind(x) == "int" and first <= x <= last


def has_match(x, letters):
    return kind(x) == "str" and any(letter in letters for letter in x)


def order(op, a, b):
    if kind(a) != kind(b) or kind(a) not in ("int", "str"):
        raise Failure("type")
    return {"<": a < b, "<=": a <= b, ">": a > b, ">=": a >= b}[op]


def bounds(lower, upper, how, count):
    place = lambda at: min(max(at + count if at < 0 else at, 0), count)
    first = place(lower)
    if how == "..":
        last = count if upper is OPEN or upper == -1 else place(upper + 1)
    else:
        last = place(upper)
    return first, max(first, last)


OPEN = object()


def cut(x, lower, how, upper):
    if kind(x) not in ("str", "list"):
        raise Failure("type")
    if kind(lower) != "int" or (upper is not OPEN and kind(upper) != "int"):
        raise Failure("type")
    first, last = bounds(lower, upper, how, len(x))
    return x[first:last]


def element(x, at):
    if kind(x) == "map":
        return x.get(at)
    if kind(x) not in ("str", "list") or kind(at) != "int":
        raise Failure("type")
    if not -len(x) <= at < len(x):
        raise Failure("range")
    return x[at]


def set_element(x, at, value):
    if kind(x) == "map":
        x[at] = value
        return
    if kind(x) != "list" or kind(at) != "int":
        raise Failure("type")
    if not -len(x) <= at < len(x):
        raise Failure("range")
    x[at] = value


def apart(x, count):
    if kind(x) != "list":
        raise Failure("type")
    if len(x) != count:
        raise Failure("range")
    return list(x)


def length(x):
    if kind(x) not in ("str", "list", "map"):
        raise Failure("type")
    return len(x)


def number(x):
    if kind(x) == "int":
        return x
    if kind(x) != "str":
        raise Failure("type")
    try:
        return whole(int(x))
    except ValueError:
        raise Failure("parse")


def push(x, value):
    x.append(value)
    return x


def attempt(compute, otherwise=lambda: None):
    try:
        return compute()
    except Failure:
        return otherwise()


def contained(a, b):
    if kind(a) != "str" or kind(b) != "str":
        raise Failure("type")
    return a in b


def each(x):
    """The elements of a list as a loop walks over it: what is appended meanwhile comes, too."""
    if kind(x) != "list":
        raise Failure("type")
    at = 0
    while at < len(x):
        if at > 1000:
            raise Useless
        yield x[at]
        at += 1


def mapped(x, function):
    return [function(Cell(element)) for element in each(x)]


def filtered(x, function):
    return [element for element in each(x) if true(function(Cell(element)))]


def ordered(x, function):
    if kind(x) != "list":
        raise Failure("type")
    pairs = [(function(Cell(element)), element) for element in list(x)]
    if any(kind(key) != kind(pairs[0][0]) or kind(key) not in ("int", "str") for key, _ in pairs):
        raise Failure("type")
    return [element for _, element in sorted(pairs, key=lambda pair: pair[0])]


def check(x):
    if not true(x):
        raise Failure("assert")


def inspect(x):
    if kind(x) == "str":
        return '"' + x.replace("\\", "\\\\").replace('"', '\\"') + '"'
    if kind(x) == "list":
        return "[" + ", ".join(map(inspect, x)) + "]"
    if kind(x) == "map":
        return "{" + ", ".join(f"{k}: {inspect(v)}" for k, v in x.items()) + "}"
    return {None: "nil", True: "true", False: "false"}[x] if kind(x) in ("nil", "bool") else str(x)


def show(x):
    return x if kind(x) == "str" else bounded(inspect(x))


class Stream:
    """The bytes that one end of a socket pair sends before anything else happens."""

    def __init__(self):
        self.left = iter(STREAM)

    def take(self, cell):
        cell.v = next(self.left)
        return cell.v


LETTERS = "0123456789abcdefghijklmnopqrstuvwxyz"
STREAM = LETTERS * 200

# MARK: Making programs

INDENT = "  "


class Variable:
    def __init__(self, name, type_, is_constant=False):
        self.name, self.type, self.is_constant = name, type_, is_constant


class Function:
    def __init__(self, name, parameters, required, result):
        self.name, self.parameters, self.required, self.result = name, parameters, required, result


class Maker:
    """Writes one program, statement by statement, in both languages."""

    types = ["int", "int", "int", "str", "str", "list", "any", "maybe"]

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.sock, self.python = [], []
        self.names = 0
        self.scopes = [[]]
        self.functions = []
        # What may be done here: inside a function, a loop, a `finally`.
        self.in_function = False
        self.in_loop = False
        self.in_finally = False
        self.nesting = 0
        self.pure = False
        # How many scopes are those of the functions and tasks around.
        self.own = 0

    def program(self):
        self.line("let [sender, inbox] = socketpair", "inbox = Stream()")
        self.line(f'sender.send repeat("{LETTERS}", 200)', "pass")
        for type_ in ["int", "int", "str", "list", "any", "map", "maybe"]:
            self.declare(type_, self.literal(type_))
        for _ in range(self.random.randint(6, 14)):
            self.top_statement()
        for variable in self.scopes[0]:
            self.line(f'print "{variable.name}", {variable.name}', f'out("{variable.name}", {variable.name}.v)')
        return "\n".join(self.sock) + "\n", "\n".join(self.python) + "\n"

    def top_statement(self):
        """What fails ends the statement only, so that the rest of the program runs."""
        if self.chance(0.2):
            self.random.choice([self.function, self.counter, self.closures, self.task])()
            return
        if self.chance(0.2):
            type_ = self.random.choice(self.types)
            self.declare(type_, self.literal(type_))
            return
        self.line("try", "try:")
        with self.block():
            self.statements(1, 2)
            self.line("# done", "pass")
        name = self.name("e")
        self.line(f"catch {name}", f"except Failure as {name}:")
        self.depth += 1
        self.line(f"print {name}.code", f"print({name})")
        self.depth -= 1
        self.line("end", "pass")

    # MARK: Lines and names

    def line(self, sock, python):
        self.sock.append(INDENT * self.sock_depth() + sock)
        for text in python.split("\n"):
            self.python.append(INDENT * self.python_depth() + text)

    depth = 0
    extra = 0

    def sock_depth(self):
        return self.depth

    def python_depth(self):
        return self.depth + self.extra

    def name(self, prefix):
        self.names += 1
        return f"{prefix}{self.names}"

    def visible(self, type_=None, settable=False):
        found = [v for scope in self.scopes for v in scope]
        if type_:
            found = [v for v in found if v.type == type_]
        if settable:
            found = [v for v in found if not v.is_constant]
        return found

    def pick(self, type_, settable=False):
        found = self.visible(type_, settable)
        if not found:
            return None
        # Rather one from near: a variable that no function shares lives elsewhere in the machine than others.
        return found[-1 - min(int(self.random.expovariate(0.7)), len(found) - 1)]

    def pick_own(self):
        """What `as` may set: it never sets a variable of a function around."""
        found = [v for scope in self.scopes[self.own:] for v in scope if v.type == "str" and not v.is_constant]
        return self.random.choice(found) if found else None

    def chance(self, share):
        return self.random.random() < share

    # MARK: Expressions: a pair of texts

    def literal(self, type_):
        if type_ == "int":
            value = self.random.choice([0, 1, 2, 3, 7, 10, -1, -4, 100, 70000, 5000000000])
            return (str(value), str(value)) if value >= 0 else (f"({value})", f"({value})")
        if type_ == "str":
            letters = self.random.choice(["abcxyz", "0123456789"])
            text = '"' + "".join(self.random.choice(letters) for _ in range(self.random.randint(0, 4))) + '"'
            return text, text
        if type_ == "maybe":
            return self.random.choice([("nil", "None"), ("false", "False"), self.literal("int")])
        if type_ == "list":
            items = [self.leaf("int") for _ in range(self.random.choice([0, 1, 2, 2, 3]))]
            return "[" + ", ".join(a for a, _ in items) + "]", "[" + ", ".join(b for _, b in items) + "]"
        if type_ == "map":
            items = [(key, self.leaf("int")) for key in "abc" if self.chance(0.5)]
            return (
                "{" + ", ".join(f"{k}: {e[0]}" for k, e in items) + "}",
                "{" + ", ".join(f'"{k}": {e[1]}' for k, e in items) + "}")
        return self.random.choice([("nil", "None"), ("true", "True"), ("false", "False"), self.literal("int"), self.literal("str")])

    def leaf(self, type_):
        variable = self.pick(type_)
        if variable and self.chance(0.75):
            return variable.name, f"{variable.name}.v"
        if type_ in ("int", "str", "list") and self.chance(0.02):
            variable = self.pick("any")
            if variable:
                return variable.name, f"{variable.name}.v"
        return self.literal(type_)

    def expression(self, type_, depth=3):
        """Never a bare operator outside of parentheses."""
        if depth <= 0 or self.chance(0.25):
            return self.leaf(type_)
        ways = {
            "int": [self.arithmetic] * 3 + [self.either] * 3 + [self.length, self.element_of_list, self.call] * 2
            + [self.negation, self.element_of_map, self.conversion, self.chosen, self.default, self.applied],
            "maybe": [self.trial, self.either, self.call, self.chosen],
            "str": [self.joined, self.interpolated, self.slice, self.element_of_text, self.call, self.either, self.received]
            + [self.chosen, self.default, self.applied],
            "list": [self.joined, self.slice, self.either, self.call, self.chosen, self.default, self.collected, self.collected],
            "any": [self.either, self.comparison, self.inversion, self.trial, self.call, self.chosen, self.default],
            "bool": [self.comparison, self.comparison, self.either, self.inversion, self.membership],
            "map": [self.leaf_only],
        }[type_]
        return self.random.choice(ways)(type_, depth - 1)

    def leaf_only(self, type_, depth):
        return self.leaf(type_)

    def arithmetic(self, type_, depth):
        (a, pa), (b, pb) = self.expression("int", depth), self.expression("int", depth)
        op = self.random.choice(["+", "+", "-", "-", "*", "/", "%", "&", "|", "^"])
        if op in "/%" and b in ("0", "(0)"):
            op = "-"
        return f"({a} {op} {b})", f"add({pa}, {pb})" if op == "+" else f'arithmetic("{op}", {pa}, {pb})'

    def negation(self, type_, depth):
        a, pa = self.expression("int", depth)
        return f"(-({a}))", f"negate({pa})"

    def conversion(self, type_, depth):
        a, pa = self.expression(self.random.choice(["int", "int", "str"]), depth)
        text = f'("0" + str({a}))' if self.chance(0.5) else a
        return f"int({text})", f'number(add("0", show({pa})))' if text is not a else f"number({pa})"

    def length(self, type_, depth):
        a, pa = self.expression(self.random.choice(["str", "list"]), depth)
        return f"len({a})", f"length({pa})"

    def joined(self, type_, depth):
        (a, pa), (b, pb) = self.expression(type_, depth), self.expression(type_, depth)
        return f"({a} + {b})", f"add({pa}, {pb})"

    def interpolated(self, type_, depth):
        sock, python = '"', []
        for _ in range(self.random.randint(1, 3)):
            a, pa = self.expression(self.random.choice(["int", "str", "any", "list"]), min(depth, 1))
            if '"' in a:
                a, pa = self.leaf("int")
            sock += "-${" + a + "}"
            python.append(pa)
        return sock + '"', "text(" + ", ".join(python) + ")"

    def slice(self, type_, depth):
        x, px = self.expression(type_, depth)
        lower, plower = self.expression("int", min(depth, 1))
        how = self.random.choice(["..", "..<", "open"])
        if self.chance(0.2) and how != "open":
            return f"({x})[{how}{lower}]", f'cut({px}, 0, "{how}", {plower})'
        if how == "open":
            return f"({x})[{lower}..]", f'cut({px}, {plower}, "..", OPEN)'
        upper, pupper = self.expression("int", min(depth, 1))
        return f"({x})[{lower}{how}{upper}]", f'cut({px}, {plower}, "{how}", {pupper})'

    def element_of_list(self, type_, depth):
        return self.element("list", "[7]", depth)

    def element(self, type_, filling, depth):
        x, px = self.expression(type_, depth)
        if self.chance(0.8):
            # Not empty, and an index that is there.
            x, px = f"({x} + {filling})", f"add({px}, {filling})"
            at = self.random.choice(["0", "(-1)"])
            return f"{x}[{at}]", f"element({px}, {at})"
        at, pat = self.expression("int", min(depth, 1))
        return f"({x})[{at}]", f"element({px}, {pat})"

    def element_of_text(self, type_, depth):
        return self.element("str", '"?"', depth)

    def element_of_map(self, type_, depth):
        variable = self.pick("map")
        if not variable:
            return self.leaf("int")
        key = self.random.choice("abc")
        place = f"{variable.name}.{key}" if self.chance(0.5) else f'{variable.name}["{key}"]'
        return f"({place} or 1)", f'(lambda v: v if true(v) else 1)(element({variable.name}.v, "{key}"))'

    def received(self, type_, depth):
        """A step with `as`: it sets a variable in the middle of an expression."""
        variable = self.pick_own()
        if not variable or self.pure:
            return self.leaf("str")
        return f"(inbox.recv exactly 1 as {variable.name})", f"inbox.take({variable.name})"

    def either(self, type_, depth):
        word = self.random.choice(["and", "or"])
        kinds = [type_]
        if type_ == "int" and word == "or":
            kinds += ["maybe", "maybe"]
        if type_ in ("any", "maybe", "bool") or self.chance(0.05):
            kinds += ["any", "bool"]
        left = self.computed(self.random.choice(kinds), depth)
        right = self.computed(type_, depth) if type_ == "bool" else self.expression(type_, depth)
        value = {"and": f"({right[1]}) if true(v) else v", "or": f"v if true(v) else ({right[1]})"}[word]
        return f"({left[0]} {word} {right[0]})", f"(lambda v: {value})({left[1]})"

    def computed(self, type_, depth):
        """No literal, which the checker refuses as a condition: it is always true, or never."""
        for _ in range(5):
            text, python = self.expression(type_, depth)
            if text[0] not in "[{\"-0123456789" and not text.startswith(("(-", "nil", "true", "false")):
                return text, python
        return self.comparison("bool", 0)

    def comparison(self, type_, depth):
        kind_ = self.random.choice(["int", "int", "str", "list"])
        (a, pa), (b, pb) = self.expression(kind_, depth), self.expression(kind_, depth)
        op = self.random.choice(["==", "!="] + (["<", "<=", ">", ">="] if kind_ != "list" else []))
        if op == "==":
            return f"({a} == {b})", f"equal({pa}, {pb})"
        if op == "!=":
            return f"({a} != {b})", f"(not equal({pa}, {pb}))"
        return f"({a} {op} {b})", f'order("{op}", {pa}, {pb})'

    def inversion(self, type_, depth):
        a, pa = self.computed(self.random.choice(["bool", "any"]), depth)
        return f"(not {a})", f"(not true({pa}))"

    def trial(self, type_, depth):
        a, pa = self.expression(self.random.choice(["int", "str"]), depth)
        return f"(try {a})", f"attempt(lambda: {pa})"

    def default(self, type_, depth):
        (a, pa), (b, pb) = self.expression(type_, depth), self.expression(type_, depth)
        return f"(try {a} else {b})", f"attempt(lambda: {pa}, lambda: {pb})"

    def chosen(self, type_, depth):
        condition, pcondition = self.computed("bool", depth)
        # Two literals would be a condition that never changes.
        a, pa = self.computed(type_, depth) if type_ == "any" else self.expression(type_, depth)
        b, pb = self.expression(type_, depth)
        return f"(if {condition} then {a} else {b})", f"(({pa}) if true({pcondition}) else ({pb}))"

    def membership(self, type_, depth):
        (a, pa), (b, pb) = self.expression("str", depth), self.expression("str", depth)
        if self.chance(0.5):
            return f"({a} in {b})", f"contained({pa}, {pb})"
        return f"({a} not in {b})", f"(not contained({pa}, {pb}))"

    def short(self, type_, depth):
        """A function of one parameter, an int as long as nobody hands it something else."""
        name = self.name("p")
        outer, self.own = self.own, len(self.scopes)
        self.scopes.append([Variable(name, "int", is_constant=True)])
        body, pbody = self.expression(type_, depth)
        self.scopes.pop()
        self.own = outer
        return f"fn({name}) {body}", f"lambda {name}: {pbody}"

    def applied(self, type_, depth):
        a, pa = self.expression("int", min(depth, 1))
        f, pf = self.short(type_, depth)
        return f"({f})({a})", f"({pf})(Cell({pa}))"

    def collected(self, type_, depth):
        how = self.random.choice(["map", "filter", "sort"])
        f, pf = self.short("bool" if how == "filter" else "int", depth)
        x, px = self.expression("list", depth)
        return f"{how}({x}, {f})", f"{dict(map='mapped', filter='filtered', sort='ordered')[how]}({px}, {pf})"

    def call(self, type_, depth):
        functions = [f for f in self.functions if f.result == type_]
        if not functions or self.pure:
            return self.leaf(type_)
        function = self.random.choice(functions)
        count = self.random.randint(function.required, len(function.parameters))
        arguments = [self.expression(p, min(depth, 1)) for p in function.parameters[:count]]
        return (
            f"{function.name}({', '.join(a for a, _ in arguments)})",
            f"{function.name}({', '.join(b for _, b in arguments)})")

    # MARK: Statements

    @contextlib.contextmanager
    def block(self):
        self.depth += 1
        self.nesting += 1
        self.scopes.append([])
        yield
        self.scopes.pop()
        self.nesting -= 1
        self.depth -= 1

    def statements(self, least=1, most=3):
        for _ in range(self.random.randint(least, most)):
            self.statement()

    def statement(self):
        simple = [self.declare_any] * 3 + [self.assign] * 6 + [self.add_to] * 4 + [self.set_element] * 3
        simple += [self.add_to_element] * 3 + [self.print] * 3 + [self.declare_apart, self.exchange, self.receive, self.push]
        simple += [self.self_slice] * 2 + [self.claim, self.give_up]
        if self.in_function and not self.in_finally:
            simple += [self.give_back]
        if self.in_loop and not self.in_finally:
            simple += [self.leave]
        compound = [self.conditional] * 3 + [self.counted, self.walked, self.repeated] + [self.attempted] * 2
        compound += [self.choice] * 2 + [self.walked_in_pairs]
        if self.nesting < 2:
            compound += [self.function, self.counter, self.task, self.closures]
        ways = simple if self.nesting >= 3 or self.chance(0.65) else compound
        self.random.choice(ways)()

    def declare(self, type_, value=None):
        text, python = value or self.expression(type_, 2)
        variable = Variable(self.name("v"), type_)
        self.line(f"let {variable.name} = {text}", f"{variable.name} = Cell({python})")
        self.scopes[-1].append(variable)
        return variable

    def declare_any(self):
        self.declare(self.random.choice(self.types))

    def declare_apart(self):
        items = [self.expression("int", 2) for _ in range(2)]
        names = [self.name("v") for _ in range(2)]
        self.line(
            f"let [{', '.join(names)}] = [{', '.join(a for a, _ in items)}]",
            f"{', '.join(names)} = map(Cell, apart([{', '.join(b for _, b in items)}], 2))")
        self.scopes[-1] += [Variable(name, "int") for name in names]

    def exchange(self):
        a, b = self.pick("int", True), self.pick("int", True)
        if a and b and a is not b:
            if self.chance(0.2):
                text, python = self.expression("list", 1)
                self.line(f"[{a.name}, {b.name}] = {text}", f"{a.name}.v, {b.name}.v = apart({python}, 2)")
            else:
                self.line(f"[{a.name}, {b.name}] = [{b.name}, {a.name}]", f"{a.name}.v, {b.name}.v = {b.name}.v, {a.name}.v")

    def assign(self):
        variable = self.pick(self.random.choice(self.types), True)
        if not variable:
            return
        text, python = self.expression(variable.type, 3)
        # Mostly with the variable itself somewhere in it: what the compiler must not overwrite too early.
        if self.chance(0.4) and variable.type not in ("any", "maybe"):
            shape = self.random.choice(["{o} or {v}", "{v} and {o}", "{v} + {o}", "{o} + {v}", "({v} or {o}) + {v}"])
            is_maybe = shape == "{o} or {v}" and variable.type == "int"
            other, pother = self.computed("maybe", 1) if is_maybe else self.expression(variable.type, 2)
            value = f"{variable.name}.v"
            text = shape.format(v=variable.name, o=other)
            python = {
                "{o} or {v}": f"(lambda v: v if true(v) else {value})({pother})",
                "{v} and {o}": f"(lambda v: ({pother}) if true(v) else v)({value})",
                "{v} + {o}": f"add({value}, {pother})",
                "{o} + {v}": f"add({pother}, {value})",
                "({v} or {o}) + {v}": f"add((lambda v: v if true(v) else ({pother}))({value}), {value})",
            }[shape]
        self.line(f"{variable.name} = {text}", f"{variable.name}.v = {python}")

    def add_to(self):
        variable = self.pick(self.random.choice(["int", "str", "list"]), True)
        if not variable:
            return
        text, python = self.expression(variable.type, 2)
        if variable.type == "int" and self.chance(0.4):
            op = self.update(text)
            self.line(f"{variable.name} {op}= {text}", f'{variable.name}.v = arithmetic("{op}", {variable.name}.v, {python})')
        else:
            self.line(f"{variable.name} += {text}", f"{variable.name}.v = add({variable.name}.v, {python})")

    def update(self, text):
        return "-" if text in ("0", "(0)") else self.random.choice("--*/%&|^")

    def place(self):
        """An element that can be set: its text, and Python for its container and its key."""
        if self.chance(0.5):
            variable = self.pick("map")
            if variable:
                key = self.random.choice("abc")
                text = f"{variable.name}.{key}" if self.chance(0.5) else f'{variable.name}["{key}"]'
                return text, f"{variable.name}.v", f'"{key}"'
        variable = self.pick("list")
        if not variable:
            return None
        at, pat = ("0", "0") if self.chance(0.7) else self.expression("int", 1)
        return f"{variable.name}[{at}]", f"{variable.name}.v", pat

    def set_element(self):
        place = self.place()
        if place:
            value, pvalue = self.expression("int", 2)
            self.line(f"{place[0]} = {value}", f"set_element({place[1]}, {place[2]}, {pvalue})")

    def add_to_element(self):
        place = self.place()
        if place:
            value, pvalue = self.expression("int", 2)
            if self.chance(0.3):
                op = self.update(value)
                self.line(
                    f"{place[0]} {op}= {value}",
                    f'o, k = {place[1]}, {place[2]}\nset_element(o, k, arithmetic("{op}", element(o, k), {pvalue}))')
                return
            self.line(
                f"{place[0]} += {value}",
                f"o, k = {place[1]}, {place[2]}\nset_element(o, k, add(element(o, k), {pvalue}))")

    def self_slice(self):
        variable = self.pick(self.random.choice(["list", "str"]), True)
        if variable:
            lower, plower = self.expression("int", 1)
            self.line(f"{variable.name} = {variable.name}[{lower}..]", f'{variable.name}.v = cut({variable.name}.v, {plower}, "..", OPEN)')

    def push(self):
        variable = self.pick("list")
        if variable:
            value, pvalue = self.expression(self.random.choice(["int", "str"]), 1)
            self.line(f"push({variable.name}, {value})", f"push({variable.name}.v, {pvalue}) if kind({variable.name}.v) == 'list' else refuse()")

    def receive(self):
        variable = self.pick_own()
        if variable:
            self.line(f"inbox.recv exactly 1 as {variable.name}", f"inbox.take({variable.name})")

    def print(self):
        items = [self.expression(self.random.choice(self.types + ["bool"]), 2) for _ in range(self.random.randint(1, 3))]
        self.line("print " + ", ".join(a for a, _ in items), "out(" + ", ".join(b for _, b in items) + ")")

    def claim(self):
        text, python = self.computed("bool", 2)
        if self.chance(0.7):
            text, python = f"({text} or true)", f"(lambda v: v if true(v) else True)({python})"
        self.line(f"assert {text}", f"check({python})")

    def give_up(self):
        self.guarded('raise "own", "gave up"', 'raise Failure("own")')

    def give_back(self):
        text, python = self.expression(self.result, 2)
        self.guarded(f"return {text}", f"return {python}")

    def leave(self):
        word = self.random.choice(["break", "continue"])
        self.guarded(word, word)

    def guarded(self, sock, python):
        """Under a condition, so that what stands behind is reached."""
        text, condition = self.expression("bool", 2)
        if not text.startswith("("):
            return
        self.line(f"if {text}", f"if true({condition}):")
        self.depth += 1
        self.line(sock, python)
        self.depth -= 1
        self.line("end", "pass")

    def conditional(self):
        text, python = self.computed("bool", 3)
        if self.chance(0.5):
            text = text[1:-1] if self.is_one_pair(text) else text
        # What both branches declare is one variable.
        both = self.name("v") if self.chance(0.3) else None
        name, value = (self.name("v"), self.name("x")) if self.chance(0.3) else (None, None)
        if name:
            self.line(f"if {text} as {name}", f"if true({value} := {python}):")
        else:
            self.line(f"if {text}", f"if true({python}):")
        with self.block():
            if name:
                self.line(f"# {name}", f"{name} = Cell({value})")
                self.scopes[-1].append(Variable(name, "any"))
            self.declare_again(both)
            self.statements()
            self.line("# yes", "pass")
        if self.chance(0.3):
            text, python = self.computed("bool", 2)
            self.line(f"elif {text}", f"elif true({python}):")
            with self.block():
                self.statements()
                self.line("# or else", "pass")
        if self.chance(0.5):
            self.line("else", "else:")
            with self.block():
                self.declare_again(both)
                self.statements()
                self.line("# no", "pass")
        self.line("end", "pass")

    def declare_again(self, name):
        if not name:
            return
        type_ = self.random.choice(self.types)
        text, python = self.expression(type_, 2)
        self.line(f"let {name} = {text}", f"{name} = Cell({python})")
        self.scopes[-1].append(Variable(name, type_))

    def choice(self):
        """A `case`, by equality, ranges and regular expressions."""
        type_ = self.random.choice(["int", "int", "str", "any"])
        variable = self.pick("any")
        if type_ == "any" and not variable:
            return
        text, python = (variable.name, f"{variable.name}.v") if type_ == "any" else self.expression(type_, 2)
        subject = self.name("x")
        self.line(f"case {text}", f"{subject} = {python}")
        for at in range(self.random.randint(1, 4)):
            values, is_named = [], self.chance(0.3)
            for _ in range(self.random.randint(1, 3)):
                if type_ != "str" and self.chance(0.3):
                    first = self.random.randint(0, 5)
                    last = first + self.random.randint(0, 100)
                    values.append((f"{first}..{last}", f"in_range({subject}, {first}, {last})"))
                elif type_ != "int" and not is_named and self.chance(0.4):
                    letters = self.random.choice(["ax", "135"])
                    values.append((f"/[{letters}]/", f'has_match({subject}, "{letters}")'))
                else:
                    value, pvalue = self.expression(self.random.choice(["int", "str", "any"]) if type_ == "any" else type_, 1)
                    values.append((value, f"equal({subject}, {pvalue})"))
            name = self.name("v") if is_named else None
            self.line(
                "is " + ", ".join(value for value, _ in values) + (f" as {name}" if name else ""),
                ("elif " if at else "if ") + " or ".join(pvalue for _, pvalue in values) + ":")
            with self.block():
                if name:
                    self.line(f"# {name}", f"{name} = Cell({subject})")
                    self.scopes[-1].append(Variable(name, type_))
                self.statements(1, 2)
                self.line("# it is", "pass")
        if self.chance(0.5):
            self.line("else", "else:")
            with self.block():
                self.statements(1, 2)
                self.line("# none", "pass")
        self.line("end", "pass")

    @staticmethod
    def is_one_pair(text):
        level = 0
        for at, letter in enumerate(text):
            level += (letter == "(") - (letter == ")")
            if level == 0:
                return at == len(text) - 1
        return False

    @contextlib.contextmanager
    def loop(self):
        outer, self.in_loop = self.in_loop, True
        with self.block():
            yield
            self.line("# next", "pass")
        self.in_loop = outer
        self.line("end", "pass")

    def counted(self):
        name, last = self.name("i"), self.random.randint(0, 4)
        how = self.random.choice(["..", "..<"])
        self.line(f"for {name} in 0{how}{last}", f"for each in range(0, {last + (how == '..')}):\n{INDENT}{name} = Cell(each)")
        with self.loop():
            self.scopes[-1].append(Variable(name, "int", is_constant=True))
            self.statements(2, 4)

    def walked(self):
        name, type_ = self.name("i"), self.random.choice(["list", "str"])
        text, python = self.expression(type_, 1)
        # A copy: what the body pushes is not walked over, else it might never end.
        self.line(
            f"for {name} in ({text})[0..5]",
            f'for each in cut({python}, 0, "..", 5):\n{INDENT}{name} = Cell(each)')
        with self.loop():
            self.scopes[-1].append(Variable(name, "any" if type_ == "list" else "str", is_constant=True))
            self.statements(2, 4)

    def walked_in_pairs(self):
        key, name = self.name("k"), self.name("i")
        variable = self.pick("map")
        if variable and self.chance(0.5):
            held = self.name("x")
            self.line(
                f"for {key}, {name} in {variable.name}",
                f"{held} = {variable.name}.v\nfor at in list({held}):\n{INDENT}{key} = Cell(at)\n{INDENT}{name} = Cell({held}[at])")
            types = "str", "any"
        else:
            text, python = self.expression("list", 1)
            self.line(
                f"for {key}, {name} in ({text})[0..5]",
                f'for at, each in enumerate(cut({python}, 0, "..", 5)):\n{INDENT}{key} = Cell(at)\n{INDENT}{name} = Cell(each)')
            types = "int", "any"
        with self.loop():
            self.scopes[-1] += [Variable(n, t, is_constant=True) for n, t in zip((key, name), types)]
            self.statements(2, 4)

    def repeated(self):
        counter = self.name("w")
        self.line(f"let {counter} = 0", f"{counter} = Cell(0)")
        condition = pcondition = ""
        if self.chance(0.5):
            text, python = self.computed("bool", 1)
            condition, pcondition = f" and {text}", f" and true({python})"
        self.line(f"while {counter} < {self.random.randint(1, 4)}{condition}", f"while {counter}.v < LIMIT{pcondition}:")
        # The bound is in both texts.
        bound = self.sock[-1].split(" < ")[1].split(" ")[0]
        self.python[-1] = self.python[-1].replace("LIMIT", bound)
        with self.loop():
            self.line(f"{counter} += 1", f"{counter}.v = add({counter}.v, 1)")
            self.statements(2, 3)
        # It is read behind the loop, as any other.
        self.scopes[-1].append(Variable(counter, "int", is_constant=True))

    def attempted(self):
        has_finally = self.chance(0.6)
        has_catch = not has_finally or self.chance(0.7)
        self.line("try", "try:")
        with self.block():
            self.statements(2, 4)
            self.line("# tried", "pass")
        if has_catch:
            name = self.name("e")
            self.line(f"catch {name}", f"except Failure as {name}:")
            with self.block():
                self.line(f"print {name}.code", f"print({name})")
                self.statements(0, 2)
        if has_finally:
            self.line("finally", "finally:")
            outer, self.in_finally = self.in_finally, True
            with self.block():
                self.line('print "finally"', 'print("finally")')
                self.statements(0, 2)
            self.in_finally = outer
        self.line("end", "pass")

    def function(self):
        name = self.name("f")
        parameters = [Variable(self.name("p"), self.random.choice(["int", "int", "str", "list"])) for _ in range(self.random.randint(0, 3))]
        required = self.random.randint(0, len(parameters))
        result = self.random.choice(["int", "int", "str", "list", "any", "maybe"])
        sock, python, defaults = [], [], []
        outer_pure, self.pure = self.pure, True
        self.scopes.append([])
        for at, parameter in enumerate(parameters):
            if at < required:
                sock.append(parameter.name)
                python.append(parameter.name)
            else:
                text, value = self.expression(parameter.type, 2)
                sock.append(f"{parameter.name} = {text}")
                python.append(f"{parameter.name}=NOTHING")
                defaults.append((parameter.name, value))
            # A default may use the parameters before it.
            self.scopes[-1].append(parameter)
        self.scopes.pop()
        self.pure = outer_pure
        captured = "".join(f", {v.name}={v.name}" for scope in self.scopes for v in scope)
        self.line(f"def {name}({', '.join(sock)})", f"def {name}({', '.join(python)}{', ' if python else ''}*none{captured}):")
        saved = (self.in_function, self.in_loop, self.in_finally, getattr(self, "result", None))
        own, self.own = self.own, len(self.scopes)
        self.in_function, self.in_loop, self.in_finally, self.result = True, False, False, result
        with self.block():
            self.line("# parameters", "deferred = []")
            for parameter in parameters:
                default = next((value for known, value in defaults if known == parameter.name), None)
                value = parameter.name if default is None else f"({default}) if {parameter.name} is NOTHING else {parameter.name}"
                self.line(f"# {parameter.name}", f"{parameter.name} = Cell({value})")
            self.scopes[-1] += parameters
            self.line("# body", "try:")
            self.extra += 1
            self.statements(1, 4)
            if self.chance(0.3):
                text, python = self.expression("int", 1)
                if self.visible("int"):
                    seen = self.pick("int")
                    self.line(f'defer print "deferred", {seen.name}', f'deferred.append(lambda {seen.name}={seen.name}: out("deferred", {seen.name}.v))')
            self.statements(0, 2)
            text, python = self.expression(result, 2)
            self.line(f"return {text}", f"return {python}")
            self.extra -= 1
            self.line("# deferred", "finally:\n  for each in reversed(deferred): each()")
        self.in_function, self.in_loop, self.in_finally, self.result = saved
        self.own = own
        self.line("end", "pass")
        self.functions.append(Function(name, [p.type for p in parameters], required, result))
        if self.nesting:
            # It is known in its block only.
            self.functions.pop()
            self.print_call(Function(name, [p.type for p in parameters], required, result))

    def print_call(self, function):
        arguments = [self.expression(p, 1) for p in function.parameters]
        self.line(
            f"print {function.name}({', '.join(a for a, _ in arguments)})",
            f"out({function.name}({', '.join(b for _, b in arguments)}))")

    def counter(self):
        """A function that gives a function, which keeps a variable of its own."""
        maker, inner, kept, step = self.name("f"), self.name("f"), self.name("c"), self.name("p")
        self.line(f"def {maker}({kept})", f"def {maker}({kept}):\n{INDENT}{kept} = Cell({kept})")
        with self.block():
            self.line(f"def {inner}({step})", f"def {inner}({step}):")
            self.depth += 1
            self.line(f"{kept} += {step}", f"{kept}.v = add({kept}.v, {step})")
            self.line(f"return {kept}", f"return {kept}.v")
            self.depth -= 1
            self.line("end", "pass")
            self.line(f"return {inner}", f"return {inner}")
        self.line("end", "pass")
        one, two = self.name("g"), self.name("g")
        start, pstart = self.expression("int", 1)
        self.line(f"let {one} = {maker}({start})", f"{one} = {maker}({pstart})")
        self.line(f"let {two} = {maker}(100)", f"{two} = {maker}(100)")
        more, pmore = self.expression("int", 1)
        self.line(
            f"print {one}(1), {two}({more}), {one}(10) + {two}(1)",
            f"out({one}(1), {two}({pmore}), add({one}(10), {two}(1)))")

    def closures(self):
        """Functions made in a loop: each turn has its own variables."""
        made, name, own, inner = self.name("m"), self.name("i"), self.name("v"), self.name("f")
        shared = self.pick("int", True)
        self.line(f"let {made} = []", f"{made} = []")
        self.line(f"for {name} in 1..3", f"for each in range(1, 4):\n{INDENT}{name} = Cell(each)")
        self.depth += 1
        self.line(f"let {own} = {name} * 10", f"{own} = Cell({name}.v * 10)")
        self.line(f"def {inner}()", f"def {inner}({own}={own}, {name}={name}, {shared.name}={shared.name}):")
        self.depth += 1
        self.line(f"{own} += {name}", f"{own}.v = add({own}.v, {name}.v)")
        self.line(f"{shared.name} += {own}", f"{shared.name}.v = add({shared.name}.v, {own}.v)")
        self.line(f"return {own}", f"return {own}.v")
        self.depth -= 1
        self.line("end", "pass")
        self.line(f"push({made}, {inner})", f"{made}.append({inner})")
        self.depth -= 1
        self.line("end", "pass")
        self.line(
            f"print {made}[0](), {made}[2](), {made}[0](), {shared.name}",
            f"out({made}[0](), {made}[2](), {made}[0](), {shared.name}.v)")

    def task(self):
        """A task that is waited for at once: it runs while its parent waits, on the same variables."""
        name = self.name("t")
        captured = ", ".join(f"{v.name}={v.name}" for scope in self.scopes for v in scope)
        self.line(f"spawn as {name}", f"def {name}({captured}):")
        saved = (self.in_function, self.in_loop, self.in_finally)
        own, self.own = self.own, len(self.scopes)
        self.in_function, self.in_loop, self.in_finally = False, False, False
        with self.block():
            # A failure of a task is told of when it is waited for; here it is caught inside.
            self.line("try", "try:")
            with self.block():
                self.statements(1, 3)
                self.line("# done", "pass")
            failure = self.name("e")
            self.line(f"catch {failure}", f"except Failure as {failure}:")
            self.depth += 1
            self.line(f'print "task", {failure}.code', f'print("task", {failure})')
            self.depth -= 1
            self.line("end", "pass")
        self.in_function, self.in_loop, self.in_finally = saved
        self.own = own
        self.line("end", "pass")
        self.line(f"wait {name}", f"{name}()")


NOTHING = object()


def refuse():
    raise Failure("type")


# MARK: Comparing


def expected(python):
    output = io.StringIO()
    names = dict(globals())
    with contextlib.redirect_stdout(output):
        try:
            exec(compile(python, "model", "exec"), names)
        except Failure as failure:
            print(f"failed: {failure}")
    return output.getvalue()


def actual(program, options, sock):
    # The failure that ends the program is caught, and told of in the same words.
    body = "".join(INDENT + line + "\n" for line in sock.splitlines())
    text = f'try\n{body}catch ending\n  print "failed: ${{ending.code}}"\nend\n'
    try:
        run = subprocess.run([program, *options, "-"], input=text, capture_output=True, text=True, timeout=60)
    except subprocess.TimeoutExpired as late:
        return (late.stdout or b"").decode(), "it does not come to an end", None
    return run.stdout, run.stderr, run.returncode


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sock", required=True)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--option", action="append", default=[], help="given to sock every second time")
    parser.add_argument("--keep", help="write the programs to this folder")
    given = parser.parse_args()
    differing = refused = useless = 0
    for number in range(given.count):
        seed = given.seed + number
        sock, python = Maker(seed).program()
        options = given.option if number % 2 else []
        if given.keep:
            for suffix, text in (("sock", sock), ("py", python)):
                with open(os.path.join(given.keep, f"{seed}.{suffix}"), "w") as file:
                    file.write(text)
        try:
            wanted = expected(python)
        except Useless:
            useless += 1
            continue
        output, errors, status = actual(given.sock, options, sock)
        if status == 2:
            # The checker has refused it: it knows before that it must fail.
            refused += 1
            if given.keep:
                print(f"program {seed} is refused: {errors}")
            continue
        if output != wanted or status != 0:
            differing += 1
            if differing <= 3:
                print(f"program {seed} differs (options {options}, status {status}).\n{errors}")
                told = list(zip(wanted.splitlines(), output.splitlines()))
                at = next((i for i, (a, b) in enumerate(told) if a != b), len(told))
                print(f"line {at + 1} of the output; the model: {wanted.splitlines()[at:at + 1]}, sock: {output.splitlines()[at:at + 1]}")
                print(sock)
    print(f"{given.count} programs from seed {given.seed}: {differing} differ, {refused} refused, {useless} of no use")
    return 1 if differing or (refused + useless) * 4 > given.count else 0


if __name__ == "__main__":
    sys.exit(main())
