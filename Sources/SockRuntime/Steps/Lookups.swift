// Names of hosts: looked up on a helper thread while the task waits, and others go on.

import SockLanguage
import SocketCore

/// A look-up that a helper thread answers.
final class Lookup: AnswerBox {
  private let answer = LockedAnswer()
  var isFilled: Bool { answer.value != nil }
  var value: Result<[SocketAddress], ResolveError>? { answer.value }

  init(_ address: AddressText, type: SocketType, _ waker: Waker) {
    let answer = self.answer
    switch address.place {
    case .host(let host, let port): Lookup.start(host, port, type, answer, waker)
    case .any(let port): Lookup.start("::", port, type, answer, waker)
    case .known(let address): answer.fill(.success([address]))
    case .path: answer.fill(.success([]))
    }
  }

  private static func start(_ host: String, _ port: String, _ type: SocketType, _ answer: LockedAnswer, _ waker: Waker) {
    let number: UInt16
    do throws(ResolveError) {
      number = try Resolver.port(ofService: port, type: type)
    } catch {
      answer.fill(.failure(error))
      return
    }
    Resolver.start(host: host, port: number, type: type) { result in
      answer.fill(result)
      waker.wake()
    }
  }
}

/// A reverse look-up that a helper thread answers.
final class ReverseLookup: AnswerBox {
  private let answer = LockedName()
  var isFilled: Bool { answer.value != nil }
  var value: Result<String, ResolveError>? { answer.value }

  init(_ address: SocketAddress, _ waker: Waker) {
    let answer = self.answer
    Resolver.startReverse(address) { result in
      answer.fill(result)
      waker.wake()
    }
  }
}

extension StepCall {
  /// The addresses of a text: at once when it is a number or a path, else by a look-up for which the task waits; nil then.
  ///
  /// - Parameter lookup: where the step keeps the look-up while it waits.
  func lookUp(
    _ address: AddressText, type: SocketType, _ lookup: inout Lookup?, _ channel: Channel? = nil
  ) throws(Failure) -> [SocketAddress]? {
    if let addresses = try address.immediate(type: type) { return addresses }
    if case .host(let host, _) = address.place { try permissions.requireLookUp(of: host) }
    try begin(channel)
    let running = lookup ?? Lookup(address, type: type, scheduler.poller.waker)
    lookup = running
    switch running.value {
    case .success(let addresses)?: return addresses
    case .failure(let error)?:
      throw Failure("cannot resolve `\(address.subject(of: error))`", error)
    case nil:
      if task.isLate { throw lateness(channel, "the look-up of `\(address.text)` had no answer") }
      scheduler.waitForAnswer(task)
      scheduler.arm(task, at: task.step.deadline)
      return nil
    }
  }

  /// The same for a step that keeps nothing else while it waits.
  func lookUp(_ address: AddressText, type: SocketType, _ channel: Channel? = nil) throws(Failure) -> [SocketAddress]? {
    var lookup = task.step.work as? Lookup
    let addresses = try lookUp(address, type: type, &lookup, channel)
    if let lookup { task.step.work = lookup }
    return addresses
  }
}

extension Interpreter {
  /// `resolve(host [, port])` gives addresses; `resolve(address)` the host's name. Nil: the task waits for the answer,
  /// and is to call this again with the same arguments.
  func resolve(_ values: UnsafeBufferPointer<Value>, _ task: Task) throws(Failure) -> Value? {
    if let kept = task.step.work as? Lookup {
      return try answer(kept.value, task) { addresses in .list(List(addresses.map { .address(Address($0)) })) }
    }
    if let kept = task.step.work as? ReverseLookup {
      return try answer(kept.value, task) { .string(ByteString($0)) }
    }
    try Builtins.checkCount(.resolve, values.count)
    let arguments = Arguments(.resolve, values)
    task.step.hasBegun = true
    task.step.deadline = task.blockDeadline
    if permissions.forbidsAll(.connect) { try permissions.requireLookUp(of: Show.text(arguments[0]).text) }
    switch arguments[0] {
    case .address(let address):
      guard arguments.count == 1 else { throw arguments.range("an address has its port already") }
      task.step.work = ReverseLookup(address.address, scheduler.poller.waker)
    case .string(let host):
      let port = if case .nothing = arguments[1] { Value.integer(0) } else { arguments[1] }
      task.step.work = Lookup(try AddressText(.string(host), port: port), type: .stream, scheduler.poller.waker)
    default: throw arguments.wrongType(0, "a string or an address")
    }
    return try resolve(values, task)
  }

  private func answer<Result>(
    _ result: Swift.Result<Result, ResolveError>?, _ task: Task, _ make: (Result) -> Value
  ) throws(Failure) -> Value? {
    switch result {
    case .success(let found)?: return make(found)
    case .failure(let error)?:
      throw Failure("cannot resolve `\(error.subject)`", error)
    case nil:
      if task.isLate { throw Failure(.timeout, "the name server has not answered within the time of the block around") }
      scheduler.waitForAnswer(task)
      scheduler.arm(task, at: task.step.deadline)
      return nil
    }
  }
}
