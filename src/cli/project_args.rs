//! The options that say which project is meant, shared by all commands that open one.

use std::path::Path;

use clap::Args;

use super::disk::Disk;
use super::{Failure, Global, report};
use crate::diagnostics::Diagnostic;
use crate::hir::Module;
use crate::pipeline::{Files, Request, Workspace, normalize};
use crate::project::{FILE_NAME, Override};

/// Which project, and settings laid over its project file.
#[derive(Debug, Clone, Default, Args)]
pub(super) struct ProjectArgs {
    /// Project folder or `.seg` files; the project of the current folder if none is given
    #[arg(value_name = "PATH")]
    pub paths: Vec<String>,
    /// The project file, or its folder [default: the nearest seg.toml above the paths]
    #[arg(long, short, value_name = "PATH", help_heading = "Project")]
    pub project: Option<String>,
    /// The schema: a file, or a folder of XDM
    #[arg(long, value_name = "PATH", help_heading = "Project")]
    pub schema: Option<String>,
    /// The time zone of days, such as Europe/Stockholm
    #[arg(long, value_name = "ZONE", help_heading = "Project")]
    pub zone: Option<String>,
    /// The first day of the week, such as monday
    #[arg(long, value_name = "DAY", help_heading = "Project")]
    pub week_start: Option<String>,
    /// The value of a `param`
    #[arg(long = "param", value_name = "NAME=VALUE", help_heading = "Project")]
    pub params: Vec<String>,
    /// The level of a lint: allow, warn or deny
    #[arg(long = "lint", value_name = "NAME=LEVEL", help_heading = "Project")]
    pub lints: Vec<String>,
    /// Any setting of the project file, by its dotted key
    #[arg(long = "set", value_name = "KEY=VALUE", help_heading = "Project")]
    pub settings: Vec<String>,
}

impl ProjectArgs {
    /// Opens the project, with further settings of the command.
    pub fn open(&self, overrides: Vec<Override>) -> Result<Workspace, Failure> {
        self.open_in(&Disk, overrides)
    }

    /// The same, with texts that may not be on the disk.
    pub fn open_in(&self, files: &dyn Files, overrides: Vec<Override>) -> Result<Workspace, Failure> {
        let mut request = self.request()?;
        request.overrides.extend(overrides);
        Ok(Workspace::open(files, &request))
    }

    /// Opens and checks the project and says what there is to say; `None` if something is wrong.
    pub fn sound(&self, overrides: Vec<Override>, global: &Global) -> Result<Option<(Workspace, Module)>, Failure> {
        let workspace = self.open(overrides)?;
        let compiled = workspace.compile();
        report(&compiled.diagnostics, &workspace.sources, global);
        let wrong = compiled.diagnostics.iter().any(Diagnostic::is_error);
        Ok(if wrong { None } else { compiled.module.map(|module| (workspace, module)) })
    }

    /// The project whose file is in a folder or in the nearest above it.
    pub fn nearest_to(folder: &str) -> Option<Request> {
        let file = nearest(folder)?;
        Some(Request { root: parent(&file).to_owned(), project_file: Some(file), ..Request::default() })
    }

    fn request(&self) -> Result<Request, Failure> {
        let named = self.paths.iter().chain(&self.project).chain(&self.schema).filter(|path| *path != "-");
        for path in named {
            // Whatever else is wrong with it is told when it is read.
            if let Err(error) = std::fs::metadata(path).or_else(|_| std::fs::symlink_metadata(path)) {
                return Err(Failure::io(path, &error));
            }
        }
        if let Some(path) = self.paths.iter().find(|path| path.ends_with(".toml")) {
            return Err(Failure::new(format!("`{path}` is a project file: give its folder, or `--project {path}`")));
        }
        let (folders, sources): (Vec<String>, Vec<String>) =
            self.paths.iter().cloned().partition(|path| path != "-" && Path::new(path).is_dir());
        let folder = match (folders.as_slice(), sources.is_empty()) {
            ([], _) => None,
            ([folder], true) => Some(folder.clone()),
            _ => return Err(Failure::new("give one project folder, or files")),
        };
        let project_file = match (&self.project, &folder) {
            (Some(path), _) if Path::new(path).is_dir() => Some(in_folder(path)),
            (Some(path), _) => Some(path.clone()),
            (None, Some(folder)) => nearest(folder),
            (None, None) => nearest(sources.first().map_or("", |path| parent(path))),
        };
        let root = match (&project_file, &folder) {
            (Some(file), _) => parent(file).to_owned(),
            (None, Some(folder)) => folder.clone(),
            (None, None) => String::new(),
        };
        if project_file.is_none() && folder.is_none() && sources.is_empty() {
            return Err(Failure::new(format!(
                "there is no `{FILE_NAME}` here or above; name files or a folder, or begin with `segc init`"
            )));
        }
        Ok(Request { root, project_file, overrides: self.overrides()?, sources })
    }

    fn overrides(&self) -> Result<Vec<Override>, Failure> {
        let mut overrides = Vec::new();
        let mut add = |key: String, value: &str| overrides.push(Override { key, value: value.to_owned() });
        if let Some(schema) = &self.schema {
            // Relative to where the user is, not to the project.
            let path = std::path::absolute(schema).map_err(|error| Failure::io(schema, &error))?;
            add("schema".into(), &path.to_string_lossy());
        }
        if let Some(zone) = &self.zone {
            add("time.zone".into(), zone);
        }
        if let Some(day) = &self.week_start {
            add("time.week_start".into(), day);
        }
        for (prefix, given) in [("params.", &self.params), ("lints.", &self.lints), ("", &self.settings)] {
            for text in given {
                let Some((name, value)) = text.split_once('=') else {
                    return Err(Failure::new(format!("`{text}` is not of the form NAME=VALUE")));
                };
                add(format!("{prefix}{}", name.trim()), value.trim());
            }
        }
        Ok(overrides)
    }
}

fn parent(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| if folder.is_empty() { "/" } else { folder })
}

fn in_folder(folder: &str) -> String {
    let trimmed = folder.trim_end_matches('/');
    match trimmed {
        "" if folder.starts_with('/') => format!("/{FILE_NAME}"),
        "" | "." => FILE_NAME.to_owned(),
        _ => format!("{trimmed}/{FILE_NAME}"),
    }
}

/// The project file of a folder or of the nearest folder above it, as a path that begins like the folder's: then the
/// project's files, named the same way, lie below the folder of the project file.
fn nearest(folder: &str) -> Option<String> {
    let absolute = std::path::absolute(if folder.is_empty() { "." } else { folder }).ok()?;
    let mut folder = normalize(folder);
    for above in absolute.ancestors() {
        if above.join(FILE_NAME).is_file() {
            return Some(in_folder(&folder));
        }
        folder = match folder.rsplit_once('/') {
            _ if folder.is_empty() => "..".to_owned(),
            _ if folder == ".." || folder.ends_with("/..") => format!("{folder}/.."),
            Some(("", _)) => "/".to_owned(),
            Some((parent, _)) => parent.to_owned(),
            None => String::new(),
        };
    }
    None
}
