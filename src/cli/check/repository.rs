//! Paths as a CI service wants them: seen from the repository's root, wherever in it the check runs. Invariant: outside of
//! that service paths stay as they are.

use std::path::{Component, Path, PathBuf};

use crate::diagnostics::render::Format;
use crate::pipeline::normalize;
use crate::source::Sources;

/// The files of a project, for reports that a service reads, with paths from the root that it names in the environment.
pub(super) fn from_root(format: Format, sources: &Sources) -> Option<Sources> {
    let variables: &[&str] = match format {
        Format::Github => &["GITHUB_WORKSPACE"],
        Format::Gitlab => &["CI_PROJECT_DIR"],
        Format::Sarif => &["GITHUB_WORKSPACE", "CI_PROJECT_DIR"],
        Format::Text | Format::Short | Format::Json | Format::JsonLines | Format::Junit | Format::Rdjson => &[],
    };
    let root = variables.iter().find_map(std::env::var_os).map(PathBuf::from)?.canonicalize().ok()?;
    let here = std::env::current_dir().ok()?.canonicalize().ok()?;
    let mut seen = Sources::default();
    for (_, file) in sources.iter() {
        let from = |absolute: &Path| Some(slashes(absolute.strip_prefix(&root).ok()?));
        let absolute = here.join(&file.path);
        let path = from(Path::new(&normalize(&slashes(&absolute)))).unwrap_or_else(|| file.path.clone());
        seen.add(path, file.text.clone());
    }
    Some(seen)
}

/// A path with `/` between its parts.
fn slashes(path: &Path) -> String {
    let parts: Vec<_> = path
        .components()
        .map(|part| match part {
            Component::RootDir => "".into(),
            part => part.as_os_str().to_string_lossy(),
        })
        .collect();
    parts.join("/")
}
