// A file's variables as its top level left them: each test begins with these, whatever the one before did to them.

import SockLanguage

/// The values of the top-level variables that tests can reach, with lists and maps copied through and through. Channels,
/// tasks and functions are what they are: they cannot be copied.
struct StateSnapshot {
  private typealias Kept = (cell: Cell, value: Value)
  /// What several tests can reach.
  private let shared: [Kept]
  /// What only one test can reach: in a `for`, each has cells of its turn, and many thousand turns have as many.
  private let own: [ObjectIdentifier: [Kept]]

  init(of program: Program, tests: [DeclaredTest]) {
    var owners = Owners()
    var statics: [Cell] = []
    program.forEachCode { code in statics += code.statics }
    for cell in statics { owners.walk(from: cell, for: nil) }
    for test in tests { for cell in test.function.cells { owners.walk(from: cell, for: ObjectIdentifier(test)) } }
    var seen: Set<ObjectIdentifier> = []
    var copies = Copies()
    var shared: [Kept] = []
    var own: [ObjectIdentifier: [Kept]] = [:]
    func keep(_ cell: Cell) {
      guard seen.insert(ObjectIdentifier(cell)).inserted else { return }
      let kept = (cell, copies.copy(cell.value))
      if let test = owners.owner(of: cell) { own[test, default: []].append(kept) } else { shared.append(kept) }
    }
    statics.forEach(keep)
    for test in tests { test.function.cells.forEach(keep) }
    self.shared = shared
    self.own = own
  }

  /// Before a test runs.
  func restore(for test: DeclaredTest) {
    var copies = Copies()
    for (cell, value) in shared { cell.value = copies.copy(value) }
    for (cell, value) in own[ObjectIdentifier(test)] ?? [] { cell.value = copies.copy(value) }
  }

  /// Which test alone can reach a cell: through its own variables and what these hold, functions too.
  private struct Owners {
    private enum Owner: Equatable {
      case all
      case test(ObjectIdentifier)
    }
    /// Of cells, lists, maps and functions.
    private var owners: [ObjectIdentifier: Owner] = [:]

    func owner(of cell: Cell) -> ObjectIdentifier? {
      if case .test(let test)? = owners[ObjectIdentifier(cell)] { return test }
      return nil
    }

    /// - Parameter test: nil for all of them. Nothing is gone through more than twice.
    mutating func walk(from cell: Cell, for test: ObjectIdentifier?) {
      var left: [Value] = [.cell(cell)]
      /// Whether what hangs on the object is still to be looked at.
      func claim(_ object: AnyObject) -> Bool {
        let key = ObjectIdentifier(object)
        let wanted = test.map { Owner.test($0) } ?? .all
        switch owners[key] {
        case nil: owners[key] = wanted
        case wanted?, .all?: return false
        default: owners[key] = .all
        }
        return true
      }
      while let value = left.popLast() {
        switch value {
        case .cell(let cell): if claim(cell) { left.append(cell.value) }
        case .list(let list): if claim(list) { left += list.items }
        case .map(let map): if claim(map) { for entry in map.entries where entry.isLive { left.append(entry.value) } }
        case .function(let function): if claim(function) { left += function.cells.map { .cell($0) } }
        default: break
        }
      }
    }
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
