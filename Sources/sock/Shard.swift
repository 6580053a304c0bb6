// `--shard I/N`, and `--shard env` where the service that runs the parts says which one this is.

import Glibc

enum Shard {
  /// The part and how many there are; the first is 1.
  static func read(_ text: String) throws(UsageError) -> (index: Int, count: Int) {
    if text == "env" { return try readEnvironment() }
    let parts = text.split(separator: "/", omittingEmptySubsequences: false).map { Int($0) }
    guard parts.count == 2, let index = parts[0], let count = parts[1], index >= 1, index <= count else {
      throw UsageError(
        message: "--shard \(text): write I/N, as 1/4 for the first of four parts, or env for what CI says of itself")
    }
    return (index, count)
  }

  /// Where a service says it: the variables' names, and the number of its first part.
  private static let services = [
    (name: "GitLab", index: "CI_NODE_INDEX", count: "CI_NODE_TOTAL", first: 1),
    // Kubernetes does not tell how many there are.
    (name: "a Kubernetes indexed Job", index: "JOB_COMPLETION_INDEX", count: "SOCK_SHARDS", first: 0),
    (name: "Buildkite", index: "BUILDKITE_PARALLEL_JOB", count: "BUILDKITE_PARALLEL_JOB_COUNT", first: 0),
    (name: "CircleCI", index: "CIRCLE_NODE_INDEX", count: "CIRCLE_NODE_TOTAL", first: 0),
  ]

  private static func readEnvironment() throws(UsageError) -> (index: Int, count: Int) {
    func value(_ name: String) -> String? { getenv(name).map { String(cString: $0) } }
    for service in services {
      guard let index = value(service.index) else { continue }
      guard let count = value(service.count) else {
        throw UsageError(
          message: "--shard env: \(service.index) is set, as by \(service.name), but not \(service.count): how many parts?")
      }
      guard let part = Int(index), let parts = Int(count), part >= service.first, part - service.first < parts else {
        throw UsageError(
          message: "--shard env: \(service.index)=\(index) and \(service.count)=\(count) name no part of a suite")
      }
      return (part - service.first + 1, parts)
    }
    throw UsageError(
      message: "--shard env: none of " + services.map(\.index).joined(separator: ", ")
        + " is set; write I/N, as 1/4 for the first of four parts")
  }
}
