//! One answer a request: from the protocol's JSON to `ide` and back. Invariant: an answer about a text is made from the text as
//! the client has it now.

use std::ops::Range;

use lsp_server::{ErrorCode, Request as Call};
use serde_json::{Value, json};

use super::members::Counts;
use super::position::{Encoding, Lines, path_of, uri_of};
use super::{Server, commands, render};
use crate::diagnostics::Applicability;
use crate::ide::completion::{self, CompletionKind};
use crate::ide::definitions::Kind;
use crate::ide::edits::{self, TextEdit};
use crate::ide::locals::Local;
use crate::ide::navigation::{self, Meant};
use crate::ide::structure::{self, Colour};
use crate::ide::{Analysis, Document, hover, inlay, signature};
use crate::pipeline::normalize;

/// Why there is no answer.
pub(super) struct Refusal {
    pub code: ErrorCode,
    pub message: String,
}

impl Refusal {
    pub fn failed(message: impl Into<String>) -> Refusal {
        Refusal { code: ErrorCode::RequestFailed, message: message.into() }
    }

    fn unknown(method: &str) -> Refusal {
        Refusal { code: ErrorCode::MethodNotFound, message: format!("there is no `{method}`") }
    }

    fn params() -> Refusal {
        Refusal { code: ErrorCode::InvalidParams, message: "the parameters are not those of this request".into() }
    }
}

type Answer = Result<Value, Refusal>;

/// The kinds of colours, in the order of their numbers.
const COLOURS: [&str; 9] =
    ["keyword", "function", "string", "number", "operator", "comment", "property", "variable", "class"];

/// What this server can do.
pub(super) fn capabilities(encoding: Encoding) -> Value {
    let encoding = match encoding {
        Encoding::Utf8 => "utf-8",
        Encoding::Utf16 => "utf-16",
    };
    json!({
        "capabilities": {
            "positionEncoding": encoding,
            "textDocumentSync": { "openClose": true, "change": 2, "save": true },
            "completionProvider": { "triggerCharacters": [".", "\"", " "] },
            "hoverProvider": true,
            "signatureHelpProvider": { "triggerCharacters": ["(", ","] },
            "definitionProvider": true,
            "referencesProvider": true,
            "renameProvider": { "prepareProvider": true },
            "documentSymbolProvider": true,
            "workspaceSymbolProvider": true,
            "foldingRangeProvider": true,
            "selectionRangeProvider": true,
            "documentFormattingProvider": true,
            "documentRangeFormattingProvider": true,
            "documentOnTypeFormattingProvider": { "firstTriggerCharacter": "}" },
            "codeActionProvider": { "codeActionKinds": ["quickfix", "source.fixAll"] },
            "codeLensProvider": {},
            "inlayHintProvider": true,
            "diagnosticProvider": { "interFileDependencies": true, "workspaceDiagnostics": false },
            "semanticTokensProvider": {
                "legend": { "tokenTypes": COLOURS, "tokenModifiers": [] },
                "full": true
            },
            "executeCommandProvider": { "commands": commands::COMMANDS },
        },
        "serverInfo": { "name": "segc", "version": env!("CARGO_PKG_VERSION") },
    })
}

/// Whether a request is about diagnostics, and so waits for the project to be checked.
pub(super) fn needs_analysis(method: &str) -> bool {
    matches!(
        method,
        "textDocument/diagnostic"
            | "textDocument/codeAction"
            | "textDocument/codeLens"
            | "workspace/executeCommand"
            | "textDocument/rename"
    )
}

/// The document that a request is about.
pub(super) fn uri(params: &Value) -> Option<&str> {
    params.pointer("/textDocument/uri")?.as_str()
}

/// A text with what is known of its project.
pub(super) struct View<'s> {
    server: &'s Server,
    pub(super) counts: &'s Counts,
    pub(super) document: &'s Document,
    pub(super) analysis: &'s Analysis,
    pub(super) lines: Lines<'s>,
}

