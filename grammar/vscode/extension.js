// A client of `sock lsp` (LSP 3.17) for VS Code, without any package: the server is started and spoken to here, and its
// answers become VS Code's own objects. `sock dap` VS Code speaks to itself.
"use strict";

const { spawn } = require("child_process");
const vscode = require("vscode");

const LANGUAGE = [{ scheme: "file", language: "sock" }, { scheme: "untitled", language: "sock" }];

// MARK: The server

/** Speaks JSON-RPC with one process; ends with it. */
class Server {
  constructor(program, folder, notified, ended) {
    this.last = 0;
    this.waiting = new Map();
    this.notified = notified;
    this.input = Buffer.alloc(0);
    this.process = spawn(program, ["lsp"], { cwd: folder, stdio: ["pipe", "pipe", "pipe"] });
    this.process.on("error", (error) => this.end(error, ended));
    this.process.on("exit", (code) => this.end(new Error(`it has ended with status ${code}`), ended));
    this.process.stdin.on("error", () => undefined);
    this.process.stderr.on("data", (data) => this.notified("window/logMessage", { message: String(data) }));
    this.process.stdout.on("data", (data) => this.read(data));
  }

  end(error, ended) {
    if (this.hasEnded) return;
    this.hasEnded = true;
    for (const { reject } of this.waiting.values()) reject(error);
    this.waiting.clear();
    ended(error);
  }

  read(data) {
    this.input = Buffer.concat([this.input, data]);
    for (;;) {
      const head = this.input.indexOf("\r\n\r\n");
      if (head < 0) return;
      const length = Number(/content-length: *(\d+)/i.exec(this.input.toString("latin1", 0, head))?.[1] ?? 0);
      if (this.input.length < head + 4 + length) return;
      const body = this.input.toString("utf8", head + 4, head + 4 + length);
      this.input = this.input.subarray(head + 4 + length);
      this.receive(JSON.parse(body));
    }
  }

  receive(message) {
    if (message.method !== undefined) {
      const result = this.notified(message.method, message.params) ?? null;
      if (message.id !== undefined) this.send({ id: message.id, result });
      return;
    }
    const waiting = this.waiting.get(message.id);
    this.waiting.delete(message.id);
    if (message.error) waiting?.reject(new Error(message.error.message));
    else waiting?.resolve(message.result);
  }

  send(message) {
    if (this.hasEnded) return;
    const body = Buffer.from(JSON.stringify({ jsonrpc: "2.0", ...message }));
    this.process.stdin.write(`Content-Length: ${body.length}\r\n\r\n`);
    this.process.stdin.write(body);
  }

  notify(method, params) {
    this.send({ method, params });
  }

  request(method, params, token) {
    if (this.hasEnded) return Promise.resolve(null);
    const id = ++this.last;
    token?.onCancellationRequested(() => this.notify("$/cancelRequest", { id }));
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve, reject });
      this.send({ id, method, params });
    });
  }

  async stop() {
    if (this.hasEnded) return;
    await this.request("shutdown", null).catch(() => undefined);
    this.notify("exit", null);
  }
}

// MARK: From the protocol to VS Code

const position = ({ line, character }) => new vscode.Position(line, character);
const range = ({ start, end }) => new vscode.Range(position(start), position(end));
const location = (one) => new vscode.Location(vscode.Uri.parse(one.uri), range(one.range));
const edits = (all) => (all ?? []).map((edit) => new vscode.TextEdit(range(edit.range), edit.newText));

function workspaceEdit(edit) {
  const result = new vscode.WorkspaceEdit();
  for (const [uri, changes] of Object.entries(edit?.changes ?? {})) result.set(vscode.Uri.parse(uri), edits(changes));
  return result;
}

function diagnostic(one) {
  // The protocol counts from 1.
  const result = new vscode.Diagnostic(range(one.range), one.message, one.severity - 1);
  result.code = one.code;
  result.source = one.source;
  result.tags = one.tags;
  result.relatedInformation = one.relatedInformation?.map(
    (related) => new vscode.DiagnosticRelatedInformation(location(related.location), related.message),
  );
  return result;
}

