// What client and server tell each other of themselves at the beginning, settings, and the texts as they change.

import Glibc
import SockLanguage
import SockRuntime

/// What the client can do, as far as answers depend on it.
struct ClientAbilities {
  var readsMarkdown = false
  var asksForSettings = false
  var watchesFiles = false
  var hasDocumentChanges = false
  var hasNestedSymbols = false
}

extension Server {
  func initialize(_ parameters: Json) -> Json {
    let abilities = parameters["capabilities"]
    let offered = abilities["general"]["positionEncodings"].list?.compactMap(\.string) ?? []
    workspace.encoding = offered.contains(PositionEncoding.utf8.rawValue) ? .utf8 : .utf16
    let formats = abilities["textDocument"]["hover"]["contentFormat"].list?.compactMap(\.string) ?? []
    client.readsMarkdown = formats.contains("markdown")
    client.asksForSettings = abilities["workspace"]["configuration"].boolean ?? false
    client.watchesFiles = abilities["workspace"]["didChangeWatchedFiles"]["dynamicRegistration"].boolean ?? false
    client.hasDocumentChanges = abilities["workspace"]["workspaceEdit"]["documentChanges"].boolean ?? false
    client.hasNestedSymbols =
      abilities["textDocument"]["documentSymbol"]["hierarchicalDocumentSymbolSupport"].boolean ?? false
    let folders = parameters["workspaceFolders"].list?.compactMap { $0["uri"].string } ?? []
    let roots = folders.isEmpty ? [parameters["rootUri"].string].compactMap { $0 } : folders
    workspace.folders = roots.compactMap(DocumentName.path(ofURI:)).map(Server.withoutSlash)
    apply(parameters["initializationOptions"])
    return [
      "capabilities": [
        "positionEncoding": Json(workspace.encoding.rawValue),
        "textDocumentSync": ["openClose": true, "change": 2, "save": ["includeText": false]],
        "hoverProvider": true,
        "completionProvider": ["triggerCharacters": [".", "\"", "/", ":", "["]],
        "signatureHelpProvider": ["triggerCharacters": ["(", ","]],
        "definitionProvider": true,
        "referencesProvider": true,
        "documentHighlightProvider": true,
        "documentSymbolProvider": true,
        "workspaceSymbolProvider": true,
        "codeActionProvider": ["codeActionKinds": ["quickfix"]],
        "codeLensProvider": ["resolveProvider": false],
        "documentFormattingProvider": true,
        "renameProvider": ["prepareProvider": true],
        "foldingRangeProvider": true,
        "semanticTokensProvider": ["legend": Server.legend, "full": true],
        "executeCommandProvider": ["commands": [Json(Server.runTest)]],
        "workspace": ["workspaceFolders": ["supported": true, "changeNotifications": true]],
      ],
      "serverInfo": ["name": "sock", "version": Json(version)],
    ]
  }

  private static func withoutSlash(_ path: String) -> String {
    path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
  }

  /// The client is ready: settings are asked for, and what happens to files.
  func settle() {
    if client.watchesFiles {
      let watchers: Json = [["globPattern": "**/*.sock"]]
      let registration: Json = [
        "id": "files", "method": "workspace/didChangeWatchedFiles", "registerOptions": ["watchers": watchers],
      ]
      ask("client/registerCapability", ["registrations": [registration]]) { _ in }
    }
    askForSettings()
  }

  // MARK: - Settings

  private func askForSettings() {
    guard client.asksForSettings else { return }
    ask("workspace/configuration", ["items": [["section": "sock"]]]) { [weak self] answer in
      if let settings = answer.list?.first { self?.apply(settings) }
    }
  }

  func didChangeConfiguration(_ parameters: Json) {
    let settings = parameters["settings"]
    if settings["sock"].isObject { apply(settings["sock"]) } else { askForSettings() }
  }

  /// `strict`: a warning is as bad as an error, as it is for `sock check --strict`.
  private func apply(_ settings: Json) {
    guard let strict = settings["strict"].boolean, strict != isStrict else { return }
    isStrict = strict
    workspace.forgetAll()
  }

  func didChangeFolders(_ parameters: Json) {
    let paths = { (key: String) in
      (parameters["event"][key].list ?? []).compactMap { $0["uri"].string }.compactMap(DocumentName.path(ofURI:))
        .map(Server.withoutSlash)
    }
    let removed = Set(paths("removed"))
    workspace.folders = workspace.folders.filter { !removed.contains($0) } + paths("added")
  }

  // MARK: - Texts

  func didOpen(_ parameters: Json) {
    let item = parameters["textDocument"]
    guard let uri = item["uri"].string, let text = item["text"].text else { return }
    workspace.open(uri: uri, version: item["version"].integer, text: text)
  }

  func didChange(_ parameters: Json) {
    guard let uri = parameters["textDocument"]["uri"].string, let document = workspace.documents[uri] else { return }
    let version = parameters["textDocument"]["version"].integer
    for change in parameters["contentChanges"].list ?? [] {
      guard let text = change["text"].text else { continue }
      // Each counts from the text as the one before has left it. One without a range is the whole text.
      let range = document.positions.range(change["range"])
      if range != nil || change["range"].isNull { document.change(range, to: text, version: version) }
    }
    workspace.forgetImporters(of: document.name)
  }

  func didSave(_ parameters: Json) {
    // Files that are imported may have been written by others meanwhile.
    workspace.forgetAll()
  }

  func didClose(_ parameters: Json) {
    guard let uri = parameters["textDocument"]["uri"].string else { return }
    workspace.close(uri: uri)
    // Of what is closed nothing is said.
    notify("textDocument/publishDiagnostics", ["uri": Json(uri), "diagnostics": []])
  }
}
