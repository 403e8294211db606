//! Fixes, statistics, changes, exit codes.

use super::{project, segc, shown};

/// Two safe fixes, one of which uncovers nothing, and an error without a fix.
const BROKEN: &str = "segment a {\n    where loyalty.points = 3 && loyalty.tier == \"gold\"\n}\n";

#[test]
fn a_diff_changes_nothing_and_fixes_are_written() {
    let folder = project(&[("a.seg", BROKEN)]);
    insta::assert_snapshot!(shown(&segc(folder.path(), &["check", "--diff"])), @r#"
    --- a.seg
    +++ a.seg
    @@ -1,3 +1,3 @@
     segment a {
    -    where loyalty.points = 3 && loyalty.tier == "gold"
    +    where loyalty.points == 3 and loyalty.tier == "gold"
     }
    ---
    2 fixes in 1 file
    exit 1
    "#);
    assert_eq!(std::fs::read_to_string(folder.path().join("a.seg")).unwrap(), BROKEN);
    insta::assert_snapshot!(shown(&segc(folder.path(), &["check", "--fix"])), @r"
    ---
    1 segment in 1 file: nothing to report
    2 fixed in 1 file
    exit 0
    ");
    let fixed = std::fs::read_to_string(folder.path().join("a.seg")).unwrap();
    assert_eq!(fixed, BROKEN.replace(" = ", " == ").replace("&&", "and"));
    let again = segc(folder.path(), &["check", "--diff"]);
    assert!(again.status.success() && again.stdout.is_empty(), "{}", shown(&again));
}

#[test]
fn what_may_change_the_meaning_is_fixed_only_when_asked_for() {
    let text = "segment a {\n    where loyalty.poinst > 3\n}\n";
    let folder = project(&[("a.seg", text)]);
    let safe = segc(folder.path(), &["check", "--fix"]);
    assert_eq!(safe.status.code(), Some(1), "{}", shown(&safe));
    assert_eq!(std::fs::read_to_string(folder.path().join("a.seg")).unwrap(), text);
    let all = segc(folder.path(), &["check", "--fix", "--unsafe"]);
    assert_eq!(all.status.code(), Some(0), "{}", shown(&all));
    assert_eq!(std::fs::read_to_string(folder.path().join("a.seg")).unwrap(), text.replace("poinst", "points"));
}

#[test]
fn fixes_of_standard_input_go_to_standard_output() {
    use std::io::Write;
    let folder = project(&[]);
    let mut child = std::process::Command::new(env!("CARGO_BIN_EXE_segc"))
        .args(["check", "--fix", "-"])
        .current_dir(folder.path())
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(BROKEN.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(String::from_utf8(output.stdout).unwrap(), BROKEN.replace(" = ", " == ").replace("&&", "and"));
}

#[test]
fn statistics_count_by_code() {
    let unused = "let a = 1\nlet b = 2\nsegment s { where not (homeAddress.countryCode == \"SE\") }\n";
    let folder = project(&[("a.seg", unused)]);
    insta::assert_snapshot!(shown(&segc(folder.path(), &["check", "--statistics"])), @r"
    2  SEG0603  unused-definition
    1  SEG0601  not-over-optional
    ---
    exit 0
    ");
    let json = segc(folder.path(), &["check", "--statistics", "--format", "json"]);
    let rows: serde_json::Value = serde_json::from_slice(&json.stdout).unwrap();
    assert_eq!((&rows[0]["code"], &rows[0]["count"]), (&"SEG0603".into(), &2.into()));
}

#[test]
fn exit_codes_are_clean_findings_and_usage() {
    let warned = project(&[("a.seg", "let a = 1\nsegment s { where loyalty.points > 3 }\n")]);
    let code = |args: &[&str]| segc(warned.path(), args).status.code().unwrap();
    assert_eq!(code(&["check"]), 0);
    assert_eq!(code(&["check", "--deny-warnings"]), 1);
    assert_eq!(code(&["check", "--lint", "unused-definition=deny"]), 1);
    assert_eq!(code(&["check", "--format", "sarif", "--deny-warnings"]), 1);
    assert_eq!(code(&["check", "--format", "xml"]), 2);
    assert_eq!(code(&["check", "--unsafe"]), 2);
    assert_eq!(code(&["check", "nothing.seg"]), 2);
    assert_eq!(code(&["check", "--changed-since", "--output=x"]), 2);
    assert_eq!(code(&["check", "--statistics", "--format", "sarif"]), 2);
    let toml = segc(warned.path(), &["check", "seg.toml"]);
    assert_eq!(toml.status.code(), Some(2));
    assert!(shown(&toml).contains("`seg.toml` is a project file: give its folder"), "{}", shown(&toml));
}

fn git(folder: &std::path::Path, args: &[&str]) {
    let output = std::process::Command::new("git")
        .args(["-c", "user.name=t", "-c", "user.email=t@example.com", "-c", "init.defaultBranch=main"])
        .args(args)
        .current_dir(folder)
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
}

fn committed(folder: &std::path::Path) {
    git(folder, &["init", "-q"]);
    git(folder, &["add", "."]);
    git(folder, &["commit", "-q", "-m", "first"]);
}

#[test]
fn what_a_change_breaks_elsewhere_is_told() {
    let since = |folder: &tempfile::TempDir| {
        let output = segc(folder.path(), &["check", "--format", "short", "--changed-since", "HEAD"]);
        (output.status.code(), String::from_utf8(output.stdout).unwrap())
    };
    // A field that the schema no longer has.
    let city = "segment s { where homeAddress.city == \"Oslo\" }\n";
    let folder = project(&[("a.seg", city)]);
    committed(folder.path());
    assert_eq!(since(&folder).0, Some(0));
    let schema = folder.path().join("schema.json");
    let text = std::fs::read_to_string(&schema).unwrap();
    std::fs::write(&schema, text.replace("\"city\"", "\"town\"")).unwrap();
    let (code, said) = since(&folder);
    assert!(code == Some(1) && said.starts_with("a.seg:1:"), "{said}");
    // A file that others import has another name.
    let shared = "let big = loyalty.points > 100\n";
    let folder = project(&[("c.seg", "import \"b.seg\"\nsegment s { where big }\n"), ("b.seg", shared)]);
    committed(folder.path());
    git(folder.path(), &["mv", "b.seg", "bb.seg"]);
    let (code, said) = since(&folder);
    assert!(code == Some(1) && said.starts_with("c.seg:1:"), "{said}");
    // A name that an unchanged file has already; it comes later, and is called the second.
    let named = |name: &str| city.replace("segment s", &format!("segment {name}"));
    let folder = project(&[("a.seg", &named("one")), ("b.seg", &named("two"))]);
    committed(folder.path());
    std::fs::write(folder.path().join("a.seg"), named("two")).unwrap();
    let (code, said) = since(&folder);
    assert!(code == Some(1) && said.contains("SEG0205"), "{said}");
}

#[test]
fn words_that_fixes_write_do_not_touch_others() {
    let broken = "segment s {\n    where !homeAddress.city==\"x\"&&loyalty.points>3||!any(commerce.purchases)\n      or homeAddress.city==null&&loyalty.points > 4\n}\n";
    for flags in [&["check", "--fix"][..], &["check", "--fix", "--unsafe"]] {
        let folder = project(&[("a.seg", broken)]);
        segc(folder.path(), flags);
        let fixed = std::fs::read_to_string(folder.path().join("a.seg")).unwrap();
        assert!(fixed.contains("where not homeAddress.city==\"x\" and loyalty.points>3 or not any("), "{fixed}");
        assert!(fixed.contains("or homeAddress.city is absent and loyalty.points > 4"), "{fixed}");
    }
}

#[cfg(unix)]
#[test]
fn a_file_whose_name_is_no_text_is_not_passed_over() {
    use std::os::unix::ffi::OsStrExt;
    let folder = project(&[("a.seg", "segment s { where loyalty.points > 3 }\n")]);
    let name = std::ffi::OsStr::from_bytes(b"bad\xff.seg");
    std::fs::write(folder.path().join(name), "segment t { where nothing }\n").unwrap();
    let ran = segc(folder.path(), &["check"]);
    assert_eq!(ran.status.code(), Some(1));
    assert!(shown(&ran).contains("`bad\u{fffd}.seg` cannot be read"), "{}", shown(&ran));
}

#[test]
fn only_what_git_says_has_changed_and_what_imports_it() {
    let bad = "segment NAME { where not (homeAddress.countryCode == \"SE\") }\n";
    let named = |name: &str| bad.replace("NAME", name);
    let user = format!("import \"shared.seg\"\nsegment rich {{ where big }}\n{}", named("b"));
    let shared = "let big = loyalty.points > 100\n";
    let folder = project(&[("a.seg", &named("a")), ("b.seg", &user), ("shared.seg", shared)]);
    committed(folder.path());
    let since = || {
        let output = segc(folder.path(), &["check", "--format", "short", "--changed-since", "HEAD"]);
        String::from_utf8(output.stdout)
            .unwrap()
            .lines()
            .map(|line| line.split(':').next().unwrap().to_owned())
            .collect()
    };
    let nothing: Vec<String> = since();
    assert_eq!(nothing, Vec::<String>::new());
    std::fs::write(folder.path().join("shared.seg"), shared.replace("100", "200")).unwrap();
    let importers: Vec<String> = since();
    assert_eq!(importers, ["b.seg", "1 warning"]);
    std::fs::write(folder.path().join("c.seg"), named("c")).unwrap();
    let new: Vec<String> = since();
    assert_eq!(new, ["b.seg", "c.seg", "2 warnings"]);
    std::fs::write(folder.path().join("seg.toml"), "schema = \"schema.json\"\n").unwrap();
    let all: Vec<String> = since();
    assert_eq!(all, ["a.seg", "b.seg", "c.seg", "3 warnings"]);
    let unknown = segc(folder.path(), &["check", "--changed-since", "no-such-revision"]);
    assert_eq!(unknown.status.code(), Some(2), "{}", shown(&unknown));
}

/// A service that names the repository's root gets paths from there, wherever in it the check runs.
#[test]
fn services_get_paths_from_the_root_of_the_repository() {
    let broken = "segment a { where missing > 3 }\n";
    let folder = project(&[("audiences/seg.toml", "schema = \"../schema.json\"\n"), ("audiences/a.seg", broken)]);
    let inside = folder.path().join("audiences");
    for (format, variable) in
        [("github", "GITHUB_WORKSPACE"), ("gitlab", "CI_PROJECT_DIR"), ("sarif", "CI_PROJECT_DIR")]
    {
        let check = |set: bool| {
            let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_segc"));
            command.args(["check", "--format", format]).current_dir(&inside);
            command.env_remove("GITHUB_WORKSPACE").env_remove("CI_PROJECT_DIR");
            if set {
                command.env(variable, folder.path());
            }
            String::from_utf8(command.output().unwrap().stdout).unwrap()
        };
        assert!(check(true).contains("audiences/a.seg"), "{}", check(true));
        assert!(check(false).contains("a.seg") && !check(false).contains("audiences"), "{}", check(false));
    }
}
