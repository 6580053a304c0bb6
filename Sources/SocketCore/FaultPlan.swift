// Faults that tests inject into the system calls of one thread, and the account of the descriptors that these calls
// opened. Nothing here runs unless a plan is installed: SystemCalls.swift then pays one load and one branch a call.
import CSocketCore

/// The system calls of `SystemCall` that can be made to fail.
package enum SystemCallName: UInt8, CaseIterable, Sendable {
  case socket, socketpair, bind, listen, connect, accept, shutdown, getsockname, getpeername
  case getsockopt, setsockopt, sockatmark
  case recv, recvmsg, send, sendto, sendmsg
  case read, write, splice, close, dup, pipe, openNull, fcntl, getrlimit, setrlimit
  case poll, epollCreate, epollControl, epollWait, eventfd
  case spawn, fork, pidfdOpen, kill, waitid, sigaction, prctl
  case openTerminal, openDevice, terminal
  case getaddrinfo, getnameinfo, interfaceLookup, protocolLookup
}

/// What happens to chosen system calls of the thread that runs `perform`, and what its calls did.
///
/// A plan belongs to one thread, so tests that run side by side do not disturb each other.
package final class FaultPlan {
  /// What a chosen call does instead of its work.
  package enum Effect {
    /// Fails with this error and does nothing; `close` closes all the same, as it does on Linux.
    case fail(Errno)
    /// Moves at most so many bytes; at least 1.
    case short(Int)
    /// Fails with this number of the call's own kind (an EAI code of getaddrinfo).
    case code(Int32)
  }

  private struct Rule {
    let call: SystemCallName
    let calls: ClosedRange<Int>
    let result: Int32
  }

  private var rules: [Rule] = []
  private var counts = [Int](repeating: 0, count: SystemCallName.allCases.count)

  /// The descriptors that the thread opened under this plan and did not close since.
  package private(set) var openDescriptors: Set<Int32> = []

  /// The descriptors that were closed without being open, or twice.
  package private(set) var closedTwice: Set<Int32> = []

  package init() {}

  /// From the `nth` call of `call` on (counted from 1, from when the plan was made), `times` calls have `effect`.
  package func on(_ call: SystemCallName, nth: Int = 1, times: Int = 1, _ effect: Effect) {
    let result: Int32 =
      switch effect {
      case .fail(let error): 0 &- error.rawValue
      case .short(let count): Int32(clamping: max(1, count))
      case .code(let code): code
      }
    let (last, overflow) = nth.addingReportingOverflow(max(1, times) - 1)
    rules.append(Rule(call: call, calls: nth...(overflow ? .max : last), result: result))
  }

  /// How often `call` was made under this plan; a call repeated after EINTR counts each time.
  package func count(of call: SystemCallName) -> Int {
    counts[Int(call.rawValue)]
  }

  /// Runs `body` on this thread with this plan in force. Plans nest: only the innermost one acts and counts.
  package func perform<Result, Failure: Error>(_ body: () throws(Failure) -> Result) throws(Failure) -> Result {
    let outer = csys_fault_plan()
    csys_set_fault_plan(Unmanaged.passUnretained(self).toOpaque())
    defer { csys_set_fault_plan(outer) }
    return try body()
  }

  // MARK: What SystemCalls.swift asks

  private static var installed: FaultPlan? {
    csys_fault_plan().map { Unmanaged<FaultPlan>.fromOpaque($0).takeUnretainedValue() }
  }

  /// What the call that is about to be made is to do: 0 for its work, a positive number for at most so many bytes,
  /// a negative one for that result instead.
  @inline(__always)
  static func effect(on call: SystemCallName) -> Int32 {
    csys_fault_plan() == nil ? 0 : plannedEffect(on: call)
  }

  @inline(never)
  private static func plannedEffect(on call: SystemCallName) -> Int32 {
    guard let plan = installed else { return 0 }
    plan.counts[Int(call.rawValue)] += 1
    let number = plan.counts[Int(call.rawValue)]
    return plan.rules.first { $0.call == call && $0.calls.contains(number) }?.result ?? 0
  }

  /// Takes note of a descriptor that a call returned; hands through what it returned.
  @inline(__always)
  static func opened(_ result: Int32) -> Int32 {
    DescriptorOwners.opened(result)
    if csys_fault_plan() != nil, result >= 0 { installed?.openDescriptors.insert(result) }
    return result
  }

  @inline(__always)
  static func closed(_ descriptor: Int32) {
    DescriptorOwners.closed(descriptor)
    if csys_fault_plan() != nil, let plan = installed, plan.openDescriptors.remove(descriptor) == nil {
      plan.closedTwice.insert(descriptor)
    }
  }
}
