//! From the names of JSON-LD, which XDM's files use, to the compact names that data and segments use. Names nothing.
//! Invariant: two different names of one object become different paths.
//!
//! `xdm:eventType` is `eventType`; `@id` is `_id`; another prefix becomes an object, so `repo:createDate` is
//! `_repo.createDate`; and so does a URI, whose host `ns.adobe.com` is not said:
//! `https://ns.adobe.com/experience/decisioning/score` is `_experience.decisioning.score`. Inside a field with a
//! URI for a name, the part that both have in common is not said again.

/// The host whose names need no mention of it.
const HOST: &str = "ns.adobe.com";

/// The path that a name becomes, inside a field whose own name is the URI `context`.
pub(super) fn compact(name: &str, context: Option<&str>) -> Vec<String> {
    if let Some(local) = name.strip_prefix("xdm:") {
        return vec![local.to_owned()];
    }
    if let Some(local) = name.strip_prefix('@') {
        return vec![format!("_{local}")];
    }
    if let Some((_, address)) = name.split_once("://") {
        let inside = context.and_then(|context| below(name, context));
        return match inside {
            Some(rest) => steps(rest).map(str::to_owned).collect(),
            None => from_address(name, address),
        };
    }
    match name.split_once(':') {
        Some((prefix, local)) if !prefix.is_empty() && !local.is_empty() => {
            vec![format!("_{prefix}"), local.to_owned()]
        }
        _ => vec![name.to_owned()],
    }
}

/// The URI that a name is, for the names inside of it.
pub(super) fn context(name: &str) -> Option<&str> {
    name.contains("://").then_some(name)
}

/// What is left of a URI below another one, or beside it.
fn below<'a>(name: &'a str, context: &str) -> Option<&'a str> {
    let under = |parent: &str| name.strip_prefix(parent)?.strip_prefix('/').filter(|rest| !rest.is_empty());
    under(context).or_else(|| {
        let (parent, _) = context.rsplit_once('/')?;
        // `https://ns.adobe.com` is a host, not a namespace that two names could share
        (parent.split_once("://")?.1.contains('/')).then(|| under(parent))?
    })
}

fn steps(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter(|step| !step.is_empty())
}

fn from_address(name: &str, address: &str) -> Vec<String> {
    let mut path: Vec<String> = Vec::new();
    let mut rest = steps(address);
    let host = rest.next().unwrap_or_default();
    if host == HOST {
        let mut rest = rest.peekable();
        let core = rest.next_if_eq(&"xdm").is_some();
        path.extend(rest.map(str::to_owned));
        if core && path.len() == 1 {
            return path;
        }
    } else {
        path.extend(host.split('.').filter(|part| !part.is_empty()).map(str::to_owned));
        path.extend(rest.map(str::to_owned));
    }
    match path.first_mut() {
        Some(first) => first.insert(0, '_'),
        None => path.push(name.to_owned()),
    }
    path
}