function symbol(one) {
  const [whole, name] = [range(one.range), range(one.selectionRange)];
  const result = new vscode.DocumentSymbol(one.name, one.detail ?? "", one.kind - 1, whole, name);
  result.children = (one.children ?? []).map(symbol);
  return result;
}

function completion(one) {
  const result = new vscode.CompletionItem(one.label, one.kind - 1);
  result.detail = one.detail;
  result.documentation = one.documentation;
  result.filterText = one.filterText;
  result.sortText = one.sortText;
  result.insertText = one.textEdit.newText;
  result.range = range(one.textEdit.range);
  return result;
}

function signatureHelp(found) {
  if (!found) return undefined;
  const result = new vscode.SignatureHelp();
  result.signatures = found.signatures.map((one) => {
    const signature = new vscode.SignatureInformation(one.label, one.documentation);
    signature.parameters = one.parameters.map((parameter) => new vscode.ParameterInformation(parameter.label));
    return signature;
  });
  result.activeSignature = found.activeSignature;
  result.activeParameter = found.activeParameter;
  return result;
}

// MARK: From VS Code to the protocol

const identifier = (document) => ({ uri: document.uri.toString() });
const place = (document, { line, character }) => ({
  textDocument: identifier(document),
  position: { line, character },
});
const span = ({ start, end }) => ({
  start: { line: start.line, character: start.character },
  end: { line: end.line, character: end.character },
});

