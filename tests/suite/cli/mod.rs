//! The built binary as a user runs it: arguments in, exit code, standard output and standard error out. Every test has a
//! folder of its own, with a small project in it.

mod colors;
mod commands;
mod data_files;
mod doctor;
mod evaluate;
mod help;
mod ingest;
mod locked;
mod models;
mod output;
mod scores;
mod usage;

use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

/// The project's file.
const PROJECT: &str = r#"schema = "shop.json"
sources = "*.seg"

[time]
zone = "Europe/Stockholm"

[profiles]
files = "profiles.csv"
id = "id"

[[events]]
files = "events.ndjson"
"#;

const SCHEMA: &str = r#"{
    "title": "Shop",
    "classes": {
        "profile": {
            "required": ["_id"],
            "properties": {
                "_id": { "type": "string" },
                "city": { "type": "string" },
                "tier": { "type": "string", "enum": ["bronze", "silver", "gold"] },
                "points": { "type": "integer" }
            }
        },
        "event": {
            "required": ["timestamp", "eventType"],
            "properties": {
                "_id": { "type": "string" },
                "timestamp": { "type": "string", "format": "date-time" },
                "eventType": { "type": "string" },
                "total": { "type": "number", "meta:scale": 2 }
            }
        }
    },
    "eventTypes": { "buy": {}, "view": {} }
}
"#;

const SEGMENTS: &str = r#"/// Bought this week.
segment buyers {
    where any(buy in last 7 days)
}

segment lookers "Looked, did not buy" {
    where any(view) and none(buy)
}

test buyers {
    now 2026-11-23T12:00:00Z
    profile anna {
        events [
            buy at -1 days { total: 10 }
        ]
    }
    profile bo {
        events [
            buy at -8 days { total: 10 }
        ]
    }
    expect anna in buyers
    expect bo not in buyers
}
"#;

const PROFILES: &str = "id,city,tier,points\na,Oslo,gold,10\nb,Lund,silver,20\nc,,bronze,\n";

const EVENTS: &str = r#"{"_id":"1","profileId":"a","eventType":"buy","timestamp":"2026-11-22T10:00:00Z","total":9.5}
{"_id":"2","profileId":"a","eventType":"view","timestamp":"2026-11-22T09:00:00Z"}
{"_id":"3","profileId":"b","eventType":"view","timestamp":"2026-11-20T09:00:00Z"}
"#;

/// An instant at which the project's data is fresh.
const NOW: &str = "--now=2026-11-23T12:00:00Z";

/// A folder to run in.
pub struct Place(TempDir);

/// What a run gave.
#[derive(Debug)]
pub struct Ran {
    /// The exit code; `None` for a signal.
    code: Option<i32>,
    out: String,
    err: String,
}

impl Place {
    /// An empty folder.
    pub fn empty() -> Place {
        Place(tempfile::tempdir().unwrap())
    }

    /// A folder with the project.
    pub fn project() -> Place {
        let place = Place::empty();
        place.write("seg.toml", PROJECT);
        place.write("shop.json", SCHEMA);
        place.write("shop.seg", SEGMENTS);
        place.write("profiles.csv", PROFILES);
        place.write("events.ndjson", EVENTS);
        place
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, content).unwrap();
    }

    pub fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap()
    }

    /// The names in the folder, hidden ones too.
    pub fn names(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.0.path()).unwrap();
        let mut names: Vec<String> = entries.map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    /// The command with its arguments, in the folder, untouched by the tests' own environment.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_segc"));
        command.args(arguments).current_dir(self.0.path()).stdin(Stdio::null());
        command.env_remove("NO_COLOR").env_remove("CLICOLOR_FORCE").env("COLUMNS", "100");
        command
    }

    pub fn run(&self, arguments: &[&str]) -> Ran {
        Ran::of(self.command(arguments).output().unwrap())
    }

    /// Runs with a text on standard input.
    pub fn run_with_input(&self, arguments: &[&str], input: &str) -> Ran {
        let mut command = self.command(arguments);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        Ran::of(child.wait_with_output().unwrap())
    }
}

impl Ran {
    fn of(output: Output) -> Ran {
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
        Ran { code: output.status.code(), out: text(output.stdout), err: text(output.stderr) }
    }

    /// The run, if it ended with this code.
    #[track_caller]
    pub fn ends(self, code: i32) -> Ran {
        assert_eq!(self.code, Some(code), "standard output:\n{}standard error:\n{}", self.out, self.err);
        self
    }

    /// The run, if standard error holds this.
    #[track_caller]
    pub fn says(self, part: &str) -> Ran {
        assert!(self.err.contains(part), "`{part}` is not in standard error:\n{}", self.err);
        self
    }

    /// The run, if standard output holds this.
    #[track_caller]
    pub fn prints(self, part: &str) -> Ran {
        assert!(self.out.contains(part), "`{part}` is not in standard output:\n{}", self.out);
        self
    }
}