/// Answers one request.
pub(super) fn answer(server: &Server, call: &Call) -> Answer {
    let params = &call.params;
    match call.method.as_str() {
        "workspace/symbol" => return Ok(workspace_symbols(server, params)),
        "workspace/executeCommand" => {
            let name = params.get("command").and_then(Value::as_str).unwrap_or_default();
            let args = params.get("arguments").and_then(Value::as_array).cloned().unwrap_or_default();
            let named = args.first().and_then(Value::as_str).unwrap_or_default();
            let mut analyses = server.projects.values().map(|project| &*project.analysis);
            // The project that has the segment, of several that are open.
            let first = analyses.clone().next();
            let analysis = analyses.find(|analysis| analysis.definitions.get(named).is_some()).or(first);
            return commands::run(analysis, name, &args, (server.host.now)());
        }
        _ => {}
    }
    let path = uri(params).and_then(path_of).map(|path| normalize(&path)).ok_or_else(|| {
        if call.method.starts_with("textDocument/") { Refusal::params() } else { Refusal::unknown(&call.method) }
    })?;
    let Some(document) = server.documents.get(&path) else { return Ok(Value::Null) };
    let root = server.root_of(&path).unwrap_or_default();
    let Some(project) = server.projects.get(&root) else { return Ok(Value::Null) };
    let lines = Lines::new(&document.text, server.encoding);
    let view = View { server, counts: &project.counts, document, analysis: &project.analysis, lines };
    match call.method.as_str() {
        "textDocument/completion" => view.completion(params),
        "textDocument/hover" => view.hover(params),
        "textDocument/signatureHelp" => view.signature(params),
        "textDocument/definition" => view.definition(params),
        "textDocument/references" => view.references(params),
        "textDocument/prepareRename" => view.prepare_rename(params),
        "textDocument/rename" => view.rename(params),
        "textDocument/documentSymbol" => Ok(view.symbols()),
        "textDocument/foldingRange" => Ok(view.folds()),
        "textDocument/selectionRange" => view.selections(params),
        "textDocument/semanticTokens/full" => Ok(view.colours()),
        "textDocument/formatting" => Ok(view.edits(&edits::format(document))),
        "textDocument/rangeFormatting" => {
            let range = view.range(params, "range")?;
            Ok(view.edits(&edits::format_range(document, range)))
        }
        "textDocument/onTypeFormatting" => {
            let offset = view.offset(params)?;
            Ok(view.edits(&edits::format_on_type(document, offset)))
        }
        "textDocument/codeAction" => view.actions(params),
        "textDocument/codeLens" => Ok(view.lenses()),
        "textDocument/inlayHint" => view.inlays(params),
        "textDocument/diagnostic" => Ok(view.diagnostics()),
        other => Err(Refusal::unknown(other)),
    }
}