/** What VS Code asks, each as a request. */
function register(ask, legend) {
  const { languages } = vscode;
  const at = (method) => (document, where, token) => ask(`textDocument/${method}`, place(document, where), token);
  const of = (method, more) => (document, token) =>
    ask(`textDocument/${method}`, { textDocument: identifier(document), ...more }, token);
  return [
    languages.registerHoverProvider(LANGUAGE, {
      provideHover: async (...where) => {
        const found = await at("hover")(...where);
        return found && new vscode.Hover(new vscode.MarkdownString(found.contents.value), range(found.range));
      },
    }),
    languages.registerDefinitionProvider(LANGUAGE, {
      provideDefinition: async (...where) => {
        const found = await at("definition")(...where);
        return found && location(found);
      },
    }),
    languages.registerReferenceProvider(LANGUAGE, {
      provideReferences: async (document, where, context, token) =>
        ((await ask("textDocument/references", { ...place(document, where), context }, token)) ?? []).map(location),
    }),
    languages.registerDocumentHighlightProvider(LANGUAGE, {
      provideDocumentHighlights: async (...where) =>
        ((await at("documentHighlight")(...where)) ?? []).map(
          (one) => new vscode.DocumentHighlight(range(one.range), one.kind - 1),
        ),
    }),
    languages.registerDocumentSymbolProvider(LANGUAGE, {
      provideDocumentSymbols: async (...what) => ((await of("documentSymbol")(...what)) ?? []).map(symbol),
    }),
    languages.registerWorkspaceSymbolProvider({
      provideWorkspaceSymbols: async (query, token) =>
        ((await ask("workspace/symbol", { query }, token)) ?? []).map(
          (one) =>
            new vscode.SymbolInformation(one.name, one.kind - 1, one.containerName ?? "", location(one.location)),
        ),
    }),
    languages.registerCompletionItemProvider(
      LANGUAGE,
      { provideCompletionItems: async (...where) => ((await at("completion")(...where)) ?? []).map(completion) },
      ".", '"', "/", ":", "[",
    ),
    languages.registerSignatureHelpProvider(
      LANGUAGE,
      { provideSignatureHelp: async (...where) => signatureHelp(await at("signatureHelp")(...where)) },
      "(", ",",
    ),
    languages.registerRenameProvider(LANGUAGE, {
      prepareRename: async (...where) => {
        const found = await at("prepareRename")(...where);
        return found && { range: range(found.range), placeholder: found.placeholder };
      },
      provideRenameEdits: async (document, where, newName, token) =>
        workspaceEdit(await ask("textDocument/rename", { ...place(document, where), newName }, token)),
    }),
    languages.registerDocumentFormattingEditProvider(LANGUAGE, {
      provideDocumentFormattingEdits: async (document, options, token) =>
        edits(await of("formatting", { options })(document, token)),
    }),
    languages.registerFoldingRangeProvider(LANGUAGE, {
      provideFoldingRanges: async (document, context, token) =>
        ((await of("foldingRange")(document, token)) ?? []).map(
          (one) =>
            new vscode.FoldingRange(
              one.startLine,
              one.endLine,
              one.kind === "comment" ? vscode.FoldingRangeKind.Comment : undefined,
            ),
        ),
    }),
    languages.registerCodeActionsProvider(
      LANGUAGE,
      {
        provideCodeActions: async (document, where, context, token) => {
          const found = await of("codeAction", { range: span(where), context: { diagnostics: [] } })(document, token);
          return (found ?? []).map((one) => {
            const action = new vscode.CodeAction(one.title, vscode.CodeActionKind.QuickFix);
            action.diagnostics = one.diagnostics.map(diagnostic);
            action.isPreferred = one.isPreferred;
            action.edit = workspaceEdit(one.edit);
            return action;
          });
        },
      },
      { providedCodeActionKinds: [vscode.CodeActionKind.QuickFix] },
    ),
    languages.registerCodeLensProvider(LANGUAGE, {
      provideCodeLenses: async (...what) =>
        ((await of("codeLens")(...what)) ?? []).flatMap((one) => [
          new vscode.CodeLens(range(one.range), one.command),
          new vscode.CodeLens(range(one.range), { ...one.command, title: "debug test", command: "sock.debugTest" }),
        ]),
    }),
    languages.registerDocumentSemanticTokensProvider(
      LANGUAGE,
      {
        provideDocumentSemanticTokens: async (...what) => {
          const found = await of("semanticTokens/full")(...what);
          return found && new vscode.SemanticTokens(Uint32Array.from(found.data));
        },
      },
      new vscode.SemanticTokensLegend(legend.tokenTypes, legend.tokenModifiers),
    ),
  ];
}

// MARK: The extension

class Client {
  constructor() {
    this.log = vscode.window.createOutputChannel("sock");
    this.complaints = vscode.languages.createDiagnosticCollection("sock");
    this.registered = [];
  }

  async start() {
    const settings = vscode.workspace.getConfiguration("sock");
    const program = settings.get("program", "sock");
    const folders = vscode.workspace.workspaceFolders ?? [];
    const server = new Server(
      program,
      folders[0]?.uri.scheme === "file" ? folders[0].uri.fsPath : undefined,
      (method, params) => this.notified(method, params),
      (error) => {
        this.complaints.clear();
        if (this.server !== server || this.isStopping) return;
        vscode.window.showErrorMessage(`sock: \`${program} lsp\`: ${error.message}; see the setting sock.program`);
      },
    );
    this.server = server;
    const answer = await server
      .request("initialize", {
        processId: process.pid,
        rootUri: folders[0]?.uri.toString() ?? null,
        workspaceFolders: folders.map((folder) => ({ uri: folder.uri.toString(), name: folder.name })),
        initializationOptions: { strict: settings.get("strict", false) },
        capabilities: {
          general: { positionEncodings: ["utf-16"] },
          textDocument: {
            hover: { contentFormat: ["markdown"] },
            documentSymbol: { hierarchicalDocumentSymbolSupport: true },
          },
        },
      })
      .catch(() => undefined);
    if (!answer) return;
    server.notify("initialized", {});
    for (const document of vscode.workspace.textDocuments) this.opened(document);
    const legend = answer.capabilities.semanticTokensProvider.legend;
    this.registered = register((method, params, token) => this.server.request(method, params, token), legend);
  }

