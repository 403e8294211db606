//! The language server: the protocol around [`crate::ide`]. One thread reads messages and answers from what is known, in a few
//! milliseconds; another checks the project whenever a text has changed, and its results are published when they come.
//! May import `ide` and all below. Invariant: a panic in one request is an error of that request; the server goes on.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use crossbeam_channel::{Receiver, Sender, select, unbounded};
use lsp_server::{Connection, ErrorCode, Message, Notification, Request as Call, RequestId, Response};
use serde_json::{Value, json};

use crate::ide::{Analysis, AnalysisMemo, Document};
use crate::pipeline::{Files, Overlay, Request, normalize};
use crate::source::FileId;

mod commands;
mod features;
mod lenses;
mod members;
mod position;
mod render;
mod transport;
mod worker;

use members::{Ask, Counts};
use position::{Encoding, changed, path_of, uri_of};
use worker::{Done, Job, OpenText};

/// What the server asks of the machine it runs on.
pub struct Host {
    /// Reads files.
    pub files: Arc<dyn Files + Send + Sync>,
    /// The project that a file belongs to.
    pub project_of: fn(&str) -> Request,
    /// Microseconds since 1970 UTC.
    pub now: fn() -> i64,
}

/// A project with what is known of it.
struct Project {
    request: Request,
    /// The last finished look, if there was one.
    analysis: Arc<Analysis>,
    /// Counts changes; the look that `analysis` is of.
    wanted: u64,
    analysed: u64,
    /// The diagnostics that the client has, of files that have some.
    published: BTreeMap<String, Vec<Value>>,
    /// Members of segments as they were last counted, and whether they are to be counted again.
    counts: Counts,
    recount: bool,
}

struct Server {
    host: Host,
    sender: Sender<Message>,
    encoding: Encoding,
    /// Whether the client asks for diagnostics itself.
    pulls: bool,
    /// Whether the client tells of changes of other files.
    watches: bool,
    /// The project of each open text.
    roots: BTreeMap<String, String>,
    documents: BTreeMap<String, Document>,
    projects: BTreeMap<String, Project>,
    jobs: Sender<Job>,
    /// The project file that the client names, instead of the nearest above each text.
    project_file: Option<String>,
    /// Profiles to count members among; none if the client wants no counts.
    profiles: u64,
    /// Whether the client asks again for what stands between the lines when told to.
    refreshes: bool,
    to_count: Sender<Ask>,
    /// Requests that need a look at the texts as they are now.
    waiting: Vec<Call>,
}

/// Serves one client over standard input and output until it says `exit`.
pub fn run(host: Host) -> Result<(), String> {
    let (connection, threads) = transport::stdio().map_err(|error| error.to_string())?;
    serve(host, &connection)?;
    drop(connection);
    threads.join().map_err(|error| error.to_string())
}

/// Serves one client over a connection.
pub fn serve(host: Host, connection: &Connection) -> Result<(), String> {
    let (id, params) = connection.initialize_start().map_err(|error| error.to_string())?;
    let encodings = params.pointer("/capabilities/general/positionEncodings").and_then(Value::as_array);
    let utf8 = encodings.is_some_and(|list| list.iter().any(|name| name == "utf-8"));
    let encoding = if utf8 { Encoding::Utf8 } else { Encoding::Utf16 };
    let pulls = params.pointer("/capabilities/textDocument/diagnostic").is_some();
    let watch = "/capabilities/workspace/didChangeWatchedFiles/dynamicRegistration";
    let watches = params.pointer(watch).and_then(Value::as_bool) == Some(true);
    let answer = features::capabilities(encoding);
    // What comes before `initialized` is answered as well: some clients do not wait.
    let answer = Message::Response(Response::new_ok(id, answer));
    connection.sender.send(answer).map_err(|error| error.to_string())?;
    let (jobs, todo) = unbounded::<Job>();
    let (finished, done) = unbounded::<Done>();
    let files = host.files.clone();
    let thread = std::thread::Builder::new().stack_size(worker::STACK_BYTES);
    thread.spawn(move || worker::check(&*files, &todo, &finished)).map_err(|error| error.to_string())?;
    let (to_count, asked) = unbounded::<Ask>();
    let (told, counted) = unbounded::<(String, Counts)>();
    let thread = std::thread::Builder::new().stack_size(worker::STACK_BYTES);
    thread.spawn(move || members::count(&asked, &told)).map_err(|error| error.to_string())?;
    let mut server = Server {
        host,
        sender: connection.sender.clone(),
        encoding,
        pulls,
        watches,
        roots: BTreeMap::new(),
        documents: BTreeMap::new(),
        projects: BTreeMap::new(),
        jobs,
        project_file: project_file(&params),
        profiles: params
            .pointer("/initializationOptions/profiles")
            .and_then(Value::as_u64)
            .unwrap_or(members::PROFILES),
        refreshes: params.pointer("/capabilities/workspace/codeLens/refreshSupport").and_then(Value::as_bool)
            == Some(true),
        to_count,
        waiting: Vec::new(),
    };
    server.serve(connection, &done, &counted)
}

