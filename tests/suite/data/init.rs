//! New projects from data alone.

use std::io;
use std::path::{Path, PathBuf};

use segc::data::init::{InitRequest, init};
use segc::data::{generate, load};
use segc::pipeline::{Files, Request, Workspace};
use segc::store::{Needs, Space};
use segc::types::Type;

use super::show::path;

/// Files of one folder.
struct Folder(PathBuf);

impl Files for Folder {
    fn read(&self, path: &str) -> io::Result<Vec<u8>> {
        std::fs::read(self.0.join(path))
    }

    fn list(&self, folder: &str) -> io::Result<Vec<String>> {
        let folder = folder.trim_end_matches('/');
        let entries = std::fs::read_dir(self.0.join(folder))?;
        let mut all = Vec::new();
        for entry in entries.flatten() {
            let name = entry.file_name().into_string().unwrap();
            let path = if folder.is_empty() { name } else { format!("{folder}/{name}") };
            if entry.file_type()?.is_dir() { all.extend(self.list(&path)?) } else { all.push(path) }
        }
        Ok(all)
    }

    fn is_folder(&self, path: &str) -> bool {
        self.0.join(path).is_dir()
    }
}

/// Makes a project of files, checks it and loads every column; gives the texts of the project and the report.
fn made(folder: &Path, request: &InitRequest) -> String {
    let files = init(folder, request).unwrap();
    for (name, text) in &files {
        let path = folder.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    let request = Request { project_file: Some("seg.toml".into()), ..Request::default() };
    let workspace = Workspace::open(&Folder(folder.to_owned()), &request);
    let compiled = workspace.compile();
    let problems: Vec<&String> = compiled.diagnostics.iter().map(|d| &d.message).collect();
    assert!(compiled.sound().is_some(), "{problems:?}\n{files:?}");
    let schema = workspace.schema.as_ref().unwrap();
    let mut needs = Needs::default();
    for (space, object) in [(Space::Profiles, schema.profile), (Space::Events, schema.event)] {
        let columns = schema.leaves(object).filter(|(leaf, _)| !leaf.contains('*') && !leaf.contains("Items"));
        let columns = columns.map(|(leaf, field)| (path(&leaf), Type::optional(field.ty.ty.clone())));
        needs.spaces.insert(space, columns.collect());
    }
    let loaded = load(&workspace.project, folder, schema, &needs, generate::NOW).unwrap();
    let counts = format!("{} profiles, {} events\n", loaded.report.profiles, loaded.report.events);
    let shown =
        files.iter().filter(|(name, _)| !name.ends_with(".json")).map(|(name, text)| format!("# {name}\n{text}\n"));
    shown.collect::<String>() + &counts + &loaded.report.to_text()
}

fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    folder
}

fn request(profiles: Option<&str>, events: Option<&str>) -> InitRequest {
    InitRequest {
        profiles: profiles.map(str::to_owned),
        events: events.map(str::to_owned),
        zone: "Europe/Oslo".into(),
        ..InitRequest::default()
    }
}

#[test]
fn profiles_and_events_of_csv() {
    let folder = folder(&[
        ("p.csv", "id,name,address.city,where,joined\n1,Bo,Oslo,x,2020-01-01\n2,,,,\n"),
        (
            "e.csv",
            "event_id,customer_id,event,time,amount\na,1,buy,2026-01-01 10:00:00,9.90\nb,2,view,2026-01-02 10:00:00,\n",
        ),
    ]);
    insta::assert_snapshot!(made(folder.path(), &request(Some("p.csv"), Some("e.csv"))));
}

#[test]
fn profiles_alone_whose_first_column_is_a_reserved_word() {
    let folder =
        folder(&[("p.ndjson", "{\"_id\":\"a\",\"where\":\"x\",\"since\":\"2020-01-01T00:00:00\"}\n{\"_id\":\"b\"}\n")]);
    insta::assert_snapshot!(made(folder.path(), &request(Some("p.ndjson"), None)));
}

#[test]
fn events_alone_without_a_type_and_with_numbers_for_times() {
    let folder = folder(&[(
        "e.ndjson",
        "{\"user_id\":7,\"ts\":1767225600000,\"ok\":true}\n{\"user_id\":8,\"ts\":1767225600001}\n",
    )]);
    insta::assert_snapshot!(made(folder.path(), &request(None, Some("e.ndjson"))));
}

#[test]
fn the_quickstarts_own_files() {
    let folder = tempfile::tempdir().unwrap();
    generate::retail(folder.path(), 200, 7).unwrap();
    insta::assert_snapshot!(made(folder.path(), &request(Some("profiles.parquet"), Some("events.parquet"))));
}

#[test]
fn what_cannot_be_guessed_is_asked_for() {
    let folder = folder(&[("e.csv", "a,b\n1,2\n")]);
    let diagnostic = init(folder.path(), &request(None, Some("e.csv"))).unwrap_err();
    insta::assert_snapshot!(format!("{} | {}", diagnostic.message, diagnostic.help.join("; ")));
    let wrong = InitRequest { event_profile: Some("c".into()), ..request(None, Some("e.csv")) };
    let diagnostic = init(folder.path(), &wrong).unwrap_err();
    insta::assert_snapshot!(format!("{} | {}", diagnostic.message, diagnostic.help.join("; ")));
    assert!(init(folder.path(), &request(None, None)).is_err());
}
