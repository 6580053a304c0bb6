// Parts of a run's state that belong together.

import SockLanguage
import SocketCore

/// A run that is asked to end by a signal: what was deferred has its time.
struct Ending {
  /// The first signal that asks for it.
  var signal: Int32?
  /// When what is deferred has had its time, on the monotonic clock.
  var limit = Int64.max
  /// At what a test's own task was then.
  var stop: StoppedStep?
  /// The status with which somebody who looked into the run has ended it.
  var status: Int32?
  /// A second one has come: what is deferred does not get its time.
  var isHurried = false
}

/// At what a test was when a signal has stopped it.
package struct StoppedStep {
  package let site: SourceSite?
  /// `recv line, for 1.5 s of 50 s`: the code, and how long it has waited; without a line end.
  package let words: String
  /// The whole account, made while the channels that it speaks of were there.
  package let report: String
}

/// Who is told of a test that goes on for long.
struct LongRunNotice {
  /// When it is told next, in monotonic nanoseconds; `.max`: never.
  var at = Int64.max
  /// The first time, and each later one, in seconds from the one before.
  static let (first, later) = (10.0, 60.0)
}

/// When the memory is looked at.
struct MemoryWatch {
  /// More than the limit was in use after a turn: from then on turns are watched for who takes more.
  var isShort = false
  /// Turns that ended before their share did.
  var shortTurns = 0
  /// The memory is looked at after each 64th of those; a mask.
  static let shortTurnsToLook = 63
  /// How much a task may take where there is no memory left, in bytes: what comes and goes with its turns.
  static let spareGrowth = 256 << 10
}

/// Tasks with a name whose failures are told of at the end, unless somebody waited for them.
struct UnawaitedTasks {
  private var handles: [TaskHandle] = []
  /// At this many those that have ended well are forgotten: twice what was left the last time.
  private var limit = 64

  mutating func add(_ handle: TaskHandle) {
    handles.append(handle)
    guard handles.count > limit else { return }
    handles.removeAll { $0.task == nil && $0.failure == nil }
    limit = max(64, 2 * handles.count)
  }

  mutating func removeAll() { handles.removeAll() }

  /// The first that nobody has waited for.
  var failure: Failure? {
    for handle in handles {
      if let failure = handle.failure, !handle.wasAwaited, failure.isCatchable || failure.verdict != nil {
        return failure
      }
    }
    return nil
  }
}

/// The channels of our own standard streams, each made when the script first names it.
struct StandardChannels {
  var input: Channel?
  var output: Channel?
  var error: Channel?
  /// What this process was started with beside them; nil before somebody asks.
  var inherited: [InheritedChannel]?
}
