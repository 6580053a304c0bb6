// The extension of VS Code with `sock lsp`, in node: as much of VS Code's API as it uses stands here, and asks what the
// editor asks. lsp-vscode.js SOCK FOLDER, where FOLDER has main.sock and lib/smtp.sock.
"use strict";

const assert = require("assert");
const fs = require("fs");
const Module = require("module");
const path = require("path");

const [program, folder] = process.argv.slice(2);
const extension = path.join(__dirname, "../../grammar/vscode");

// MARK: VS Code, as far as it is asked

const record = (...names) =>
  class {
    constructor(...values) {
      names.forEach((name, at) => (this[name] = values[at]));
    }
  };
class Uri {
  constructor(text) {
    this.text = text;
    this.scheme = text.split(":")[0];
    this.fsPath = decodeURIComponent(text.replace("file://", ""));
  }
  static parse(text) {
    return new Uri(text);
  }
  toString() {
    return this.text;
  }
}
class WorkspaceEdit {
  changes = new Map();
  set(uri, edits) {
    this.changes.set(String(uri), edits);
  }
}
const providers = {};
const registering = (name) => (...all) => {
  providers[name] = all.find((one) => typeof one === "object" && !Array.isArray(one));
  return { dispose() {} };
};
const listeners = {};
const listening = (name) => (act) => {
  listeners[name] = act;
  return { dispose() {} };
};
const commands = {};
const debug = {};
const told = { complaints: new Map(), shown: [], log: "" };
const main = path.join(folder, "main.sock");
const document = {
  uri: Uri.parse("file://" + main),
  languageId: "sock",
  version: 1,
  text: fs.readFileSync(main, "utf8"),
  getText() {
    return this.text;
  },
};
const settings = { program, strict: false };
const vscode = {
  Uri,
  WorkspaceEdit,
  Position: record("line", "character"),
  Range: record("start", "end"),
  Location: record("uri", "range"),
  TextEdit: record("range", "newText"),
  Diagnostic: record("range", "message", "severity"),
  DiagnosticRelatedInformation: record("location", "message"),
  DocumentSymbol: record("name", "detail", "kind", "range", "selectionRange"),
  SymbolInformation: record("name", "kind", "containerName", "location"),
  DocumentHighlight: record("range", "kind"),
  CompletionItem: record("label", "kind"),
  SignatureHelp: record(),
  SignatureInformation: record("label", "documentation"),
  ParameterInformation: record("label"),
  Hover: record("contents", "range"),
  MarkdownString: record("value"),
  CodeAction: record("title", "kind"),
  CodeLens: record("range", "command"),
  FoldingRange: record("start", "end", "kind"),
  SemanticTokens: record("data"),
  SemanticTokensLegend: record("types", "modifiers"),
  CodeActionKind: { QuickFix: "quickfix" },
  FoldingRangeKind: { Comment: 1 },
  languages: new Proxy(
    {
      match: (selector, { languageId }) => Number(languageId === "sock"),
      createDiagnosticCollection: () => ({
        set: (uri, all) => told.complaints.set(String(uri), all),
        clear: () => told.complaints.clear(),
        dispose() {},
      }),
    },
    { get: (own, name) => own[name] ?? registering(name) },
  ),
  window: {
    createOutputChannel: () => ({ appendLine: (line) => (told.log += line + "\n"), show() {}, dispose() {} }),
    showErrorMessage: async (text) => void told.shown.push(text),
    showInformationMessage: async (text) => void told.shown.push(text),
  },
  workspace: {
    workspaceFolders: [{ uri: Uri.parse("file://" + folder), name: "project" }],
    textDocuments: [document],
    getConfiguration: () => ({ get: (name) => settings[name] }),
    createFileSystemWatcher: () => ({
      onDidChange: listening("change"), onDidCreate: listening("create"), onDidDelete: listening("delete"),
      dispose() {},
    }),
    onDidOpenTextDocument: listening("open"),
    onDidChangeTextDocument: listening("edit"),
    onDidCloseTextDocument: listening("close"),
    onDidSaveTextDocument: listening("save"),
    onDidChangeConfiguration: listening("configure"),
  },
  DebugAdapterExecutable: record("command", "args"),
  debug: {
    registerDebugAdapterDescriptorFactory: (type, factory) => {
      debug.factory = factory;
      return { dispose() {} };
    },
    registerDebugConfigurationProvider: () => ({ dispose() {} }),
    startDebugging: async (where, asked) => void (debug.asked = asked),
  },
  commands: {
    registerCommand: (name, act) => {
      commands[name] = act;
      return { dispose() {} };
    },
  },
};
const load = Module._load;
Module._load = (name, ...more) => (name === "vscode" ? vscode : load(name, ...more));

// MARK: What it is asked

