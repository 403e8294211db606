//! The GitHub action, the GitLab snippet and the pre-commit hooks, each as its runner would run it, in a scratch repository.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use super::project;

const CLEAN: &str = "segment rich { where loyalty.points > 3 }\n";
const WRONG: &str = "segment rich { where loyalty.poins > 3 }\n";

fn repository(text: &str) -> tempfile::TempDir {
    let folder = project(&[("a.seg", text)]);
    git(folder.path(), &["init", "-q"]);
    git(folder.path(), &["add", "."]);
    git(folder.path(), &["commit", "-q", "-m", "first"]);
    folder
}

fn git(folder: &Path, args: &[&str]) {
    let who = ["-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "init.defaultBranch=main"];
    let output = Command::new("git").args(who).args(args).current_dir(folder).output().unwrap();
    assert!(output.status.success(), "{output:?}");
}

/// A folder with `segc` in it, for a path.
fn bin() -> PathBuf {
    Path::new(env!("CARGO_BIN_EXE_segc")).parent().unwrap().to_owned()
}

fn with_segc(command: &mut Command) -> &mut Command {
    let path = std::env::var("PATH").unwrap();
    command.env("PATH", format!("{}:{path}", bin().display()))
}

fn read(path: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).unwrap()
}

/// The lines of a block of YAML below a line, without their indentation.
fn block(text: &str, head: &str) -> String {
    let mut lines = text.lines().skip_while(|line| line.trim_start() != head).skip(1).peekable();
    let depth = lines.peek().map_or(0, |line| line.len() - line.trim_start().len());
    let inside = lines.take_while(|line| line.trim().is_empty() || line.len() - line.trim_start().len() >= depth);
    inside.map(|line| format!("{}\n", line.get(depth..).unwrap_or_default())).collect()
}

/// Runs the action's step as the runner does: inputs into variables, the script into a file for bash.
fn action(folder: &Path, given: &[(&str, &str)]) -> Output {
    let text = read(".github/actions/check/action.yml");
    let mut inputs: BTreeMap<String, String> = BTreeMap::new();
    let mut name = String::new();
    for line in block(&text, "inputs:").lines() {
        match line.trim().split_once(':') {
            Some((key, "")) if !line.starts_with(' ') => name = key.to_owned(),
            Some(("default", value)) => {
                inputs.insert(name.clone(), value.trim().trim_matches('"').to_owned());
            }
            _ => {}
        }
    }
    for (key, value) in given {
        assert!(inputs.insert((*key).to_owned(), (*value).to_owned()).is_some(), "no input {key}");
    }
    let mut command = Command::new("bash");
    for line in block(&text, "env:").lines().filter(|line| !line.starts_with('#')) {
        let (variable, value) = line.split_once(':').unwrap();
        let input = value.trim().strip_prefix("${{ inputs.").and_then(|rest| rest.strip_suffix(" }}")).unwrap();
        command.env(variable, &inputs[input]);
    }
    let script = folder.join("step.sh");
    std::fs::write(&script, block(&text, "run: |")).unwrap();
    command.args(["--noprofile", "--norc", "-e", "-o", "pipefail"]).arg(script).current_dir(folder);
    with_segc(&mut command).output().unwrap()
}

fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

#[test]
fn the_action_annotates_and_fails() {
    let clean = repository(CLEAN);
    let ran = action(clean.path(), &[]);
    assert_eq!((ran.status.code(), out(&ran).as_str()), (Some(0), ""), "{ran:?}");
    let wrong = repository(WRONG);
    let ran = action(wrong.path(), &[]);
    assert_eq!(ran.status.code(), Some(1));
    assert!(out(&ran).starts_with("::error title=SEG0203 (unknown-attribute),file=a.seg,line=1,"), "{}", out(&ran));
}

#[test]
fn the_action_writes_a_report_and_asks_git() {
    let wrong = repository(WRONG);
    let ran = action(wrong.path(), &[("format", "sarif"), ("output", "report with blanks.sarif")]);
    assert_eq!((ran.status.code(), out(&ran).as_str()), (Some(1), ""), "{ran:?}");
    let report = std::fs::read_to_string(wrong.path().join("report with blanks.sarif")).unwrap();
    let report: serde_json::Value = serde_json::from_str(&report).unwrap();
    assert_eq!(report["runs"][0]["results"][0]["ruleId"], "SEG0203");
    // Nothing has changed since the commit.
    let ran = action(wrong.path(), &[("changed-since", "HEAD")]);
    assert_eq!((ran.status.code(), out(&ran).as_str()), (Some(0), ""), "{ran:?}");
    let ran = action(wrong.path(), &[("deny-warnings", "true")]);
    assert_eq!(ran.status.code(), Some(1));
}

#[test]
fn what_an_input_holds_is_no_script_and_no_option() {
    let clean = repository(CLEAN);
    let marker = clean.path().join("made");
    let hostile = format!("$(touch {}) --help", marker.display());
    for input in ["path", "changed-since"] {
        let ran = action(clean.path(), &[(input, &hostile)]);
        assert_eq!(ran.status.code(), Some(2), "{input}: {ran:?}");
        assert!(!marker.exists(), "{input}");
    }
}

#[test]
fn the_snippet_for_gitlab_leaves_a_report() {
    let readme = read("grammar/README.md");
    let snippet =
        readme.split("```yaml\n").find(|block| block.contains("codequality")).unwrap().split("```").next().unwrap();
    let script = block(snippet, "script:");
    let lines: Vec<&str> = script.lines().map(|line| line.trim_start_matches("- ")).collect();
    let wrong = repository(WRONG);
    let mut command = Command::new("sh");
    command.args(["-e", "-c", &lines.join("\n")]).current_dir(wrong.path());
    let ran = with_segc(&mut command).output().unwrap();
    assert_eq!(ran.status.code(), Some(1), "{ran:?}");
    let name = snippet.rsplit("codequality:").next().unwrap().trim();
    let report = std::fs::read_to_string(wrong.path().join(name)).unwrap();
    let report: serde_json::Value = serde_json::from_str(&report).unwrap();
    assert_eq!(report[0]["check_name"], "unknown-attribute");
}

#[test]
fn the_hooks_find_and_lay_out() {
    let hooks = read(".pre-commit-hooks.yaml");
    let entries: Vec<&str> = hooks.lines().filter_map(|line| line.trim().strip_prefix("entry: ")).collect();
    assert_eq!(entries, ["segc check", "segc fmt"]);
    let run = |folder: &Path, entry: &str, files: &[&str]| {
        let mut command = Command::new("sh");
        command.args(["-c", &format!("{entry} \"$@\""), "hook"]).args(files).current_dir(folder);
        with_segc(&mut command).output().unwrap().status.code()
    };
    let wrong = repository(WRONG);
    assert_eq!(run(wrong.path(), entries[0], &[]), Some(1));
    let clean = repository("segment   rich{where loyalty.points>3}\n");
    assert_eq!(run(clean.path(), entries[0], &[]), Some(0));
    assert_eq!(run(clean.path(), entries[1], &["a.seg"]), Some(0));
    let text = std::fs::read_to_string(clean.path().join("a.seg")).unwrap();
    assert_eq!(text, "segment rich {\n    where loyalty.points > 3\n}\n");
}
