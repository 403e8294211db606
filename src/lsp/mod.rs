//! The language server: the protocol around [`crate::ide`]. One thread reads messages and answers from what is known, in a few
//! milliseconds; another checks the project whenever a text has changed, and its results are published when they come.
//! May import `ide` and all below. Invariant: a panic in one request is an error of that request; the server goes on.

use std::collections::{BTreeMap, BTreeSet};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use crossbeam_channel::{Receiver, Sender, select, unbounded};
use lsp_server::{Connection, ErrorCode, Message, Notification, Request as Call, RequestId, Response};
use serde_json::{Value, json};

use crate::ide::{Analysis, Document};
use crate::pipeline::{Files, Memo, Overlay, Request, Workspace, normalize};
use crate::source::FileId;

mod commands;
mod features;
mod position;
mod render;
mod transport;

use position::{Encoding, changed, path_of, uri_of};

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
    /// Files with diagnostics at the client.
    published: BTreeSet<String>,
}

/// Work for the thread that checks.
struct Job {
    root: String,
    request: Request,
    texts: Vec<(String, Arc<str>)>,
    generation: u64,
    forget: bool,
}

struct Done {
    root: String,
    generation: u64,
    analysis: Arc<Analysis>,
}

struct Server {
    host: Host,
    sender: Sender<Message>,
    encoding: Encoding,
    /// Whether the client asks for diagnostics itself.
    pulls: bool,
    documents: BTreeMap<String, Document>,
    projects: BTreeMap<String, Project>,
    jobs: Sender<Job>,
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
    let answer = features::capabilities(encoding);
    connection.initialize_finish(id, answer).map_err(|error| error.to_string())?;
    let (jobs, todo) = unbounded::<Job>();
    let (finished, done) = unbounded::<Done>();
    let files = host.files.clone();
    let worker = std::thread::Builder::new().stack_size(STACK_BYTES).spawn(move || check(&*files, &todo, &finished));
    worker.map_err(|error| error.to_string())?;
    let mut server = Server {
        host,
        sender: connection.sender.clone(),
        encoding,
        pulls,
        documents: BTreeMap::new(),
        projects: BTreeMap::new(),
        jobs,
        waiting: Vec::new(),
    };
    server.serve(connection, &done)
}

/// The stack of the thread that checks: trees are bounded in depth, but debug builds use large frames.
const STACK_BYTES: usize = 256 << 20;

/// Checks projects; of several jobs for one project only the last is done.
fn check(files: &dyn Files, todo: &Receiver<Job>, done: &Sender<Done>) {
    let mut memos: BTreeMap<String, Memo> = BTreeMap::new();
    while let Ok(first) = todo.recv() {
        let mut jobs: BTreeMap<String, Job> = BTreeMap::new();
        for mut job in std::iter::once(first).chain(todo.try_iter()) {
            job.forget |= jobs.get(&job.root).is_some_and(|known| known.forget);
            jobs.insert(job.root.clone(), job);
        }
        for (root, job) in jobs {
            let memo = memos.entry(root.clone()).or_default();
            if job.forget {
                *memo = Memo::default();
            }
            let looked = catch_unwind(AssertUnwindSafe(|| Arc::new(look(files, &job, memo))));
            match looked {
                Ok(analysis) => {
                    if done.send(Done { root, generation: job.generation, analysis }).is_err() {
                        return;
                    }
                }
                Err(_) => *memo = Memo::default(),
            }
        }
    }
}

fn look(files: &dyn Files, job: &Job, memo: &mut Memo) -> Analysis {
    let mut overlay = Overlay::new(files);
    for (path, text) in &job.texts {
        overlay.set(path, text.clone());
    }
    Analysis::of(Workspace::open_with(&overlay, &job.request, memo))
}

impl Server {
    fn serve(&mut self, connection: &Connection, done: &Receiver<Done>) -> Result<(), String> {
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
        self.documents.contains_key(path).then(|| key(&(self.host.project_of)(path)))
    }

    fn notified(&mut self, note: &Notification) {
        // A fault in one notification must not end the server either.
        let _ = catch_unwind(AssertUnwindSafe(|| self.notification(note)));
    }

    fn notification(&mut self, note: &Notification) -> Option<()> {
        let params = &note.params;
        match note.method.as_str() {
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
                self.touch(&path, false);
            }
            "textDocument/didClose" => {
                let path = normalize(&path_of(params.pointer("/textDocument/uri")?.as_str()?)?);
                self.documents.remove(&path);
                let root = key(&(self.host.project_of)(&path));
                self.look_again(&root, false);
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
        let request = (self.host.project_of)(path);
        let root = key(&request);
        if !self.projects.contains_key(&root) {
            // The first look is waited for: without the schema there is nothing to say.
            let job = Job {
                root: root.clone(),
                request: request.clone(),
                texts: vec![(path.to_owned(), text.clone())],
                generation: 0,
                forget: false,
            };
            let analysis = Arc::new(look(&*self.host.files, &job, &mut Memo::default()));
            let project = Project { request, analysis, wanted: 0, analysed: 0, published: BTreeSet::new() };
            self.projects.insert(root.clone(), project);
        }
        let id = self.projects.get(&root).and_then(|p| p.analysis.file(path)).map_or(UNKNOWN, |file| file.id);
        self.documents.insert(path.to_owned(), Document::new(path, text, id));
        self.touch(path, false);
    }

    fn touch(&mut self, path: &str, forget: bool) {
        let root = key(&(self.host.project_of)(path));
        self.look_again(&root, forget);
    }

    fn look_again(&mut self, root: &str, forget: bool) {
        let texts: Vec<(String, Arc<str>)> = self
            .documents
            .values()
            .filter(|document| key(&(self.host.project_of)(&document.path)) == *root)
            .map(|document| (document.path.clone(), document.text.clone()))
            .collect();
        let Some(project) = self.projects.get_mut(root) else { return };
        project.wanted += 1;
        let (request, generation) = (project.request.clone(), project.wanted);
        let _ = self.jobs.send(Job { root: root.to_owned(), request, texts, generation, forget });
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
        for call in std::mem::take(&mut self.waiting) {
            self.request(call);
        }
    }

    /// Sends the diagnostics of every file that has some, and empties those that had.
    fn publish(&mut self, root: &str) {
        let Some(project) = self.projects.get_mut(root) else { return };
        let by_file = render::diagnostics(&project.analysis, self.encoding);
        let gone = project.published.iter().filter(|path| !by_file.contains_key(*path));
        let emptied = gone.map(|path| (path.clone(), Vec::new())).collect::<Vec<_>>();
        project.published = by_file.keys().cloned().collect();
        for (path, found) in by_file.into_iter().chain(emptied) {
            let params = json!({ "uri": uri_of(&path), "diagnostics": found });
            let note = Notification { method: "textDocument/publishDiagnostics".into(), params };
            let _ = self.sender.send(Message::Notification(note));
        }
    }
}

/// The id of a file that no analysis knows yet.
const UNKNOWN: FileId = FileId(u32::MAX);

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
