// Starts `segc lsp` and shows what its commands answer.
"use strict";
const vscode = require("vscode");
const { LanguageClient } = require("vscode-languageclient/node");

let client;

async function show(command, args) {
  try {
    const answer = await client.sendRequest("workspace/executeCommand", { command, arguments: args });
    const document = await vscode.workspace.openTextDocument({ content: answer.text, language: answer.language });
    await vscode.window.showTextDocument(document, vscode.ViewColumn.Beside);
  } catch (error) {
    vscode.window.showErrorMessage(error.message);
  }
}

async function activate(context) {
  const settings = vscode.workspace.getConfiguration("segc");
  const server = { command: settings.get("path"), args: ["lsp"] };
  const middleware = {
    // A lens runs its command here, so that the answer is shown.
    executeCommand: (command, args) => show(command, command === "segc.showSql" ? [args[0], settings.get("dialect")] : args),
  };
  const options = {
    documentSelector: [{ scheme: "file", language: "seg" }],
    initializationOptions: { project: settings.get("project"), profiles: settings.get("lens.profiles") },
    middleware,
  };
  client = new LanguageClient("segc", "Segments", server, options);
  const ask = async (command, prompt) => {
    const text = await vscode.window.showInputBox({ prompt });
    if (text) await show(command, command === "segc.showSql" ? [text, settings.get("dialect")] : [text]);
  };
  const again = vscode.workspace.onDidChangeConfiguration(async (event) => {
    // The server reads its settings when it starts.
    if (!event.affectsConfiguration("segc")) return;
    const answer = await vscode.window.showInformationMessage("segc: the server reads its settings when it starts.", "Reload window");
    if (answer) vscode.commands.executeCommand("workbench.action.reloadWindow");
  });
  context.subscriptions.push(
    again,
    vscode.commands.registerCommand("segc.sql", () => ask("segc.showSql", "The segment's name")),
    vscode.commands.registerCommand("segc.plan", () => show("segc.showPlan", [])),
    vscode.commands.registerCommand("segc.page", () => ask("segc.explain", "A code or a name, such as SEG0601")),
    vscode.commands.registerCommand("segc.restart", () => client.restart()),
  );
  await client.start();
}

function deactivate() {
  return client && client.stop();
}

module.exports = { activate, deactivate };
