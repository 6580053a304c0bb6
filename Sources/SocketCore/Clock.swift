// Monotonic time, and points in it that a wait must not pass.
import CSocketCore

/// The clock that all waiting goes by.
public enum MonotonicClock {
  /// Nanoseconds since some point in the past (CLOCK_MONOTONIC); setting the time of day does not change it.
  public static var now: Int64 { csys_monotonic_nanoseconds() }

  /// A duration of `seconds` in whole nanoseconds, rounded up: 0 for what is negative or no number, `Int64.max` for
  /// what does not fit.
  public static func nanoseconds(_ seconds: Double) -> Int64 {
    let nanoseconds = (seconds * 1e9).rounded(.up)
    if !(nanoseconds > 0) { return 0 }
    return nanoseconds < 0x1p63 ? Int64(nanoseconds) : .max
  }

  /// The same as a length of time, at most 2^60 (36 years): with a moment of the clock and some more of them it makes a
  /// sum that is no overflow.
  package static func span(_ seconds: Double) -> Int64 { min(nanoseconds(seconds), 1 << 60) }
}

/// A point in time until which something may wait.
public struct Deadline: Hashable, Comparable, Sendable {
  /// Nanoseconds on `MonotonicClock`; `Int64.max` never comes.
  public var at: Int64

  /// The deadline at a moment of the clock, in nanoseconds.
  public init(at: Int64) {
    self.at = at
  }

  /// The deadline `seconds` from now: at once for a negative number or NaN, never for one that is too large.
  public init(after seconds: Double) {
    let (at, overflow) = MonotonicClock.now.addingReportingOverflow(MonotonicClock.nanoseconds(seconds))
    self.at = overflow ? .max : at
  }

  /// The deadline `duration` from now: at once for a negative one, never for one that is too large.
  public init(after duration: Duration) {
    let (seconds, attoseconds) = duration.components
    if seconds < 0 || attoseconds < 0 {
      self = .immediately
      return
    }
    let (whole, isLong) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
    // Rounded up, as all times to wait are.
    let (nanoseconds, isLonger) = whole.addingReportingOverflow((attoseconds + 999_999_999) / 1_000_000_000)
    let (at, isLongest) = MonotonicClock.now.addingReportingOverflow(nanoseconds)
    self.at = isLong || isLonger || isLongest ? .max : at
  }

  /// The earlier deadline of the first of `count` attempts that are to have equal parts of the time that is left.
  func share(ofOneIn count: Int) -> Deadline {
    guard count > 1, let left = remainingNanoseconds else { return self }
    return Deadline(at: MonotonicClock.now + left / Int64(count))
  }

  /// The deadline that never comes.
  public static let never = Deadline(at: .max)

  /// The deadline that has come already: try once, wait for nothing.
  public static let immediately = Deadline(at: .min)

  /// Whether it never comes.
  public var isNever: Bool { at == .max }

  /// Whether it has come. Asks the clock.
  public var hasPassed: Bool { !isNever && MonotonicClock.now >= at }

  /// Nanoseconds left, 0 when it has passed; nil for never.
  public var remainingNanoseconds: Int64? {
    if isNever { return nil }
    let now = MonotonicClock.now
    return at <= now ? 0 : at - now
  }

  /// Seconds left, 0 when it has passed; infinity for never.
  public var remainingSeconds: Double {
    remainingNanoseconds.map { Double($0) / 1e9 } ?? .infinity
  }

  /// How long it is until then, zero when it has passed; nil for never.
  public var remaining: Duration? { remainingNanoseconds.map { .nanoseconds($0) } }

  /// A time-out for poll and epoll: nanoseconds, negative for ever.
  public var pollTimeout: Int64 { remainingNanoseconds ?? -1 }

  /// Whether one comes before the other.
  public static func < (one: Deadline, other: Deadline) -> Bool { one.at < other.at }
}
