//! `segc check --watch`: reports, waits, and reports again when a file was changed, added or mended.

use std::io::{BufRead, BufReader};
use std::process::{Child, ChildStderr, Command, Stdio};
use std::time::Duration;

use super::project;

struct Watch {
    child: Child,
    said: BufReader<ChildStderr>,
}

impl Watch {
    fn start(folder: &std::path::Path) -> Watch {
        let mut child = Command::new(env!("CARGO_BIN_EXE_segc"))
            .args(["check", "--watch"])
            .current_dir(folder)
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let said = BufReader::new(child.stderr.take().unwrap());
        Watch { child, said }
    }

    /// What is said up to the next wait; the process's end, which a hung one never gives, fails the test.
    fn report(&mut self) -> String {
        let mut report = String::new();
        loop {
            let mut line = String::new();
            assert!(self.said.read_line(&mut line).unwrap() > 0, "it has ended: {report}");
            if line.starts_with("watching") {
                return report;
            }
            report.push_str(&line);
        }
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn each_change_is_reported() {
    let folder = project(&[("a.seg", "segment a { where loyalty.points > 3 }\n")]);
    let write = |name: &str, text: &str| {
        // Longer than the grain of the times of files.
        std::thread::sleep(Duration::from_millis(20));
        std::fs::write(folder.path().join(name), text).unwrap();
    };
    let mut watch = Watch::start(folder.path());
    assert!(watch.report().contains("nothing to report"));
    write("a.seg", "segment a { where loyalty.poins > 3 }\n");
    assert!(watch.report().contains("SEG0203"));
    write("a.seg", "segment a { where loyalty.points > 30 }\n");
    assert!(watch.report().contains("1 segment in 1 file: nothing to report"));
    write("b.seg", "segment b { where a }\n");
    assert!(watch.report().contains("b.seg:1:"), "`a` is not imported there");
    write("b.seg", "import \"a.seg\"\nsegment b { where a }\n");
    assert!(watch.report().contains("2 segments in 2 files: nothing to report"));
    write("seg.toml", "schema = \"schema.json\"\n[lints]\nnothing = \"warn\"\n");
    assert!(watch.report().contains("SEG0866"));
    write("seg.toml", "schema = \"schema.json\"\n");
    assert!(watch.report().contains("2 segments in 2 files: nothing to report"));
    let schema = std::fs::read_to_string(folder.path().join("schema.json")).unwrap();
    write("schema.json", &schema.replace("\"points\"", "\"credits\""));
    assert!(watch.report().contains("SEG0203"));
    std::fs::remove_file(folder.path().join("schema.json")).unwrap();
    assert!(watch.report().contains("schema.json"));
    write("schema.json", &schema);
    assert!(watch.report().contains("2 segments in 2 files: nothing to report"));
}
