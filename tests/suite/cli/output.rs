//! Outputs are whole or not there, and nothing that is there is lost.

use std::process::{Command, Stdio};
use std::time::Duration;

use super::{NOW, Place};

const MEMBERS: &str = "segment,profile_id\nbuyers,a\nlookers,b\n";

#[test]
fn an_output_that_is_there_stays_without_replace() {
    let place = Place::project();
    place.write("out.csv", "precious");
    place.run(&["run", NOW, "--output", "out.csv"]).ends(1).says("error[SEG0856]").says("--replace");
    assert_eq!(place.read("out.csv"), "precious");
    place.run(&["run", NOW, "--output", "out.csv", "--replace"]).ends(0).says("members are in out.csv");
    assert_eq!(place.read("out.csv"), MEMBERS);
    assert!(place.names().iter().all(|name| !name.contains("tmp")), "{:?}", place.names());
}

#[test]
fn the_form_is_told_by_the_name() {
    let place = Place::project();
    for name in ["out.csv", "out.ndjson", "out.parquet", "out.arrow"] {
        place.run(&["run", NOW, "--output", name]).ends(0);
    }
    place.run(&["run", NOW, "--output", "out.xlsx"]).ends(2).says("the name `out.xlsx` does not tell a form");
    place.run(&["run", NOW, "--output", "out.txt", "--output-format", "counts"]).ends(0);
    assert_eq!(place.read("out.txt"), "segment,members\nbuyers,1\nlookers,1\n");
}

#[test]
fn a_file_that_is_read_only_stays() {
    let place = Place::project();
    let fixed = |name: &str, text: &str| {
        place.write(name, text);
        let mut permissions = std::fs::metadata(place.path(name)).unwrap().permissions();
        permissions.set_readonly(true);
        std::fs::set_permissions(place.path(name), permissions).unwrap();
    };
    fixed("out.csv", "precious");
    place.run(&["run", NOW, "--output", "out.csv", "--replace"]).ends(1).says("the file is read-only");
    assert_eq!(place.read("out.csv"), "precious");
    fixed("ugly.seg", "segment  ugly { where   tier == gold }\n");
    place.run(&["fmt"]).ends(2).says("ugly.seg: permission is denied");
    assert_eq!(place.read("ugly.seg"), "segment  ugly { where   tier == gold }\n");
}

#[test]
fn where_nothing_can_be_written() {
    let place = Place::project();
    place.run(&["run", NOW, "--output", "no/such/out.csv"]).ends(1).says("error[SEG0857]");
    std::fs::create_dir(place.path("folder.csv")).unwrap();
    place.run(&["run", NOW, "--output", "folder.csv"]).ends(1).says("folder.csv");
    place.run(&["run", NOW, "--output", "folder.csv", "--replace"]).ends(1).says("folder.csv");
    assert!(place.path("folder.csv").is_dir());
}

/// A device that is always full.
#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_is_said() {
    let place = Place::project();
    for arguments in [&["run", NOW, "--output", "-"][..], &["explain"], &["compile", NOW], &["run", NOW]] {
        let full = std::fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
        let output = place.command(arguments).stdout(full).output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {said}");
        assert!(said.contains("standard output: "), "{arguments:?}: {said}");
    }
}

/// A reader that goes early is no fault, and no panic.
#[cfg(unix)]
#[test]
fn a_broken_pipe_ends_quietly() {
    let place = Place::project();
    for arguments in [&["explain"][..], &["run", NOW, "--output", "-"], &["compile", NOW], &["dump", "--stage=ast"]] {
        let mut child = place.command(arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        drop(child.stdout.take());
        let output = child.wait_with_output().unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(0), "{arguments:?}: {said}");
        assert!(!said.contains("panicked") && !said.contains("error"), "{arguments:?}: {said}");
    }
}

#[cfg(unix)]
#[test]
fn a_link_stays_a_link_and_permissions_stay() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let place = Place::project();
    place.write("real.csv", "old");
    std::fs::set_permissions(place.path("real.csv"), std::fs::Permissions::from_mode(0o640)).unwrap();
    symlink("real.csv", place.path("link.csv")).unwrap();
    place.run(&["run", NOW, "--output", "link.csv", "--replace"]).ends(0);
    assert!(std::fs::symlink_metadata(place.path("link.csv")).unwrap().is_symlink());
    assert_eq!(place.read("real.csv"), MEMBERS);
    assert_eq!(std::fs::metadata(place.path("real.csv")).unwrap().permissions().mode() & 0o777, 0o640);
}