impl Server {
    fn serve(
        &mut self,
        connection: &Connection,
        done: &Receiver<Done>,
        counted: &Receiver<(String, Counts)>,
    ) -> Result<(), String> {
        loop {
            select! {
                recv(connection.receiver) -> message => {
                    let Ok(message) = message else { return Ok(()) };
                    // What has been typed since is read first, so that answers are about the text as it is.
                    let mut batch = vec![message];
                    batch.extend(connection.receiver.try_iter());
                    let cancelled: Vec<Value> = batch.iter().filter_map(cancels).collect();
                    for message in batch {
                        match message {
                            Message::Request(call) => {
                                if call.method == "shutdown" {
                                    let _ = self.sender.send(Message::Response(Response::new_ok(call.id, ())));
                                } else if cancelled.iter().any(|id| *id == id_value(&call.id)) {
                                    self.fail(call.id, ErrorCode::RequestCanceled, "cancelled");
                                } else {
                                    self.request(call);
                                }
                            }
                            Message::Notification(note) if note.method == "exit" => return Ok(()),
                            Message::Notification(note) => self.notified(&note),
                            Message::Response(_) => {}
                        }
                    }
                }
                recv(counted) -> counts => {
                    if let Ok((root, counts)) = counts {
                        self.counted(&root, counts);
                    }
                }
                recv(done) -> finished => {
                    if let Ok(finished) = finished {
                        self.finished(finished);
                    }
                }
            }
        }
    }

    fn request(&mut self, call: Call) {
        if features::needs_analysis(&call.method) && !self.is_current(&call) {
            self.waiting.push(call);
            return;
        }
        let id = call.id.clone();
        let answered = catch_unwind(AssertUnwindSafe(|| features::answer(self, &call)));
        let response = match answered {
            Ok(Ok(value)) => Response::new_ok(id, value),
            Ok(Err(refusal)) => Response::new_err(id, refusal.code as i32, refusal.message),
            Err(_) => {
                let message = format!("an internal error in `{}`", call.method);
                Response::new_err(id, ErrorCode::InternalError as i32, message)
            }
        };
        let _ = self.sender.send(Message::Response(response));
    }

    fn fail(&self, id: RequestId, code: ErrorCode, message: &str) {
        let _ = self.sender.send(Message::Response(Response::new_err(id, code as i32, message.to_owned())));
    }

    /// Whether the project of a request's text has been checked since its last change.
    fn is_current(&self, call: &Call) -> bool {
        let path = features::uri(&call.params).and_then(path_of).map(|path| normalize(&path));
        let projects: Vec<&Project> = match path.and_then(|path| self.root_of(&path)) {
            Some(root) => self.projects.get(&root).into_iter().collect(),
            None => self.projects.values().collect(),
        };
        projects.iter().all(|project| project.analysed == project.wanted)
    }

    fn root_of(&self, path: &str) -> Option<String> {
        self.roots.get(path).cloned()
    }

    fn notified(&mut self, note: &Notification) {
        // A fault in one notification must not end the server either.
        let _ = catch_unwind(AssertUnwindSafe(|| self.notification(note)));
    }

