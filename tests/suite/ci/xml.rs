//! A reader of the XML that segc writes: elements, attributes, text. What it does not know is a failure.

/// An element with what is in it.
#[derive(Debug, PartialEq)]
pub struct Element {
    pub name: String,
    pub attributes: Vec<(String, String)>,
    pub children: Vec<Element>,
    pub text: String,
}

impl Element {
    pub fn attribute(&self, name: &str) -> &str {
        let found = self.attributes.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str()).unwrap_or_else(|| panic!("{} without {name}", self.name))
    }
}

/// The root of a document.
pub fn read(text: &str) -> Element {
    let rest = text.strip_prefix("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n").expect("a declaration");
    let bad =
        |c: char| matches!(c, '\u{0}'..='\u{8}' | '\u{b}' | '\u{c}' | '\u{e}'..='\u{1f}' | '\u{fffe}' | '\u{ffff}');
    assert!(!text.contains(bad), "a character that XML does not have");
    let mut rest = rest;
    let root = element(&mut rest);
    assert_eq!(rest.trim(), "");
    root
}

fn element(rest: &mut &str) -> Element {
    *rest = rest.strip_prefix('<').expect("an element");
    let name = until(rest, |c| !c.is_ascii_alphanumeric());
    let mut element = Element { name, attributes: Vec::new(), children: Vec::new(), text: String::new() };
    loop {
        *rest = rest.trim_start();
        if let Some(after) = rest.strip_prefix("/>") {
            *rest = after;
            return element;
        }
        if let Some(after) = rest.strip_prefix('>') {
            *rest = after;
            break;
        }
        let name = until(rest, |c| c == '=');
        *rest = rest.strip_prefix("=\"").expect("a value in quotes");
        let value = until(rest, |c| c == '"');
        *rest = &rest[1..];
        assert!(!element.attributes.iter().any(|(known, _)| *known == name), "{name} twice");
        element.attributes.push((name, decoded(&value)));
    }
    loop {
        let text = until(rest, |c| c == '<');
        element.text.push_str(&decoded(&text));
        if let Some(after) = rest.strip_prefix("</") {
            *rest = after.strip_prefix(&format!("{}>", element.name)).expect("its own end");
            return element;
        }
        element.children.push(self::element(rest));
    }
}

fn until(rest: &mut &str, stop: impl Fn(char) -> bool) -> String {
    let (part, after) = rest.split_at(rest.find(stop).expect("more"));
    *rest = after;
    part.to_owned()
}

fn decoded(text: &str) -> String {
    assert!(!text.contains(['<', '>']), "{text}");
    let parts = text.split('&').collect::<Vec<_>>();
    let mut out = parts[0].to_owned();
    for part in &parts[1..] {
        let (entity, after) = part.split_once(';').expect("an entity");
        out.push(match entity {
            "amp" => '&',
            "lt" => '<',
            "gt" => '>',
            "quot" => '"',
            other => panic!("the entity {other}"),
        });
        out.push_str(after);
    }
    out
}
