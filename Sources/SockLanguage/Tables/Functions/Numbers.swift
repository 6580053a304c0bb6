// Functions on numbers, chance and time.

extension FunctionRow {
  static var random: FunctionRow {
    FunctionRow(.random, ["from", "to"], .integer, "a random integer, both ends included", "random(7, 7)", "7")
  }

  static var random_bytes: FunctionRow {
    FunctionRow(.random_bytes, ["n"], .string, "so many random bytes", "len(random_bytes(16))", "16")
  }

  static var now: FunctionRow {
    FunctionRow(.now, [], .float, "seconds since 1970, with a fraction", "now() > 0", "true")
  }

  static var min: FunctionRow {
    FunctionRow(.min, ["value"], .any, "the least of its arguments, or of a list", "min(3, 1, 2)", "1")
  }

  static var max: FunctionRow {
    FunctionRow(.max, ["value"], .any, "the greatest of its arguments, or of a list", "max([3, 1, 2])", "3")
  }

  static var abs: FunctionRow {
    FunctionRow(.abs, ["n"], .number, "the number without its sign", "abs(-2)", "2")
  }

  static var floor: FunctionRow {
    FunctionRow(.floor, ["n"], .integer, "the greatest integer not above the number", "floor(-0.5)", "-1")
  }
}
