// How busy the machine is, for failures that may be its fault.

import Glibc

enum MachineLoad {
  /// What a deadline may be seen late by without a word, in nanoseconds: a quarter of a second.
  static let noticeableDelay: Int64 = 250_000_000

  /// As `load 5.2 on 2 processors`: the average of the last minute.
  static var words: String {
    var averages = [0.0]
    let count = sysconf(Int32(_SC_NPROCESSORS_ONLN))
    let processors = "\(count) processor\(count == 1 ? "" : "s")"
    guard getloadavg(&averages, 1) == 1 else { return processors }
    let tenths = Int(averages[0] * 10)
    return "load \(tenths / 10).\(tenths % 10) on \(processors)"
  }
}
