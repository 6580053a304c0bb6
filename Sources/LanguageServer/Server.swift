// `sock lsp`: speaks LSP 3.17 (JSON-RPC 2.0) over standard input and output, and answers what an editor asks about
// scripts. One thread: what has come is read in full before the next answer, so that a request that is not wanted any
// more costs nothing, and a text that is being typed is checked once, as it is now.

import Glibc
import SockLanguage
import SockRuntime
import SocketCore

/// Why a request is answered with an error.
struct RequestError: Error {
  enum Code: Int {
    case parse = -32700
    case invalidRequest = -32600
    case unknownMethod = -32601
    case invalidParameters = -32602
    case notInitialized = -32002
    case failed = -32803
    case cancelled = -32800
  }

  let code: Code
  let message: String

  init(_ code: Code, _ message: String) {
    self.code = code
    self.message = message
  }
}

package final class Server {
  /// Of this program, for the editor's list of its servers.
  let version: String
  let workspace = Workspace()
  /// Warnings are told as errors.
  var isStrict = false
  var client = ClientAbilities()
  /// Tests that run.
  var runs: [TestRun] = []

  private enum Phase { case new, running, shutDown }
  private var phase = Phase.new
  /// The exit status, once the client has said `exit` or has gone.
  private var status: Int32?
  private var frames = FrameReader()
  private var messages: [FrameReader.Frame] = []
  private var isInputOpen = true
  private var output: [UInt8] = []
  /// Requests to the client that wait for its answer.
  private var asked: [Int: (Json) -> Void] = [:]
  private var lastAsked = 0

  package init(version: String) { self.version = version }

  // MARK: - The loop

  /// Serves the client on standard input and output until it goes. The exit status: 0, or 1 when it has gone without
  /// `shutdown`.
  package func run() -> Int32 {
    do throws(Errno) { try ProcessSignals.ignoreBrokenPipe() } catch { return 1 }
    while status == nil {
      wait()
      if !messages.isEmpty {
        handle(messages.removeFirst())
      } else {
        tellComplaints()
      }
      for run in runs where run.advance(self) { runs.removeAll { $0 === run } }
    }
    // What was answered last may still be wanted; but not by a client that reads no more.
    let deadline = Deadline(after: 2)
    while !output.isEmpty, !deadline.hasPassed, flush(), !output.isEmpty {
      _ = SystemCall.poll(
        StandardStream.output, reading: false, writing: true, timeoutNanoseconds: deadline.pollTimeout)
    }
    return status ?? 1
  }

  /// Takes what has come; waits for something to come where there is nothing else to do.
  private func wait() {
    let isIdle = messages.isEmpty && !workspace.documents.values.contains(where: \.isUntold)
    var polled: [pollfd] = []
    if isInputOpen { polled.append(pollfd(fd: StandardStream.input, events: Int16(POLLIN), revents: 0)) }
    if !output.isEmpty { polled.append(pollfd(fd: StandardStream.output, events: Int16(POLLOUT), revents: 0)) }
    for run in runs {
      for descriptor in run.descriptors { polled.append(pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)) }
    }
    _ = poll(&polled, nfds_t(polled.count), isIdle ? -1 : 0)
    if isInputOpen, polled.first?.revents != 0 { read() }
    if !flush() { status = 1 }
  }

  private func read() {
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 64 << 10, alignment: 8)
    defer { buffer.deallocate() }
    repeat {
      switch StandardStream.tryRead(StandardStream.input, buffer) {
      case .done(let count): frames.append(buffer[..<count])
      case .wouldBlock: return takeFrames()
      case .end, .failed:
        isInputOpen = false
        takeFrames(isLast: true)
        // A client that has died asks nothing more.
        return messages.append(.message(["method": "exit"]))
      }
    } while SystemCall.poll(StandardStream.input, reading: true, writing: false, timeoutNanoseconds: 0) > 0
    takeFrames()
  }

  private func takeFrames(isLast: Bool = false) {
    while let frame = frames.next() { messages.append(frame) }
    if isLast { frames.end() }
    if let skipped = frames.takeSkipped() { FrameReader.tell(skipped, of: "lsp") }
    if let failure = frames.failure, status == nil {
      FrameReader.tell(failure, of: "lsp")
      status = 1
    }
  }

  /// Writes what the client takes; false when it takes nothing any more.
  private func flush() -> Bool {
    var done = 0
    defer { output.removeFirst(done) }
    while done < output.count {
      let outcome = output[done...].withUnsafeBytes { StandardStream.tryWriteNow(StandardStream.output, $0) }
      switch outcome {
      case .done(let count): done += count
      case .wouldBlock: return true
      case .failed(.interrupted): break
      case .end, .failed:
        done = output.count
        return false
      }
    }
    return true
  }

  // MARK: - Messages

  private func handle(_ frame: FrameReader.Frame) {
    guard case .message(let message) = frame else {
      return answer(.null, .failure(RequestError(.parse, "the message is not JSON")))
    }
    let id = message["id"]
    guard let method = message["method"].string else {
      if let number = id.integer, !message.isNull, let answered = asked.removeValue(forKey: number) {
        return answered(message["result"])
      }
      let isAnswer = !message["result"].isNull || !message["error"].isNull
      // Nobody has asked for it, or for nothing.
      if isAnswer || message.isObject && !id.isNull { return }
      return answer(.null, .failure(RequestError(.invalidRequest, "the message has no method")))
    }
    if id.isNull { return notice(method, message["params"]) }
    do throws(RequestError) {
      if isCancelled(id) { throw RequestError(.cancelled, "cancelled") }
      switch phase {
      case .new where method != "initialize": throw RequestError(.notInitialized, "`initialize` comes first")
      case .shutDown: throw RequestError(.invalidRequest, "the server is shut down")
      default: answer(id, .success(try reply(method, message["params"])))
      }
    } catch {
      answer(id, .failure(error))
    }
  }

  /// Whether the client has taken back a request, by a message that waits behind it.
  private func isCancelled(_ id: Json) -> Bool {
    let wanted = id.bytes
    return messages.contains { frame in
      guard case .message(let message) = frame else { return false }
      return message["method"].string == "$/cancelRequest" && message["params"]["id"].bytes == wanted
    }
  }

  private func answer(_ id: Json, _ result: Result<Json, RequestError>) {
    switch result {
    case .success(let value): send(["jsonrpc": "2.0", "id": id, "result": value])
    case .failure(let error):
      send([
        "jsonrpc": "2.0", "id": id, "error": ["code": Json(error.code.rawValue), "message": Json(error.message)],
      ])
    }
  }

  func notify(_ method: String, _ parameters: Json) {
    send(["jsonrpc": "2.0", "method": Json(method), "params": parameters])
  }

  /// - Parameter answered: gets the result; null when the client could not say.
  func ask(_ method: String, _ parameters: Json, _ answered: @escaping (Json) -> Void) {
    lastAsked += 1
    asked[lastAsked] = answered
    send(["jsonrpc": "2.0", "id": Json(lastAsked), "method": Json(method), "params": parameters])
  }

  private func send(_ message: Json) {
    guard let body = message.bytes else { return }
    output += FrameReader.frame(body)
  }

  // MARK: - Methods

  private func notice(_ method: String, _ parameters: Json) {
    switch method {
    case "exit":
      status = phase == .shutDown ? 0 : 1
      return
    case "initialized" where phase == .running: return settle()
    default: break
    }
    guard phase == .running else { return }
    switch method {
    case "textDocument/didOpen": didOpen(parameters)
    case "textDocument/didChange": didChange(parameters)
    case "textDocument/didSave": didSave(parameters)
    case "textDocument/didClose": didClose(parameters)
    case "workspace/didChangeConfiguration": didChangeConfiguration(parameters)
    case "workspace/didChangeWatchedFiles": workspace.forgetAll()
    case "workspace/didChangeWorkspaceFolders": didChangeFolders(parameters)
    // Others are no business of ours, `$/cancelRequest` came too late.
    default: break
    }
  }

  private func reply(_ method: String, _ parameters: Json) throws(RequestError) -> Json {
    switch method {
    case "initialize":
      guard phase == .new else { throw RequestError(.invalidRequest, "`initialize` has come before") }
      phase = .running
      return initialize(parameters)
    case "shutdown":
      phase = .shutDown
      for run in runs { run.stop() }
      return .null
    case "textDocument/hover": return try hover(parameters)
    case "textDocument/definition": return try definition(parameters)
    case "textDocument/references": return try references(parameters)
    case "textDocument/documentHighlight": return try highlights(parameters)
    case "textDocument/documentSymbol": return try symbols(parameters)
    case "workspace/symbol": return workspaceSymbols(parameters)
    case "textDocument/completion": return try completion(parameters)
    case "textDocument/signatureHelp": return try signatureHelp(parameters)
    case "textDocument/codeAction": return try codeActions(parameters)
    case "textDocument/codeLens": return try codeLenses(parameters)
    case "textDocument/formatting": return try formatting(parameters)
    case "textDocument/prepareRename": return try prepareRename(parameters)
    case "textDocument/rename": return try rename(parameters)
    case "textDocument/foldingRange": return try folds(parameters)
    case "textDocument/semanticTokens/full": return try semanticTokens(parameters)
    case "workspace/executeCommand": return try execute(parameters)
    default: throw RequestError(.unknownMethod, "there is no method \(Printable.text(Quoting.shortened(method)))")
    }
  }

  // MARK: - Parameters

  func document(_ parameters: Json) throws(RequestError) -> Document {
    guard let uri = parameters["textDocument"]["uri"].string else {
      throw RequestError(.invalidParameters, "`textDocument.uri` is missing")
    }
    guard let document = workspace.documents[uri] else {
      throw RequestError(.invalidParameters, "the document is not open: \(Printable.text(uri))")
    }
    return document
  }

  /// The document that a request is about, what is known of it, and the offset of its position.
  func place(_ parameters: Json) throws(RequestError) -> (document: Document, analysis: Analysis, offset: Int) {
    let document = try document(parameters)
    guard let offset = document.positions.offset(parameters["position"]) else {
      throw RequestError(.invalidParameters, "`position` is missing")
    }
    return (document, workspace.analysis(of: document), offset)
  }
}
