//! Carrying out fixes.

use segc::diagnostics::fixes::{EditError, apply, plan};
use segc::diagnostics::{Applicability, Code, Diagnostic, Edit, Fix};
use segc::source::{FileId, Span};

fn edit(start: usize, end: usize, text: &str) -> Edit {
    Edit { span: Span::new(FileId(0), start, end), text: text.to_owned() }
}

fn mended_by(edits: Vec<Edit>, applicability: Applicability) -> Diagnostic {
    let mut diagnostic = Diagnostic::without_place(Code::SEG0101, "x");
    diagnostic.fixes.push(Fix { title: "t".to_owned(), edits, applicability });
    diagnostic
}

#[test]
fn edits_in_any_order_make_one_text() {
    let edits = [edit(6, 7, "=="), edit(0, 1, "alpha"), edit(8, 8, "\""), edit(11, 11, "\"")];
    assert_eq!(apply("a b c = 0foo", &edits).as_deref(), Ok("alpha b c == \"0fo\"o"));
}

#[test]
fn insertions_at_one_place_keep_their_order_and_may_touch_a_replacement() {
    assert_eq!(apply("ab", &[edit(1, 1, "1"), edit(1, 1, "2"), edit(1, 2, "B")]).as_deref(), Ok("a12B"));
}

#[test]
fn overlaps_and_places_outside_the_text_are_refused() {
    let (a, b) = (edit(0, 2, ""), edit(1, 3, ""));
    assert_eq!(apply("abc", &[b.clone(), a.clone()]), Err(EditError::Overlap(a.span, b.span)));
    assert_eq!(apply("abc", &[edit(2, 4, "")]), Err(EditError::OutOfBounds(edit(2, 4, "").span)));
    assert_eq!(apply("é", &[edit(1, 2, "")]), Err(EditError::OutOfBounds(edit(1, 2, "").span)));
}

#[test]
fn a_plan_takes_safe_fixes_only_unless_asked() {
    let diagnostics = [
        mended_by(vec![edit(0, 1, "x")], Applicability::Safe),
        mended_by(vec![edit(2, 3, "y")], Applicability::Unsafe),
    ];
    assert_eq!((plan(&diagnostics, false).fixed, plan(&diagnostics, true).fixed), (1, 2));
}

#[test]
fn a_fix_that_touches_another_waits_whole() {
    let diagnostics = [
        mended_by(vec![edit(0, 2, "x")], Applicability::Safe),
        mended_by(vec![edit(5, 6, "y"), edit(1, 3, "z")], Applicability::Safe),
        mended_by(vec![edit(7, 7, "a")], Applicability::Safe),
        mended_by(vec![edit(7, 7, "b")], Applicability::Safe),
    ];
    let plan = plan(&diagnostics, false);
    assert_eq!((plan.fixed, plan.postponed), (2, 2));
    assert_eq!(plan.edits[&FileId(0)], [edit(0, 2, "x"), edit(7, 7, "a")]);
}

#[test]
fn the_same_edit_asked_for_twice_is_made_once() {
    let diagnostics = [
        mended_by(vec![edit(0, 0, "schema ")], Applicability::Safe),
        mended_by(vec![edit(0, 0, "schema ")], Applicability::Safe),
    ];
    let plan = plan(&diagnostics, false);
    assert_eq!((plan.fixed, plan.edits[&FileId(0)].len()), (2, 1));
}
