//! What can be told of a database in numbers and flags. Names nothing else.

/// What a database takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of a statement.
    pub text_bytes: usize,
    /// Elements of an `IN` list.
    pub in_list: usize,
    /// Digits of a decimal.
    pub digits: u8,
    /// A result of operands of at most so many digits is of at most so many too, and an error beyond.
    pub narrow_digits: u8,
    /// Digits of what is divided, where a whole quotient is asked for.
    pub quotient_digits: u8,
    /// Digits after the point that a product keeps for certain.
    pub product_scale: u8,
}

/// What a database has of the constructs that can be said in other ways.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Abilities {
    /// Lists and maps may be null.
    pub null_lists: bool,
    /// The frame of a window may count groups of peers: `GROUPS BETWEEN …`.
    pub peer_frames: bool,
    /// Aggregates have a `FILTER (WHERE …)`.
    pub filter_clause: bool,
    /// `IS TRUE`.
    pub is_true: bool,
    /// What a query selects has the name of its column without being given it.
    pub bare_names: bool,
    /// Decimals are integers of 64 bits that count the smallest unit of their type, since there are none by themselves: what
    /// is stored is read so, a list of them is made so, and arithmetic beyond 64 bits is that of doubles.
    pub counts_decimals: bool,
}

impl Abilities {
    /// Of a database that has all of it, decimals included.
    pub const STANDARD: Abilities = Abilities {
        null_lists: true,
        peer_frames: true,
        filter_clause: true,
        is_true: true,
        bare_names: true,
        counts_decimals: false,
    };
}