const place = (words, behind = 0) => {
  const before = document.text.slice(0, document.text.indexOf(words) + behind).split("\n");
  return { line: before.length - 1, character: before.at(-1).length };
};
const token = { onCancellationRequested() {} };
const until = async (what, holds) => {
  const deadline = Date.now() + 60000;
  while (!holds()) {
    assert(Date.now() < deadline, `${what} did not come`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
};
const complaints = () => told.complaints.get(String(document.uri));

async function run() {
  const { contributes } = JSON.parse(fs.readFileSync(path.join(extension, "package.json")));
  for (const { path: file } of [...contributes.grammars, ...contributes.snippets]) {
    JSON.parse(fs.readFileSync(path.join(extension, file)));
  }
  JSON.parse(fs.readFileSync(path.join(extension, contributes.languages[0].configuration)));

  const { activate, deactivate } = require(extension);
  const context = { subscriptions: [] };
  await activate(context);
  await until("a complaint", () => complaints()?.length === 1);
  assert.match(complaints()[0].message, /`sned` is no verb/);
  assert.deepEqual([complaints()[0].severity, complaints()[0].code], [0, "unknown-verb"]);
  const [action] = await providers.registerCodeActionsProvider.provideCodeActions(
    document, complaints()[0].range, {}, token);
  assert.equal(action.title, "did you mean `send`?");
  const [fix] = action.edit.changes.get(String(document.uri));
  document.text = document.text.replace("sned", fix.newText);
  document.version = 2;
  listeners.edit({ document, contentChanges: [{ range: fix.range, text: fix.newText }] });
  await until("an end of complaints", () => complaints()?.length === 0);

  const hover = await providers.registerHoverProvider.provideHover(document, place("recv line", 1), token);
  assert.match(hover.contents.value, /`recv`: receives/);
  const there = await providers.registerDefinitionProvider.provideDefinition(document, place("hello(near"), token);
  assert.match(String(there.uri), /lib\/smtp\.sock$/);
  const completer = providers.registerCompletionItemProvider;
  const items = await completer.provideCompletionItems(document, place("c.recv", 3), token);
  assert(items.some((item) => item.label === "recv" && item.insertText === "recv"));
  const help = await providers.registerSignatureHelpProvider.provideSignatureHelp(document, place('greet("', 6), token);
  assert.equal(help.signatures[0].label, "def greet(name, loud = false)");
  const rename = providers.registerRenameProvider;
  const edit = await rename.provideRenameEdits(document, place("hello(near"), "helo", token);
  assert.equal(edit.changes.size, 2);
  await assert.rejects(rename.provideRenameEdits(document, place("hello(near"), "end", token), /word of the language/);
  const symbols = await providers.registerDocumentSymbolProvider.provideDocumentSymbols(document, token);
  assert.deepEqual(symbols.at(-1).name, "greets");
  const context_ = { includeDeclaration: true };
  const uses = await providers.registerReferenceProvider.provideReferences(document, place("greet("), context_, token);
  assert.equal(uses.length, 2);
  assert((await providers.registerFoldingRangeProvider.provideFoldingRanges(document, {}, token)).length > 2);
  const highlights = providers.registerDocumentHighlightProvider;
  assert((await highlights.provideDocumentHighlights(document, place("greet("), token)).length);
  assert((await providers.registerWorkspaceSymbolProvider.provideWorkspaceSymbols("hel", token)).length === 1);
  const colours = await providers.registerDocumentSemanticTokensProvider.provideDocumentSemanticTokens(document, token);
  assert(colours.data.length > 100 && colours.data.length % 5 === 0);
  const layout = providers.registerDocumentFormattingEditProvider;
  const options = { tabSize: 2, insertSpaces: true };
  assert.deepEqual(await layout.provideDocumentFormattingEdits(document, options, token), []);
  const [lens, second] = await providers.registerCodeLensProvider.provideCodeLenses(document, token);
  await commands[lens.command.command](...lens.command.arguments);
  await until("the verdict", () => told.shown.length === 1);
  assert.match(told.shown[0], /greets: /);

  await commands[second.command.command](...second.command.arguments);
  assert.deepEqual([debug.asked.program, debug.asked.test], [main, "greets"]);
  const { command, args } = debug.factory.createDebugAdapterDescriptor();
  assert.deepEqual([command, args], [program, ["dap"]]);

  // Started again, it knows what is open.
  await commands["sock.restart"]();
  await until("complaints of the new server", () => complaints()?.length === 0);
  assert(await providers.registerHoverProvider.provideHover(document, place("recv line", 1), token));
  await deactivate();
  assert.equal(told.shown.length, 1, told.shown.join("\n"));

  // And says so where there is no program.
  settings.program = "/no/such/sock";
  await commands["sock.restart"]();
  await until("the fault", () => told.shown.length === 2);
  assert.match(told.shown[1], /sock\.program/);
}

run().then(
  () => process.exit(0),
  (error) => {
    console.error(error);
    process.exit(1);
  },
);