impl View<'_> {
    fn offset(&self, params: &Value) -> Result<usize, Refusal> {
        params.get("position").and_then(|position| self.lines.offset(position)).ok_or_else(Refusal::params)
    }

    fn range(&self, params: &Value, key: &str) -> Result<Range<usize>, Refusal> {
        params.get(key).and_then(|range| self.lines.range_of(range)).ok_or_else(Refusal::params)
    }

    fn now(&self) -> i64 {
        (self.server.host.now)()
    }

    fn edits(&self, edits: &[TextEdit]) -> Value {
        edits.iter().map(|edit| json!({ "range": self.lines.range(&edit.range), "newText": edit.text })).collect()
    }

    /// The same position in whichever file a place is of.
    fn location(&self, place: &navigation::Place) -> Value {
        let range = place.start..place.end;
        let shown = self.with_lines(&place.path, |lines| lines.range(&range));
        json!({ "uri": uri_of(&place.path), "range": shown })
    }

    fn with_lines<T>(&self, path: &str, f: impl FnOnce(&Lines<'_>) -> T) -> T {
        if path == self.document.path {
            return f(&self.lines);
        }
        let open = self.server.documents.get(path).map(|document| &*document.text);
        let text = open.unwrap_or_else(|| self.analysis.file(path).map_or("", |file| self.analysis.text(file.id)));
        f(&Lines::new(text, self.server.encoding))
    }

    fn open(&self) -> Vec<&Document> {
        self.server.documents.values().collect()
    }

    fn completion(&self, params: &Value) -> Answer {
        let offset = self.offset(params)?;
        let found = completion::complete(self.analysis, &self.document.path, &self.document.text, offset);
        let range = self.lines.range(&(found.start..found.end));
        let items: Vec<Value> = found
            .items
            .iter()
            .enumerate()
            .map(|(index, item)| {
                let kind = match item.kind {
                    CompletionKind::Field => 5,
                    CompletionKind::Value => 12,
                    CompletionKind::Event => 23,
                    CompletionKind::Function => 3,
                    CompletionKind::Definition => 6,
                    CompletionKind::Keyword => 14,
                    CompletionKind::File => 17,
                    CompletionKind::Snippet => 15,
                };
                let snippet = item.insert.contains('$');
                let text = if item.insert.is_empty() { &item.label } else { &item.insert };
                json!({
                    "label": item.label,
                    "kind": kind,
                    "detail": item.detail,
                    "documentation": { "kind": "markdown", "value": item.docs },
                    "sortText": format!("{index:05}"),
                    "filterText": item.label,
                    "insertTextFormat": if snippet { 2 } else { 1 },
                    "textEdit": { "range": range, "newText": text },
                })
            })
            .collect();
        Ok(json!({ "isIncomplete": false, "items": items }))
    }

    fn hover(&self, params: &Value) -> Answer {
        let offset = self.offset(params)?;
        Ok(match hover::hover(self.analysis, &self.document.text, offset, self.now()) {
            Some(found) => json!({
                "contents": { "kind": "markdown", "value": found.text },
                "range": self.lines.range(&(found.start..found.end)),
            }),
            None => Value::Null,
        })
    }

    fn signature(&self, params: &Value) -> Answer {
        let offset = self.offset(params)?;
        Ok(match signature::call(self.analysis, &self.document.text, offset) {
            Some(call) => {
                let signatures: Vec<Value> = call
                    .usages
                    .iter()
                    .map(
                        |usage| json!({ "label": usage, "documentation": call.docs, "activeParameter": call.argument }),
                    )
                    .collect();
                json!({ "signatures": signatures, "activeSignature": 0, "activeParameter": call.argument })
            }
            None => Value::Null,
        })
    }

    fn definition(&self, params: &Value) -> Answer {
        let offset = self.offset(params)?;
        let meant = navigation::meant_at(self.analysis, &self.document.text, offset);
        let place = meant.and_then(|(meant, _)| {
            let name = match meant {
                Meant::Local(Local { given: Range { start, end }, .. }) => {
                    return Some(navigation::Place { path: self.document.path.clone(), start, end });
                }
                Meant::Definition(name) => name,
            };
            let definition = self.analysis.definitions.get(&name)?;
            // Its place in the text as it is now.
            let fresh = self.analysis.path(definition.span.file).and_then(|path| self.server.documents.get(path));
            let fresh = fresh.and_then(|document| {
                let known = structure::symbols(document).into_iter().find(|known| known.name == definition.name)?;
                let (start, end) = (known.span.start as usize, known.span.end as usize);
                Some(navigation::Place { path: document.path.clone(), start, end })
            });
            fresh.or_else(|| navigation::place(self.analysis, definition.span))
        });
        let imported = || navigation::imported_at(self.analysis, self.document, offset);
        let place = place.or_else(|| Some(navigation::Place { path: imported()?, start: 0, end: 0 }));
        Ok(place.map_or(Value::Null, |place| self.location(&place)))
    }

    fn meant(&self, params: &Value) -> Result<Option<(Meant, Range<usize>)>, Refusal> {
        Ok(navigation::meant_at(self.analysis, &self.document.text, self.offset(params)?))
    }

    fn references(&self, params: &Value) -> Answer {
        let Some((meant, _)) = self.meant(params)? else { return Ok(Value::Null) };
        let places = navigation::references(self.analysis, &self.open(), self.document, &meant);
        Ok(places.iter().map(|place| self.location(place)).collect())
    }

    fn prepare_rename(&self, params: &Value) -> Answer {
        Ok(match self.meant(params)? {
            Some((Meant::Definition(name) | Meant::Local(Local { name, .. }), range)) => {
                json!({ "range": self.lines.range(&range), "placeholder": name })
            }
            None => Value::Null,
        })
    }

    fn rename(&self, params: &Value) -> Answer {
        let Some((meant, _)) = self.meant(params)? else {
            return Err(Refusal::failed("only what the project names can be renamed"));
        };
        let new = params.get("newName").and_then(Value::as_str).ok_or_else(Refusal::params)?;
        let (places, text) =
            navigation::rename(self.analysis, &self.open(), self.document, &meant, new).map_err(Refusal::failed)?;
        let mut changes = serde_json::Map::new();
        for place in &places {
            let range = self.with_lines(&place.path, |lines| lines.range(&(place.start..place.end)));
            let edits = changes.entry(uri_of(&place.path)).or_insert_with(|| json!([]));
            if let Value::Array(edits) = edits {
                edits.push(json!({ "range": range, "newText": text }));
            }
        }
        Ok(json!({ "changes": changes }))
    }

    fn symbols(&self) -> Value {
        structure::symbols(self.document)
            .iter()
            .map(|symbol| {
                json!({
                    "name": &*symbol.name,
                    "detail": if symbol.title.is_empty() { symbol.kind.word() } else { &symbol.title },
                    "kind": symbol_kind(symbol.kind),
                    "range": self.lines.range(&symbol.whole.range()),
                    "selectionRange": self.lines.range(&symbol.span.range()),
                })
            })
            .collect()
    }

    fn folds(&self) -> Value {
        structure::folds(self.document)
            .iter()
            .map(|fold| {
                let (start, end) =
                    (self.lines.line_column(fold.range.start).0, self.lines.line_column(fold.range.end).0);
                json!({ "startLine": start, "endLine": end, "kind": if fold.comment { "comment" } else { "region" } })
            })
            .collect()
    }

    fn selections(&self, params: &Value) -> Answer {
        let positions = params.get("positions").and_then(Value::as_array).ok_or_else(Refusal::params)?;
        positions
            .iter()
            .map(|position| {
                let offset = self.lines.offset(position).ok_or_else(Refusal::params)?;
                let mut chain = Value::Null;
                for range in structure::selections(self.document, offset).iter().rev() {
                    let mut next = json!({ "range": self.lines.range(range) });
                    if !chain.is_null() {
                        next["parent"] = chain;
                    }
                    chain = next;
                }
                Ok(chain)
            })
            .collect()
    }

    fn colours(&self) -> Value {
        let mut data: Vec<usize> = Vec::new();
        let (mut last_line, mut last_column) = (0, 0);
        for (range, colour) in structure::colours(self.analysis, self.document) {
            let (line, column) = self.lines.line_column(range.start);
            let (_, end) = self.lines.line_column(range.end);
            let number = match colour {
                Colour::Keyword => 0,
                Colour::Function => 1,
                Colour::Text => 2,
                Colour::Number => 3,
                Colour::Operator => 4,
                Colour::Comment => 5,
                Colour::Property => 6,
                Colour::Variable => 7,
                Colour::Class => 8,
            };
            let from = if line == last_line { last_column } else { 0 };
            data.extend([line - last_line, column - from, end.saturating_sub(column), number, 0]);
            (last_line, last_column) = (line, column);
        }
        json!({ "data": data })
    }

    fn actions(&self, params: &Value) -> Answer {
        let range = self.range(params, "range")?;
        let uri = uri_of(&self.document.path);
        let found = &self.analysis.compiled.diagnostics;
        let mut actions = Vec::new();
        let only = params.pointer("/context/only").and_then(Value::as_array);
        // A kind stands for those below it: `source` for `source.fixAll`.
        let asked = |kind: &str| {
            only.is_none_or(|only| {
                let wanted = |wanted: &str| kind == wanted || kind.starts_with(&format!("{wanted}."));
                only.iter().filter_map(Value::as_str).any(wanted)
            })
        };
        let fixes = if asked("quickfix") { edits::fixes_at(found, self.document.id, &range) } else { Vec::new() };
        for (diagnostic, fix) in fixes {
            let mut changes = serde_json::Map::new();
            for edit in &fix.edits {
                let Some(path) = self.analysis.path(edit.span.file) else { continue };
                let shown = self.with_lines(path, |lines| lines.range(&edit.span.range()));
                let edits = changes.entry(uri_of(path)).or_insert_with(|| json!([]));
                if let Value::Array(edits) = edits {
                    edits.push(json!({ "range": shown, "newText": edit.text }));
                }
            }
            actions.push(json!({
                "title": fix.title,
                "kind": "quickfix",
                "isPreferred": fix.applicability == Applicability::Safe,
                "diagnostics": [{
                    "range": self.lines.range(&diagnostic.primary().unwrap_or_default().range()),
                    "code": diagnostic.code.info().id,
                    "source": "segc",
                    "message": diagnostic.message,
                }],
                "edit": { "changes": changes },
            }));
        }
        let all = edits::fix_all(found, self.document.id);
        if !all.is_empty() && asked("source.fixAll") {
            actions.push(json!({
                "title": "fix all that is safe to fix",
                "kind": "source.fixAll",
                "edit": { "changes": { uri: self.edits(&all) } },
            }));
        }
        Ok(Value::Array(actions))
    }

    fn inlays(&self, params: &Value) -> Answer {
        let range = self.range(params, "range")?;
        let settings = self.analysis.workspace.settings();
        let found = inlay::inlays(&self.document.text, range, &settings, self.now());
        Ok(found
            .iter()
            .map(
                |hint| json!({ "position": self.lines.position(hint.offset), "label": hint.text, "paddingLeft": true }),
            )
            .collect())
    }

    fn diagnostics(&self) -> Value {
        let mut by_file = render::diagnostics(self.analysis, self.server.encoding);
        let own = by_file.remove(&self.document.path).unwrap_or_default();
        let related: serde_json::Map<String, Value> = by_file
            .into_iter()
            .map(|(path, items)| (uri_of(&path), json!({ "kind": "full", "items": items })))
            .collect();
        json!({ "kind": "full", "items": own, "relatedDocuments": related })
    }
}

fn symbol_kind(kind: Kind) -> u8 {
    match kind {
        Kind::Let => 12,
        Kind::Param => 14,
        Kind::Event => 24,
        Kind::Segment => 5,
        Kind::Propensity => 8,
    }
}

/// Definitions of all projects whose names hold the query's letters in order.
fn workspace_symbols(server: &Server, params: &Value) -> Value {
    let query = params.get("query").and_then(Value::as_str).unwrap_or_default().to_lowercase();
    let mut found = Vec::new();
    for project in server.projects.values() {
        for definition in project.analysis.definitions.iter().filter(|known| holds(&known.name, &query)) {
            let Some(path) = project.analysis.path(definition.span.file) else { continue };
            let lines = Lines::new(project.analysis.text(definition.span.file), server.encoding);
            found.push(json!({
                "name": &*definition.name,
                "kind": symbol_kind(definition.kind),
                "location": { "uri": uri_of(path), "range": lines.range(&definition.span.range()) },
            }));
        }
    }
    Value::Array(found)
}

fn holds(name: &str, query: &str) -> bool {
    let mut letters = name.chars().flat_map(char::to_lowercase);
    query.chars().all(|wanted| letters.any(|letter| letter == wanted))
}