    fn notification(&mut self, note: &Notification) -> Option<()> {
        let params = &note.params;
        match note.method.as_str() {
            "initialized" if self.watches => self.register_watches(),
            "textDocument/didOpen" => {
                let path = normalize(&path_of(params.pointer("/textDocument/uri")?.as_str()?)?);
                let text = params.pointer("/textDocument/text")?.as_str()?;
                self.open(&path, text.into());
            }
            "textDocument/didChange" => {
                let path = normalize(&path_of(params.pointer("/textDocument/uri")?.as_str()?)?);
                let document = self.documents.get(&path)?;
                let changes = params.get("contentChanges")?.as_array()?;
                let text = changed(&document.text, changes, self.encoding)?;
                let id = document.id;
                self.documents.insert(path.clone(), Document::new(&path, text.into(), id));
                let root = self.root_of(&path)?;
                self.look_again(&root, !self.watches);
            }
            "textDocument/didClose" => {
                let path = normalize(&path_of(params.pointer("/textDocument/uri")?.as_str()?)?);
                self.documents.remove(&path);
                let root = self.roots.remove(&path)?;
                self.look_again(&root, true);
            }
            "textDocument/didSave" | "workspace/didChangeWatchedFiles" => {
                let roots: Vec<String> = self.projects.keys().cloned().collect();
                roots.iter().for_each(|root| self.look_again(root, true));
            }
            "$/cancelRequest" => {
                let id = params.get("id")?;
                let at = self.waiting.iter().position(|call| id_value(&call.id) == *id)?;
                let call = self.waiting.remove(at);
                self.fail(call.id, ErrorCode::RequestCanceled, "cancelled");
            }
            _ => {}
        }
        Some(())
    }

    fn open(&mut self, path: &str, text: Arc<str>) {
        let request = match &self.project_file {
            Some(file) => Request {
                root: file.rsplit_once('/').map_or("", |(folder, _)| folder).to_owned(),
                project_file: Some(file.clone()),
                ..Request::default()
            },
            None => (self.host.project_of)(path),
        };
        let root = key(&request);
        self.roots.insert(path.to_owned(), root.clone());
        let mut first = None;
        if !self.projects.contains_key(&root) {
            // The first look is waited for: without the schema there is nothing to say.
            let mut overlay = Overlay::new(&*self.host.files);
            overlay.set(path, text.clone());
            let mut memo = AnalysisMemo::default();
            let analysis = Arc::new(Analysis::of(&overlay, &request, &mut memo));
            first = Some(memo);
            let project = Project {
                request,
                analysis,
                wanted: 0,
                analysed: 0,
                published: BTreeMap::new(),
                counts: Counts::default(),
                recount: true,
            };
            self.projects.insert(root.clone(), project);
        }
        let id = self.projects.get(&root).and_then(|p| p.analysis.file(path)).map_or(UNKNOWN, |file| file.id);
        self.documents.insert(path.to_owned(), Document::new(path, text, id));
        self.look(&root, true, first);
    }

    /// Has a project checked; `reread` if more may have changed than what is open.
    fn look_again(&mut self, root: &str, reread: bool) {
        self.look(root, reread, None);
    }

    /// The same, with what the first look left.
    fn look(&mut self, root: &str, reread: bool, memo: Option<AnalysisMemo>) {
        let of_project = self.documents.values().filter(|open| self.roots.get(&open.path).is_some_and(|of| of == root));
        let texts = of_project
            .map(|open| OpenText {
                path: open.path.clone(),
                text: open.text.clone(),
                id: open.id,
                parse: open.parse.clone(),
            })
            .collect();
        let Some(project) = self.projects.get_mut(root) else { return };
        project.wanted += 1;
        project.recount |= reread;
        let (request, generation) = (project.request.clone(), project.wanted);
        let _ = self.jobs.send(Job { root: root.to_owned(), request, texts, generation, reread, memo });
    }

    fn finished(&mut self, done: Done) {
        let Some(project) = self.projects.get_mut(&done.root) else { return };
        project.analysis = done.analysis.clone();
        project.analysed = done.generation;
        let current = project.analysed == project.wanted;
        for document in self.documents.values_mut() {
            // A file's id may change when files come and go.
            if let Some(file) = done.analysis.file(&document.path)
                && file.id != document.id
            {
                *document = Document::new(&document.path, document.text.clone(), file.id);
            }
        }
        if !current {
            return;
        }
        if !self.pulls {
            self.publish(&done.root);
        }
        self.count(&done.root);
        for call in std::mem::take(&mut self.waiting) {
            self.request(call);
        }
    }

