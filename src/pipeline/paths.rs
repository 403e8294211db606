//! Paths as text with `/` between their parts: joined, cleaned and matched without touching a disk.

/// A path without `.` and without `..` where it can be taken away; `..` at the start stays.
pub fn normalize(path: &str) -> String {
    let absolute = path.starts_with('/');
    let mut parts: Vec<&str> = Vec::new();
    for part in path.split(['/', '\\']).filter(|part| !part.is_empty() && *part != ".") {
        match (part, parts.last()) {
            ("..", Some(&last)) if last != ".." => {
                parts.pop();
            }
            ("..", None) if absolute => {}
            _ => parts.push(part),
        }
    }
    let joined = parts.join("/");
    if absolute { format!("/{joined}") } else { joined }
}

/// A path seen from a folder.
pub(super) fn join(folder: &str, path: &str) -> String {
    if path.starts_with('/') || folder.is_empty() { normalize(path) } else { normalize(&format!("{folder}/{path}")) }
}

/// The path that one written in a file names.
pub fn named_in(file: &str, written: &str) -> String {
    join(parent(file), written)
}

/// The folder of a file.
pub(super) fn parent(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| if folder.is_empty() { "/" } else { folder })
}

/// Whether a normalised path lies below a normalised folder.
pub fn is_below(folder: &str, path: &str) -> bool {
    let ups = |path: &str| path.split('/').take_while(|part| *part == "..").count();
    if folder.starts_with('/') == path.starts_with('/') && folder.split('/').all(|part| part.is_empty() || part == "..")
    {
        // The folder is the current one, or one above it.
        let above = ups(folder);
        return folder == "/" || ups(path) <= above;
    }
    path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
}

/// Whether a path matches a pattern: `*` stands for any text within a name, `?` for one character, `**` for any folders.
pub fn matches_pattern(pattern: &str, path: &str) -> bool {
    let pattern: Vec<&str> = pattern.split('/').filter(|part| *part != ".").collect();
    let path: Vec<&str> = path.split('/').collect();
    parts_match(&pattern, &path)
}

fn parts_match(pattern: &[&str], path: &[&str]) -> bool {
    match (pattern.split_first(), path.split_first()) {
        (None, None) => true,
        (Some((&"**", rest)), _) => {
            parts_match(rest, path) || path.split_first().is_some_and(|(_, tail)| parts_match(pattern, tail))
        }
        (Some((part, rest)), Some((name, tail))) => name_matches(part, name) && parts_match(rest, tail),
        _ => false,
    }
}

/// A name against a part of a pattern. On a mismatch the last star takes one more character.
fn name_matches(pattern: &str, name: &str) -> bool {
    let (pattern, name): (Vec<char>, Vec<char>) = (pattern.chars().collect(), name.chars().collect());
    let (mut p, mut n, mut star) = (0, 0, None);
    while n < name.len() {
        match pattern.get(p) {
            Some('*') => {
                star = Some((p, n));
                p += 1;
            }
            Some(&c) if c == '?' || c == name[n] => {
                p += 1;
                n += 1;
            }
            _ => match star {
                Some((at, taken)) => {
                    star = Some((at, taken + 1));
                    p = at + 1;
                    n = taken + 1;
                }
                None => return false,
            },
        }
    }
    pattern[p..].iter().all(|c| *c == '*')
}