/// Killed at any time, even while it writes, the run leaves the old output or the new one, whole.
#[cfg(unix)]
#[test]
fn a_run_that_is_killed_leaves_no_half_file() {
    const PROFILES: usize = 20_000;
    let place = Place::project();
    let rows: String = (0..PROFILES).map(|i| format!("p{i:05},Oslo,gold,{i}\n")).collect();
    place.write("profiles.csv", format!("id,city,tier,points\n{rows}"));
    let all: String = (0..8).map(|i| format!("segment all{i} {{\n    where points >= 0\n}}\n")).collect();
    place.write("shop.seg", all);
    place.write("out.ndjson", "old");
    let names = place.names().len();
    let arguments = ["run", NOW, "--output", "out.ndjson", "--replace"];
    let mut caught = 0;
    for wait in 0..12 {
        let mut child = place.command(&arguments).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        // The temporary file stands in a folder beside its place; it is killed when that is seen, a little later each time.
        while place.names().len() == names && child.try_wait().unwrap().is_none() {
            std::thread::sleep(Duration::from_micros(200));
        }
        std::thread::sleep(Duration::from_millis(wait * 2));
        kill(&mut child);
        let written = place.read("out.ndjson");
        let whole = written.lines().count() == 8 * PROFILES && written.ends_with("}\n");
        assert!(written == "old" || whole, "a file of {} bytes", written.len());
        caught += usize::from(written == "old");
        let left: Vec<String> = place.names().into_iter().filter(|name| name.starts_with('.')).collect();
        left.iter().for_each(|name| std::fs::remove_dir_all(place.path(name)).unwrap());
        place.write("out.ndjson", "old");
    }
    assert!(caught > 0, "no run was caught while it wrote");
    place.run(&arguments).ends(0);
}

/// What a killed run leaves beside its output is gone after the next one; what a live one writes is left alone.
#[test]
fn leftovers_of_killed_runs_are_removed() {
    let place = Place::project();
    let long_ago = std::time::SystemTime::now() - Duration::from_secs(3600);
    let leave = |name: &str, made: std::time::SystemTime| {
        std::fs::create_dir(place.path(name)).unwrap();
        place.write(&format!("{name}/half"), "half");
        let lock = std::fs::File::create(place.path(&format!("{name}/lock"))).unwrap();
        std::fs::File::open(place.path(name)).unwrap().set_modified(made).unwrap();
        lock
    };
    leave(".aBcDeF.segc-tmp", long_ago);
    let live = leave(".gHiJkL.segc-tmp", long_ago);
    live.lock().unwrap();
    leave(".mNoPqR.segc-tmp", std::time::SystemTime::now());
    let killed_at_once = leave(".sTuVwX.segc-tmp", long_ago);
    std::fs::remove_file(place.path(".sTuVwX.segc-tmp/lock")).unwrap();
    std::fs::File::open(place.path(".sTuVwX.segc-tmp")).unwrap().set_modified(long_ago).unwrap();
    leave("own.segc-tmp", long_ago);
    place.write(".file.segc-tmp", "a user's own");
    let left = || place.names().into_iter().filter(|name| name.ends_with(".segc-tmp")).collect::<Vec<_>>();
    let kept = [".file.segc-tmp", ".gHiJkL.segc-tmp", ".mNoPqR.segc-tmp", "own.segc-tmp"];
    place.run(&["run", NOW, "--output", "out.csv"]).ends(0);
    assert_eq!(left(), kept);
    drop(killed_at_once);
    // Several files at once have a folder of their own kind.
    leave(".yZaBcD.segc-tmp", long_ago);
    place.run(&["compile", NOW, "--out-dir", "."]).ends(0);
    assert_eq!(left(), kept);
}

