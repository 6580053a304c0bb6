// Freeing nested lists, maps and closures without recursion.

/// Left to itself, Swift frees a list inside a list inside a list… by calls within calls, and a script that nests a
/// hundred thousand of them would overflow the stack. So a list, map or function that dies hands what it holds to this,
/// which empties those that nobody else holds one after the other.
struct Teardown {
  // By class, not as values: what an array of a class gives away is known to have no second owner.
  private var lists: [List] = []
  private var maps: [Map] = []
  private var functions: [Function] = []

  /// Whether freeing the value could free others.
  @inline(__always)
  static func isContainer(_ value: Value) -> Bool {
    switch value {
    case .list, .map, .function: return true
    default: return false
    }
  }

  mutating func add(_ value: Value) {
    switch value {
    case .list(let list): lists.append(list)
    case .map(let map): maps.append(map)
    case .function(let function): functions.append(function)
    default: return
    }
  }

  /// Frees what was added, and what that held.
  mutating func run() {
    while true {
      if var list = lists.popLast() {
        if isKnownUniquelyReferenced(&list) { list.empty(into: &self) }
      } else if var map = maps.popLast() {
        if isKnownUniquelyReferenced(&map) { map.empty(into: &self) }
      } else if var function = functions.popLast() {
        if isKnownUniquelyReferenced(&function) { function.empty(into: &self) }
      } else {
        return
      }
    }
  }
}