  async stop() {
    this.isStopping = true;
    for (const one of this.registered) one.dispose();
    this.registered = [];
    await this.server?.stop();
    this.isStopping = false;
  }

  notified(method, params) {
    switch (method) {
      case "textDocument/publishDiagnostics":
        this.complaints.set(vscode.Uri.parse(params.uri), params.diagnostics.map(diagnostic));
        break;
      case "window/logMessage":
        this.log.appendLine(params.message);
        break;
      case "window/showMessage":
        if (params.type === 1) {
          vscode.window.showErrorMessage(params.message, "Show report").then((chosen) => chosen && this.log.show());
        } else {
          vscode.window.showInformationMessage(params.message);
        }
        break;
    }
  }

  opened(document) {
    if (!vscode.languages.match(LANGUAGE, document)) return;
    const [version, text] = [document.version, document.getText()];
    this.server.notify("textDocument/didOpen", {
      textDocument: { ...identifier(document), languageId: "sock", version, text },
    });
  }

  changed({ document, contentChanges }) {
    if (!vscode.languages.match(LANGUAGE, document)) return;
    this.server.notify("textDocument/didChange", {
      textDocument: { ...identifier(document), version: document.version },
      contentChanges: contentChanges.map((change) => ({ range: span(change.range), text: change.text })),
    });
  }

  closed(document) {
    if (!vscode.languages.match(LANGUAGE, document)) return;
    this.server.notify("textDocument/didClose", { textDocument: identifier(document) });
  }

  saved(document) {
    if (!vscode.languages.match(LANGUAGE, document)) return;
    this.server.notify("textDocument/didSave", { textDocument: identifier(document) });
  }
}

let client;

exports.activate = async (context) => {
  client = new Client();
  const { workspace, commands } = vscode;
  const files = workspace.createFileSystemWatcher("**/*.sock");
  const filesChanged = () => client.server.notify("workspace/didChangeWatchedFiles", { changes: [] });
  context.subscriptions.push(
    client.log,
    client.complaints,
    files,
    files.onDidChange(filesChanged),
    files.onDidCreate(filesChanged),
    files.onDidDelete(filesChanged),
    workspace.onDidOpenTextDocument((document) => client.opened(document)),
    workspace.onDidChangeTextDocument((event) => client.changed(event)),
    workspace.onDidCloseTextDocument((document) => client.closed(document)),
    workspace.onDidSaveTextDocument((document) => client.saved(document)),
    workspace.onDidChangeConfiguration((event) => {
      if (!event.affectsConfiguration("sock")) return;
      const strict = workspace.getConfiguration("sock").get("strict", false);
      client.server.notify("workspace/didChangeConfiguration", { settings: { sock: { strict } } });
    }),
    commands.registerCommand("sock.runTest", (file, name) =>
      client.server.request("workspace/executeCommand", { command: "sock.runTest", arguments: [file, name] }),
    ),
    commands.registerCommand("sock.debugTest", (program, test) =>
      vscode.debug.startDebugging(undefined, { type: "sock", request: "launch", name: test, program, test }),
    ),
    vscode.debug.registerDebugAdapterDescriptorFactory("sock", {
      createDebugAdapterDescriptor: () =>
        new vscode.DebugAdapterExecutable(workspace.getConfiguration("sock").get("program", "sock"), ["dap"]),
    }),
    vscode.debug.registerDebugConfigurationProvider("sock", {
      // Without a launch.json the file that is open is meant.
      resolveDebugConfiguration: (folder, asked) =>
        asked.type ? asked : { type: "sock", request: "launch", name: "sock", program: "${file}" },
    }),
    commands.registerCommand("sock.restart", async () => {
      await client.stop();
      await client.start();
    }),
  );
  await client.start();
};

exports.deactivate = () => client?.stop();