/// More files than a process may have open, which are all there or none.
#[cfg(unix)]
#[test]
fn more_files_are_written_than_may_be_open() {
    const SEGMENTS: usize = 120;
    let place = Place::project();
    let all: String = (0..SEGMENTS).map(|i| format!("segment all{i} {{\n    where points >= {i}\n}}\n")).collect();
    place.write("shop.seg", all);
    let limited = format!("ulimit -n 64 && exec \"$0\" compile {NOW} --out-dir out");
    let program = place.command(&[]).get_program().to_owned();
    let mut command = Command::new("sh");
    let ended = command.args(["-c", &limited]).arg(program).current_dir(place.path("")).output().unwrap();
    assert!(ended.status.success(), "{}", String::from_utf8_lossy(&ended.stderr));
    assert_eq!(std::fs::read_dir(place.path("out")).unwrap().count(), SEGMENTS);
}

#[cfg(target_os = "linux")]
#[test]
fn devices_and_pipes_are_written_to_not_replaced() {
    let place = Place::project();
    place.run(&["run", NOW, "--output", "/dev/null", "--output-format", "csv"]).ends(0);
    let ran = place.run(&["run", NOW, "--output", "/dev/full", "--output-format", "csv", "--replace"]).ends(1);
    ran.says("error[SEG0857]").says("No space left");
    let ran = place.run(&["run", NOW, "--output", "/dev/stdout", "--output-format", "csv"]).ends(0);
    assert!(ran.out.ends_with(MEMBERS), "{}", ran.out);
}

#[test]
fn of_several_files_all_are_written_or_none() {
    let place = Place::project();
    std::fs::create_dir_all(place.path("out/lookers.sql")).unwrap();
    place.run(&["compile", NOW, "--out-dir", "out"]).ends(2).says("lookers.sql: it is a folder");
    let left = std::fs::read_dir(place.path("out")).unwrap().count();
    assert_eq!(left, 1, "nothing is beside the folder");
    std::fs::remove_dir(place.path("out/lookers.sql")).unwrap();
    place.run(&["compile", NOW, "--out-dir", "out"]).ends(0).says("2 files in out");
}

#[test]
fn a_new_project_can_be_moved_with_its_data() {
    let place = Place::project();
    let flags = ["--profiles", "profiles.csv", "--events", "events.ndjson"];
    place.run(&[&["init", "deep/new"], &flags[..]].concat()).ends(0);
    let project = place.read("deep/new/seg.toml");
    assert!(project.contains("files = \"../../profiles.csv\""), "{project}");
    assert!(project.contains("files = \"../../events.ndjson\""), "{project}");
    place.run(&["run", "deep/new", NOW]).ends(0).prints("1 segment over 3 profiles");
    let elsewhere = place.path("profiles.csv");
    place.run(&["init", "other", "--profiles", elsewhere.to_str().unwrap()]).ends(0);
    let project = place.read("other/seg.toml");
    assert!(project.contains(&format!("files = \"{}\"", elsewhere.display())), "what is absolute stays so: {project}");
}

fn kill(child: &mut std::process::Child) {
    let _ = Command::new("kill").args(["-9", &child.id().to_string()]).status();
    child.wait().unwrap();
}

/// Nobody else's files are formatted by halves either.
#[cfg(unix)]
#[test]
fn fmt_keeps_what_it_cannot_write() {
    use std::os::unix::fs::PermissionsExt;
    let place = Place::project();
    place.write("sub/ugly.seg", "segment a{where points>1}");
    let folder = place.path("sub");
    std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(0o555)).unwrap();
    // Whoever runs as root may write all the same.
    let may_write = std::fs::write(folder.join("probe"), "").is_ok();
    let ran = place.run(&["fmt", "sub"]);
    std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(0o755)).unwrap();
    if !may_write {
        let ran = ran.ends(2).says("sub/ugly.seg: ");
        assert!(ran.out.is_empty());
        assert_eq!(place.read("sub/ugly.seg"), "segment a{where points>1}");
    }
}

#[test]
fn what_a_run_reads_is_not_written_over() {
    let place = Place::project();
    for input in ["profiles.csv", "./profiles.csv", "seg.toml", "schema.json", "segments/a.seg"] {
        let Ok(before) = std::fs::read(place.path(input)) else { continue };
        let args = ["run", NOW, "--output", input, "--output-format", "csv", "--replace"];
        place.run(&args).ends(2).says("is an input of this run");
        assert_eq!(std::fs::read(place.path(input)).unwrap(), before, "{input}");
    }
    place.write("out.csv", "older members");
    place.run(&["run", NOW, "--output", "out.csv", "--replace"]).ends(0);
}
