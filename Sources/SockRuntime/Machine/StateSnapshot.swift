// A file's variables as its top level left them: each test begins with these, whatever the one before did to them.

import SockLanguage

/// The values of the top-level variables that tests can reach, with lists and maps copied through and through. Channels,
/// tasks and functions are what they are: they cannot be copied.
struct StateSnapshot {
  private let values: [(cell: Cell, value: Value)]

  /// - Parameter tests: in a `for`, each has cells of its turn.
  init(of program: Program, tests: [DeclaredTest]) {
    var cells: [Cell] = []
    var seen: Set<ObjectIdentifier> = []
    func add(_ cell: Cell) {
      if seen.insert(ObjectIdentifier(cell)).inserted { cells.append(cell) }
    }
    program.forEachCode { code in code.statics.forEach(add) }
    for test in tests { test.function.cells.forEach(add) }
    var copies = Copies()
    values = cells.map { ($0, copies.copy($0.value)) }
  }

  func restore() {
    var copies = Copies()
    for (cell, value) in values { cell.value = copies.copy(value) }
  }

  /// One walk: what is shared before is shared afterwards.
  private struct Copies {
    private var lists: [ObjectIdentifier: List] = [:]
    private var maps: [ObjectIdentifier: Map] = [:]
    /// As deep as a script can reasonably nest; what lies deeper stays shared.
    private static let maximumDepth = 200

    mutating func copy(_ value: Value, depth: Int = 0) -> Value {
      guard depth < Copies.maximumDepth else { return value }
      switch value {
      case .list(let list):
        if let known = lists[ObjectIdentifier(list)] { return .list(known) }
        let copy = List()
        lists[ObjectIdentifier(list)] = copy
        copy.items = ListItems(list.items.map { self.copy($0, depth: depth + 1) })
        return .list(copy)
      case .map(let map):
        if let known = maps[ObjectIdentifier(map)] { return .map(known) }
        let copy = Map()
        maps[ObjectIdentifier(map)] = copy
        for entry in map.entries where entry.isLive { copy.set(entry.key, self.copy(entry.value, depth: depth + 1)) }
        return .map(copy)
      default: return value
      }
    }
  }
}
