// What an operation may cost, held to the table in Tests/Scripts/costs.tsv: so many instructions, system calls and page
// faults, and not seconds, which a busy machine stretches.
//
// UPDATE_COSTS=1 writes what is measured into the table instead. A ceiling is 10 % above what was measured then, more
// where the count varies, and not above a limit that is held already.
import Glibc
import Testing

@Suite(.serialized, .enabled(if: Repository.isReleaseBuild, "counts are those of the release program: SOCK_BINARY"))
struct CostTests {
  private static let table = "Tests/Scripts/costs.tsv"
  private static let heading = "# work\tcounted\tmeasured\tceiling\tlimit"

  /// A row of the table.
  struct Cost: CustomTestStringConvertible {
    let work: Work
    let counter: Counter
    /// How much more than measured may be: what the count varies by, and something for small changes.
    var slack = 0.1
    /// What is asked of the program (or -: nothing), whether it is reached or not.
    var limit: Double?

    var testDescription: String { "\(work.rawValue), \(counter.rawValue)" }
  }

  static let costs = [
    Cost(work: .start, counter: .instructions),
    Cost(work: .start, counter: .systemCalls),
    // Depends on how the file lies in memory.
    Cost(work: .start, counter: .pageFaults, slack: 0.3),
    Cost(work: .roundTrip, counter: .instructions, limit: 1500),
    Cost(work: .roundTrip, counter: .systemCalls, limit: 3),
    // Whether another one waits is looked for each time.
    Cost(work: .datagram, counter: .instructions),
    Cost(work: .datagram, counter: .systemCalls, limit: 4),
    // Several that are ready at one time need one wait.
    Cost(work: .connection, counter: .instructions, slack: 0.2),
    Cost(work: .connection, counter: .systemCalls, slack: 0.2, limit: 8),
    // The server waits, and writes what it prints, only when it is faster than its client.
    Cost(work: .exchange, counter: .instructions, slack: 0.5),
    Cost(work: .exchange, counter: .systemCalls, slack: 0.8),
    Cost(work: .line, counter: .instructions),
    Cost(work: .line, counter: .systemCalls, slack: 0.5, limit: 0.1),
    Cost(work: .mebibyte, counter: .instructions),
    Cost(work: .mebibyte, counter: .systemCalls),
    Cost(work: .call, counter: .instructions),
    Cost(work: .iteration, counter: .instructions),
    Cost(work: .logLine, counter: .instructions),
  ]

  @Test(arguments: costs) func anOperationCostsNoMore(cost: Cost) throws {
    let measured = try CostMeasuring().cost(cost.counter, of: cost.work)
    if getenv("UPDATE_COSTS") != nil { return try Self.update(cost, measured) }
    let name = "\(cost.work.rawValue)\t\(cost.counter.rawValue)"
    let row = try #require(Self.rows()[name], "\(Self.table) has no row for \(name): UPDATE_COSTS=1 writes it")
    let more = ((measured / row.measured - 1) * 1000).rounded() / 10
    #expect(
      measured <= row.ceiling,
      """
      \(cost.work.rawValue): \(Self.shown(measured)) \(cost.counter.rawValue), \(more) % more than \
      \(Self.shown(row.measured)); at most \(Self.shown(row.ceiling)) were expected.
      Where they come from: scripts/bench --only sockets, or valgrind --tool=callgrind on a copy without debug \
      information (strip --strip-debug), or strace -c. If it has to be so: UPDATE_COSTS=1 swift test --filter CostTests
      """)
  }

  /// One call in it, and its state no longer stays in the processor's registers: that cost a loop over integers 12 %.
  @Test func theInnerLoopCallsNothing() throws {
    let symbol = "$s11SockRuntime14ExecutionStateV10runScalarsAA10ScalarStopOyF"
    let outcome = try RunningProgram(["objdump", "-d", "--disassemble=\(symbol)", Repository.sock]).finish()
    let code = outcome.output.split(separator: "\n")
    try #require(code.count > 300, "ExecutionState.runScalars() is not in the program")
    let calls = code.filter { $0.contains("call ") }
    #expect(calls.isEmpty, "\(calls.joined(separator: "\n"))")
  }

  // MARK: - The table

  private static func rows() throws -> [String: (measured: Double, ceiling: Double)] {
    var rows: [String: (measured: Double, ceiling: Double)] = [:]
    for line in (Repository.text(table) ?? "").split(separator: "\n") where !line.hasPrefix("#") {
      let cells = line.split(separator: "\t")
      guard cells.count == 5, let measured = Double(cells[2]), let ceiling = Double(cells[3]) else {
        throw HarnessError("\(table): not a row of \(heading): \(line)")
      }
      rows["\(cells[0])\t\(cells[1])"] = (measured, ceiling)
    }
    return rows
  }

  private static func update(_ cost: Cost, _ measured: Double) throws {
    var ceiling = measured * (1 + cost.slack)
    // 2 %: a call more in a whole run.
    if let limit = cost.limit, measured <= limit * 1.02 { ceiling = min(ceiling, limit * 1.02) }
    var rows = try rows()
    rows["\(cost.work.rawValue)\t\(cost.counter.rawValue)"] = (measured, ceiling)
    var text = heading + "\n"
    for cost in costs {
      let name = "\(cost.work.rawValue)\t\(cost.counter.rawValue)"
      guard let row = rows[name] else { continue }
      text += "\(name)\t\(shown(row.measured))\t\(shown(row.ceiling))\t\(cost.limit.map(shown) ?? "-")\n"
    }
    if !Repository.write(Array(text.utf8), to: table) { throw HarnessError("cannot write \(table)") }
  }

  /// Whole numbers from 100 on, else four decimals at most.
  private static func shown(_ value: Double) -> String {
    if value >= 100 { return String(Int(value.rounded())) }
    let rounded = (value * 10_000).rounded() / 10_000
    return rounded == rounded.rounded() ? String(Int(rounded)) : String(rounded)
  }
}