    /// Sends the diagnostics of every file that has other ones than before.
    fn publish(&mut self, root: &str) {
        let Some(project) = self.projects.get_mut(root) else { return };
        let by_file = render::diagnostics(&project.analysis, self.encoding);
        let gone = project.published.keys().filter(|path| !by_file.contains_key(*path));
        let emptied: Vec<(&String, &[Value])> = gone.map(|path| (path, [].as_slice())).collect();
        let changed = by_file.iter().filter(|(path, found)| project.published.get(*path) != Some(*found));
        for (path, found) in changed.map(|(path, found)| (path, found.as_slice())).chain(emptied) {
            let params = json!({ "uri": uri_of(path), "diagnostics": found });
            let note = Notification { method: "textDocument/publishDiagnostics".into(), params };
            let _ = self.sender.send(Message::Notification(note));
        }
        project.published = by_file;
    }

    /// Has the members counted, if something was opened or saved since they were.
    fn count(&mut self, root: &str) {
        let Some(project) = self.projects.get_mut(root) else { return };
        let recount = std::mem::take(&mut project.recount);
        if !recount || self.profiles == 0 {
            return;
        }
        let open = self.documents.values().filter(|open| self.roots.get(&open.path).is_some_and(|of| of == root));
        let segments = open.flat_map(lenses::segments).map(str::to_owned).collect();
        let (analysis, now) = (project.analysis.clone(), (self.host.now)());
        let _ = self.to_count.send(Ask { root: root.to_owned(), analysis, segments, profiles: self.profiles, now });
    }

    fn counted(&mut self, root: &str, counts: Counts) {
        let Some(project) = self.projects.get_mut(root) else { return };
        let is_new = project.counts.members != counts.members || project.counts.profiles != counts.profiles;
        project.counts = counts;
        if is_new && self.refreshes {
            let id = RequestId::from("segc.lenses".to_owned());
            let call = Call { id, method: "workspace/codeLens/refresh".into(), params: Value::Null };
            let _ = self.sender.send(Message::Request(call));
        }
    }

    /// Asks the client to tell of changes of the files that a project is made of.
    fn register_watches(&self) {
        let globs = ["**/*.seg", "**/seg.toml", "**/*.json", "**/*.model"];
        let watchers: Vec<Value> = globs.iter().map(|glob| json!({ "globPattern": glob })).collect();
        let registration = json!({
            "id": "segc.files",
            "method": "workspace/didChangeWatchedFiles",
            "registerOptions": { "watchers": watchers },
        });
        let params = json!({ "registrations": [registration] });
        let call =
            Call { id: RequestId::from("segc.files".to_owned()), method: "client/registerCapability".into(), params };
        let _ = self.sender.send(Message::Request(call));
    }
}

/// The id of a file that no analysis knows yet.
const UNKNOWN: FileId = FileId(u32::MAX);

/// The project file that the client's settings name; a relative one is of the folder that is open.
fn project_file(params: &Value) -> Option<String> {
    let named =
        params.pointer("/initializationOptions/project").and_then(Value::as_str).filter(|path| !path.is_empty())?;
    if named.starts_with('/') {
        return Some(normalize(named));
    }
    let folder = params.pointer("/workspaceFolders/0/uri").or(params.get("rootUri")).and_then(Value::as_str)?;
    Some(normalize(&format!("{}/{named}", path_of(folder)?)))
}

/// What tells one project from another.
fn key(request: &Request) -> String {
    match &request.project_file {
        Some(file) => file.clone(),
        None => request.sources.join("\n"),
    }
}

fn cancels(message: &Message) -> Option<Value> {
    match message {
        Message::Notification(note) if note.method == "$/cancelRequest" => note.params.get("id").cloned(),
        Message::Notification(_) | Message::Request(_) | Message::Response(_) => None,
    }
}

fn id_value(id: &RequestId) -> Value {
    serde_json::to_value(id).unwrap_or_default()
}
