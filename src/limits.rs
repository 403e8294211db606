//! Every limit of the compiler, in one table: counts, the same on every platform. Imports nothing. Invariant: a limit
//! is enforced where the counted thing comes into being, with a diagnostic or an error that names the limit, and is
//! tested at the limit and one past it.

/// Threads of a run.
pub const THREADS: u64 = 1024;
/// Bytes of one source file.
pub const SOURCE_FILE_BYTES: usize = 1 << 20;
/// Bytes of all source files of a project.
pub const PROJECT_BYTES: usize = 64 << 20;
/// Source files of a project.
pub const PROJECT_FILES: usize = 10_000;
/// Tokens of one source file.
pub const TOKENS: usize = 200_000;
/// Depth of expressions, brackets, types, collections and test values.
pub const NESTING: usize = 128;
/// Nodes of one segment after definitions are expanded.
pub const NODES_PER_SEGMENT: usize = 50_000;
/// Diagnostics reported in one run.
pub const DIAGNOSTICS: usize = 100;
/// Elements of a list that is the right side of `in`.
pub const IN_LIST: usize = 10_000;
/// Bytes of a string literal, escapes decoded.
pub const STRING_LITERAL_BYTES: usize = 64 << 10;
/// Bytes of a regular expression as written.
pub const REGEX_BYTES: usize = 1 << 10;
/// The largest repetition in a regular expression.
pub const REGEX_REPEAT: usize = 255;
/// Bytes of a compiled regular expression.
pub const REGEX_COMPILED_BYTES: usize = 1 << 20;
/// Depth of imports.
pub const IMPORT_DEPTH: usize = 32;
/// Bytes of a bytecode file.
pub const BYTECODE_BYTES: usize = 16 << 20;
/// Instructions of one segment's bytecode.
pub const INSTRUCTIONS_PER_SEGMENT: usize = 65_536;
/// Folds inside folds of a program: how deep the evaluator calls itself.
pub const FOLDS: usize = 64;
/// Nesting of a JSON value that is read.
pub const JSON_DEPTH: usize = 64;
/// Bytes of one schema file.
pub const SCHEMA_FILE_BYTES: usize = 16 << 20;
/// Objects of a composed schema.
pub const SCHEMA_OBJECTS: usize = 100_000;
/// Fields of all objects of a composed schema.
pub const SCHEMA_FIELDS: usize = 1_000_000;
/// Paths to the fields of one class.
pub const SCHEMA_PATHS: usize = 100_000;
/// Bytes of one JSON record.
pub const JSON_RECORD_BYTES: usize = 1 << 20;
/// Bytes of one CSV record.
pub const CSV_RECORD_BYTES: usize = 1 << 20;
/// Bytes of a Parquet file's metadata.
pub const PARQUET_METADATA_BYTES: usize = 64 << 20;
/// Bytes of one Parquet page, decompressed.
pub const PARQUET_PAGE_BYTES: usize = 64 << 20;
/// How many times larger than its source decompressed data may become, beyond the first
/// [`DECOMPRESSION_FREE_BYTES`].
pub const DECOMPRESSION_RATIO: usize = 100;
/// Decompressed bytes that are never held against the ratio.
pub const DECOMPRESSION_FREE_BYTES: usize = 1 << 20;
