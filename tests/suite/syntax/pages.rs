//! The explain pages, as far as the parser can tell: each example of a mistake of syntax makes that mistake, and every
//! other example is read without one.

use segc::diagnostics::Code;

use super::read;
use crate::diagnostics::pages::examples;

#[test]
fn examples_of_mistakes_make_them_and_no_others_do() {
    let mut wrong = Vec::new();
    for code in Code::ALL {
        let info = code.info();
        let ours = info.id.starts_with("SEG01");
        for example in examples(info.explain).iter().filter(|e| e.language == "seg") {
            let said: Vec<Code> = read(&example.text).diagnostics.iter().map(|d| d.code).collect();
            let right = if ours && example.fails { said.contains(code) } else { said.is_empty() };
            if !right {
                wrong.push(format!("{}: {said:?}\n{}", info.id, example.text));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
