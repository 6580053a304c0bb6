// `open`: terminal devices, serial lines and FIFOs as channels.

import SockLanguage
import SocketCore

extension StepCall {
  func openDevice() throws(Failure) -> Value? {
    let path = try (operand ?? .nothing).data("open").text
    var settings = LineSettings()
    let setsLine = try read(into: &settings)
    let reading = !site.has(.write)
    let writing = !site.has(.read)
    let found = try deviceKind(path)
    if found == .fifo, reading, writing {
      throw .type("`\(path)` is a FIFO, which goes one way: write `open … read` or `open … write`")
    }
    var real = path
    if reading { real = try permissions.requireFile(path, .read) }
    if writing { real = try permissions.requireFile(path, .write) }
    let descriptor: Int32
    do throws(Errno) {
      descriptor = try Device.open(real, reading: reading, writing: writing)
    } catch {
      if error == .noSuchDeviceOrAddress, found == .fifo { return try waitForReader(of: path) }
      throw cannotOpen(path, error)
    }
    // The terminal at which somebody sits is set up for that, and would stay as a script has left it.
    let isTerminal = SystemCall.isTerminal(descriptor) && !SystemCall.isOwnTerminal(descriptor)
    do throws(Failure) {
      if isTerminal {
        try apply(settings, to: descriptor, path)
      } else if setsLine {
        throw .type("`\(path)` is no serial line, and has no `baud`, `mode` or flow control")
      }
    } catch {
      SystemCall.close(descriptor)
      throw error
    }
    let channel = Channel(
      scheduler: scheduler, kind: .device, socket: nil,
      transport: .terminal(Terminal(opened: path, isTerminal: isTerminal, isFIFO: found == .fifo)),
      input: reading ? descriptor : -1, output: writing ? descriptor : -1)
    channel.settings = defaults?.copy()
    transcript.record(.opened, channel)
    if let name = site.resultName { channel.name = name } else { task.conn = channel }
    return .channel(channel)
  }

  private func cannotOpen(_ path: String, _ error: Errno) -> Failure {
    let failure = Failure(.system(error), "cannot open `\(path)`: \(error.message) (\(error.name))", errno: error.rawValue)
    if error == .noSuchFileOrDirectory { failure.missingPath = path }
    return failure
  }

  /// What `open` is for; else what is.
  private func deviceKind(_ path: String) throws(Failure) -> Device.Kind {
    let kind: Device.Kind
    do throws(Errno) {
      kind = try Device.kind(of: path)
    } catch {
      throw cannotOpen(path, error)
    }
    let (what, cure): (String, String)
    switch kind {
    case .character, .fifo: return kind
    case .file: (what, cure) = ("a regular file", "`readfile(path)` reads it, `writefile(path, data)` writes it")
    case .directory: (what, cure) = ("a folder", "`listdir(path)` lists it")
    case .socket: (what, cure) = ("a socket", "write `connect unix:\(path)`")
    case .block: (what, cure) = ("a block device", "`open` is for terminals, other character devices and FIFOs")
    }
    throw Failure(.type, "cannot open `\(path)`: it is \(what)", notes: ["help: \(cure)"])
  }

  private func waitForReader(of path: String) throws(Failure) -> Value? {
    try begin(nil)
    if task.isLate { throw lateness(nil, "nobody opened `\(path)` for reading") }
    // Nothing tells when it can be opened.
    task.waitKind = .timer
    scheduler.arm(task, at: min(task.step.deadline, MonotonicClock.now + Interpreter.readerInterval))
    return nil
  }

  // MARK: - Serial lines

  /// Returns whether the step says anything of a line.
  private func read(into settings: inout LineSettings) throws(Failure) -> Bool {
    if let value = option(.baud) {
      let rate = try value.count("the rate of a serial line, in baud", minimum: 0)
      guard LineSettings.rates.contains(rate) else {
        throw .range("`baud \(rate)` is no rate of a serial line: it is from 50 to 4000000")
      }
      settings.rate = UInt32(rate)
    }
    if let value = option(.mode) {
      let text = try value.data("mode")
      guard settings.setFormat(text.array) else {
        throw .range(
          "`mode \(Show.inspect(value).text)` is no format of a serial line: write as \"8N1\" how many bits (5 to 8), "
            + "which parity (N, E or O), and how many stop bits (1 or 2)")
      }
    }
    settings.hasHardwareFlow = site.has(.rtscts)
    settings.hasSoftwareFlow = site.has(.xonxoff)
    return site.has(.baud) || site.has(.mode) || site.has(.rtscts) || site.has(.xonxoff)
  }

  private func apply(_ settings: LineSettings, to descriptor: Int32, _ path: String) throws(Failure) {
    let outcome: LineSettings.Outcome
    do throws(Errno) {
      outcome = try settings.apply(to: descriptor)
    } catch {
      throw Failure("cannot set up the line `\(path)`", error)
    }
    if let rate = settings.rate, !LineSettings.isNear(outcome.rate, rate) {
      throw .range("`\(path)` cannot do `baud \(rate)`: it makes \(outcome.rate) of it")
    }
    if !outcome.hasFormat {
      throw .range("`\(path)` cannot do the `mode` or the flow control that `open` asks for")
    }
  }
}

extension LineSettings {
  /// In baud: from teleprinters to what the fastest chips do.
  fileprivate static let rates = 50...4_000_000

  /// Whether a receiver of the one understands the other: half a bit in ten may be lost.
  fileprivate static func isNear(_ rate: UInt32, _ wanted: UInt32) -> Bool {
    let (least, most) = (min(rate, wanted), max(rate, wanted))
    return UInt64(most - least) * 100 <= UInt64(wanted) * 3
  }
}
