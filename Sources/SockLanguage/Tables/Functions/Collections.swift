// Functions on lists and maps.

extension FunctionRow {
  static var sort: FunctionRow {
    FunctionRow(
      .sort, ["list"], .list, "a new list of the same numbers or strings, in ascending order", "sort([2, 1])",
      "[1, 2]")
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
}
