//! Did you mean: the known names nearest to an unknown one. Names only `std`. Invariant: the answer depends on the
//! set of candidates alone, never on their order.
//!
//! Names are compared without case, `_`, `-` and `.`, so that `homeaddress`, `home_address` and `homeAddress` are one.
//! What is near, best first: few edits (optimal string alignment: insert, delete, replace, swap neighbours), the same
//! words in another order, a name that the unknown one begins or ends with at a word's boundary or the converse.

use std::cmp::Ordering;

/// The nearest candidate, or `None` where nothing is near.
pub fn closest<'a>(name: &str, candidates: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let mut search = Search::new(name);
    candidates.filter_map(|c| search.rank(c)).min_by(Ranked::order).map(|r| r.candidate)
}

/// The `n` nearest candidates, best first, without duplicates.
pub fn closest_n<'a>(name: &str, candidates: impl Iterator<Item = &'a str>, n: usize) -> Vec<&'a str> {
    let mut search = Search::new(name);
    let mut ranked: Vec<Ranked> = candidates.filter_map(|c| search.rank(c)).collect();
    ranked.sort_by(Ranked::order);
    ranked.dedup_by(|a, b| a.candidate == b.candidate);
    ranked.into_iter().take(n).map(|r| r.candidate).collect()
}

/// In what way a candidate is near; best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Nearness {
    Edits(usize),
    SameWords,
    Part { missing: usize },
}

#[derive(Debug)]
struct Ranked<'a> {
    nearness: Nearness,
    candidate: &'a str,
}

impl Ranked<'_> {
    fn order(a: &Self, b: &Self) -> Ordering {
        a.nearness.cmp(&b.nearness).then(a.candidate.len().cmp(&b.candidate.len())).then(a.candidate.cmp(b.candidate))
    }
}

/// The name sought, taken apart once, with buffers that every candidate reuses.
struct Search<'n> {
    name: &'n str,
    folded: Vec<char>,
    words: Vec<Vec<char>>,
    bound: usize,
    candidate: Vec<char>,
    rows: [Vec<usize>; 3],
}

/// Names longer than this are no typing mistakes, and the table would grow with their square.
const LONGEST_NAME: usize = 100;
/// The shortest name that may be suggested as part of a longer one, or the longer one for it.
const SHORTEST_PART: usize = 4;

impl<'n> Search<'n> {
    fn new(name: &'n str) -> Self {
        let mut folded = Vec::new();
        fold_into(name, &mut folded);
        // One edit turns any one-letter name into any other: nothing is near it.
        let bound = match folded.len() {
            0 | 1 => 0,
            2..=5 => 1,
            6..=8 => 2,
            n => (n / 3).min(4),
        };
        let words = sorted_words(name);
        Search { name, folded, words, bound, candidate: Vec::new(), rows: Default::default() }
    }

    fn rank<'a>(&mut self, candidate: &'a str) -> Option<Ranked<'a>> {
        if candidate == self.name || candidate.is_empty() || self.folded.is_empty() {
            return None;
        }
        if self.folded.len() > LONGEST_NAME || candidate.len() > 4 * LONGEST_NAME {
            return None;
        }
        fold_into(candidate, &mut self.candidate);
        let nearness = match self.edits() {
            Some(edits) => Nearness::Edits(edits),
            None if self.same_words(candidate) => Nearness::SameWords,
            None => Nearness::Part { missing: self.part(candidate)? },
        };
        Some(Ranked { nearness, candidate })
    }

    /// The number of edits, where it is within the bound.
    fn edits(&mut self) -> Option<usize> {
        let (a, b) = (&self.folded, &self.candidate);
        if a.len().abs_diff(b.len()) > self.bound {
            return None;
        }
        let [before_last, last, row] = &mut self.rows;
        last.clear();
        last.extend(0..=b.len());
        before_last.clone_from(last);
        for i in 1..=a.len() {
            row.clear();
            row.push(i);
            for j in 1..=b.len() {
                let replaced = last[j - 1] + usize::from(a[i - 1] != b[j - 1]);
                let mut cost = replaced.min(last[j] + 1).min(row[j - 1] + 1);
                if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                    cost = cost.min(before_last[j - 2] + 1);
                }
                row.push(cost);
            }
            // A swap reaches two rows back, so that both must be out of reach before the search is over.
            let reachable = |row: &Vec<usize>| row.iter().any(|&cost| cost <= self.bound);
            if !reachable(row) && !reachable(last) {
                return None;
            }
            std::mem::swap(before_last, last);
            std::mem::swap(last, row);
        }
        last.last().copied().filter(|&cost| cost <= self.bound)
    }

    fn same_words(&self, candidate: &str) -> bool {
        self.words.len() > 1 && self.folded.len() == self.candidate.len() && self.words == sorted_words(candidate)
    }

    /// How many characters one has more than the other, where one begins or ends with the other's words.
    fn part(&self, candidate: &str) -> Option<usize> {
        let (name, other) = (&self.folded, &self.candidate);
        let (long, short, long_text) =
            if name.len() > other.len() { (name, other, self.name) } else { (other, name, candidate) };
        if short.len() < SHORTEST_PART {
            return None;
        }
        let at = if long.starts_with(short) {
            short.len()
        } else if long.ends_with(short) {
            long.len() - short.len()
        } else {
            return None;
        };
        let mut boundary = 0;
        let on_boundary = words(long_text).iter().any(|word| {
            boundary += word.len();
            boundary == at
        });
        on_boundary.then_some(long.len() - short.len())
    }
}

fn fold_into(name: &str, folded: &mut Vec<char>) {
    folded.clear();
    folded.extend(name.chars().filter(|c| !is_separator(*c)).flat_map(char::to_lowercase));
}

fn is_separator(c: char) -> bool {
    matches!(c, '_' | '-' | '.' | ' ')
}

fn sorted_words(name: &str) -> Vec<Vec<char>> {
    let mut words = words(name);
    words.sort_unstable();
    words
}

/// The folded words of `home_address`, `home-address`, `homeAddress`, `HTTPServer` (two).
fn words(name: &str) -> Vec<Vec<char>> {
    let characters: Vec<char> = name.chars().collect();
    let mut words: Vec<Vec<char>> = vec![Vec::new()];
    for (i, &c) in characters.iter().enumerate() {
        let before = i.checked_sub(1).map(|i| characters[i]);
        let after = characters.get(i + 1);
        let hump =
            c.is_uppercase() && (before.is_some_and(|b| !b.is_uppercase()) || after.is_some_and(|a| a.is_lowercase()));
        if is_separator(c) || hump {
            words.push(Vec::new());
        }
        if let (false, Some(word)) = (is_separator(c), words.last_mut()) {
            word.extend(c.to_lowercase());
        }
    }
    words.retain(|word| !word.is_empty());
    words
}
