// Functions on numbers, and those that draw them by chance.

extension FunctionRow {
  static var random: FunctionRow {
    FunctionRow(
      .random, ["n", "to"], .integer,
      "a random integer from 0 to below n, as an index is; with `to` one from n to that, both included", "random(7, 7)",
      "7",
      details: [
        "`--seed N` makes `random`, `random_bytes` and `uuid` give the same in each run. In `sock test` there is "
          + "always a seed; each test draws from one of its own that follows from it, whatever runs beside it, and the "
          + "report of a failed test that has drawn something names it."
      ])
  }

  static var random_bytes: FunctionRow {
    FunctionRow(.random_bytes, ["n"], .string, "so many random bytes", "len(random_bytes(16))", "16")
  }

  static var uuid: FunctionRow {
    FunctionRow(.uuid, [], .string, "a random UUID (version 4)", "len(uuid())", "36")
  }

  static var min: FunctionRow {
    FunctionRow(.min, ["value"], .any, "the least of its arguments, or of a list", "min(3, 1, 2)", "1")
  }

  static var max: FunctionRow {
    FunctionRow(.max, ["value"], .any, "the greatest of its arguments, or of a list", "max([3, 1, 2])", "3")
  }

  static var sum: FunctionRow {
    FunctionRow(.sum, ["list"], .number, "the sum of a list's numbers; 0 of none", "sum([1, 2, 3.5])", "6.5")
  }

  static var percentile: FunctionRow {
    FunctionRow(
      .percentile, ["list", "p"], .float,
      "below it are so many percent of a list's numbers; between two of them it is interpolated",
      "percentile([10, 20, 30, 40], 50)", "25")
  }

  static var abs: FunctionRow {
    FunctionRow(.abs, ["n"], .number, "the number without its sign", "abs(-2)", "2")
  }

  static var floor: FunctionRow {
    FunctionRow(.floor, ["n"], .integer, "the greatest integer not above the number", "floor(-0.5)", "-1")
  }

  static var round: FunctionRow {
    FunctionRow(
      .round, ["x", "digits"], .number,
      "the nearest integer, or the nearest number of so many decimal places; a half is rounded away from 0",
      "round(2.345, 1)", "2.3")
  }
}
