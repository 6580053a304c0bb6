// What a task keeps of the step that it performs, while that waits; and who is told of steps.

import SockLanguage
import SocketCore

typealias Registers = UnsafeMutablePointer<Value>

/// What a step has done so far that has to wait: it is performed again from its beginning when it may go on.
struct StepState {
  /// It has been performed before, or is going to wait: its deadline is valid.
  var hasBegun = false
  /// When it gives up, in monotonic nanoseconds; `Int64.max`: never.
  var deadline = Int64.max
  /// A pause is cut short: the time around it, or its own `within`, ends before it does.
  var isCutShort = false
  /// What the verb keeps, of a type of its own: addresses still to be tried, bytes still to be sent, a server's
  /// connections, a look-up's answer.
  var work: AnyObject?
}

/// What a task keeps that waits until its channel can be closed.
final class Goodbye {
  /// Whether it may wait: for a second at most, from the first time that it is asked.
  static func hasTime(_ task: Task) -> Bool {
    if task.step.work is Goodbye { return !task.isLate }
    task.step = StepState()
    task.step.work = Goodbye()
    task.step.hasBegun = true
    task.step.deadline = min(task.blockDeadline, Deadline(after: 1).at)
    return true
  }
}

/// Told by steps what they do, as a session's recorder is. A run without one only looks whether there is one.
package protocol StepObserver: AnyObject {
  func opened(_ channel: Channel, _ site: StepSite, _ task: Task)
  func sent(_ data: UnsafeRawBufferPointer, _ channel: Channel, _ site: StepSite, _ task: Task)
  /// - Parameter bytes: what the step uses up; its value is the beginning of it, or nil.
  func received(_ value: Value, _ bytes: UnsafeRawBufferPointer, _ channel: Channel, _ site: StepSite, _ task: Task)
}
