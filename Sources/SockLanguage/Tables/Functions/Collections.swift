// Functions on lists and maps.

extension FunctionRow {
  static var sort: FunctionRow {
    FunctionRow(
      .sort, ["list", "by"], .list,
      "a new list in ascending order: numbers, strings, or lists of them; or in that of what the function `by` gives for "
        + "each element (`-n` or `reverse` turn the order around)",
      #"sort(["bb", "a"], len)"#, #"["a", "bb"]"#)
  }

  static var map: FunctionRow {
    FunctionRow(
      .map, ["list", "f"], .list, "a new list of what the function gives for each element of a list or range, or each byte of a string",
      "map([1, 2], fn(n) n * n)", "[1, 4]")
  }

  static var filter: FunctionRow {
    FunctionRow(
      .filter, ["list", "f"], .list,
      "a new list of those elements of a list or range, or bytes of a string, for which the function holds",
      "filter(1..6, fn(n) n % 2 == 0)", "[2, 4, 6]")
  }

  static var keys: FunctionRow {
    FunctionRow(.keys, ["map"], .list, "its keys, in the order of insertion", "keys({a: 1, b: 2})", #"["a", "b"]"#)
  }

  static var values: FunctionRow {
    FunctionRow(.values, ["map"], .list, "its values, in the order of insertion", "values({a: 1, b: 2})", "[1, 2]")
  }

  static var push: FunctionRow {
    FunctionRow(
      .push, ["list", "value"], .list, "appends to the list itself, and gives it", "push([1], 2, 3)",
      "[1, 2, 3]")
  }

  static var pop: FunctionRow {
    FunctionRow(
      .pop, ["list"], .any, "takes the last element from the list; nil when there is none", "pop([1, 2])",
      "2")
  }

  static var shift: FunctionRow {
    FunctionRow(
      .shift, ["list"], .any, "takes the first element from the list; nil when there is none", "shift([1, 2])", "1")
  }

  static var insert: FunctionRow {
    FunctionRow(
      .insert, ["list", "at", "value"], .list, "puts a value before the element at an index, and gives the list",
      "insert([1, 3], 1, 2)", "[1, 2, 3]")
  }

  static var remove: FunctionRow {
    FunctionRow(
      .remove, ["from", "what"], .any,
      "takes a key from a map, and gives its value or nil; from a list the first element that is equal, and says "
        + "whether there was one",
      "remove({a: 1, b: 2}, \"b\")", "2")
  }
}
