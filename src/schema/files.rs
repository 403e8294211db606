//! Which files of a folder are schemas. Does no IO: whoever can read hands the bytes in. Invariant: the result does
//! not depend on the order in which a folder lists its files.

/// A file that may hold a schema.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SchemaFile {
    /// The path as messages show it, with `/` between its parts.
    pub path: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

impl SchemaFile {
    /// A file of a path and its bytes.
    pub fn new(path: impl Into<String>, bytes: impl Into<Vec<u8>>) -> Self {
        SchemaFile { path: path.into(), bytes: bytes.into() }
    }
}

/// Whether a file of a folder is read: JSON that is not, by XDM's habit of naming, an example of data
/// (`person.example.1.json`) or of data that a schema refuses (`person.invalid.1.json`).
pub fn is_schema_file(path: &str) -> bool {
    let name = path.rsplit(['/', '\\']).next().unwrap_or_default();
    let mut parts = name.split('.').rev();
    parts.next() == Some("json") && !parts.any(|part| part == "example" || part == "invalid")
}

/// The schema files among the files of a folder, by path.
pub fn read_folder(files: impl IntoIterator<Item = (String, Vec<u8>)>) -> Vec<SchemaFile> {
    let mut files: Vec<SchemaFile> = files
        .into_iter()
        .filter(|(path, _)| is_schema_file(path))
        .map(|(path, bytes)| SchemaFile { path: path.replace('\\', "/"), bytes })
        .collect();
    files.sort_by(|a, b| a.path.cmp(&b.path));
    files
}
