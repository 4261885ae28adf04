//! The layers of the crate, which the docs of `lib.rs` list, against the paths in its sources.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

/// The modules of the crate in the order of the table: each uses only those before it.
fn layers(lib: &str) -> Vec<String> {
    let table = lib.split("| layer | modules |").nth(1);
    let rows = table.into_iter().flat_map(str::lines).skip(2);
    let rows = rows.map_while(|line| line.strip_prefix("//! |"));
    let cells = rows.filter_map(|row| row.split('|').nth(1));
    let modules = cells.flat_map(|cell| cell.split(','));
    let modules = modules.map(|module| module.trim().trim_matches('`').to_owned());
    modules.collect()
}

/// The sources by the paths of their modules, such as `["graph", "import"]`.
type Sources = BTreeMap<Vec<String>, String>;

fn read(dir: &Path, module: &[String], sources: &mut Sources) {
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        let stem = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let module = [module, &[stem]].concat();
        if path.is_dir() {
            read(&path, &module, sources);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            sources.insert(module, code(&fs::read_to_string(&path).unwrap()));
        }
    }
}

/// The text without comments, strings and characters.
fn code(text: &str) -> String {
    let mut code = String::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let skipped = if rest.starts_with("//") {
            rest.find('\n').unwrap_or(rest.len())
        } else if let Some(raw) = rest.strip_prefix("r#\"") {
            raw.find("\"#").map_or(rest.len(), |end| end + 5)
        } else if first == '"' {
            let mut escaped = true;
            let ends = |c: char| {
                let ends = c == '"' && !escaped;
                escaped = c == '\\' && !escaped;
                ends
            };
            rest.find(ends).map_or(rest.len(), |end| end + 1)
        } else if rest.starts_with("'\"'") || rest.starts_with("'{'") || rest.starts_with("'}'") {
            3
        } else {
            code.push(first);
            rest = &rest[first.len_utf8()..];
            continue;
        };
        rest = &rest[skipped..];
    }
    code
}

/// Takes modules of tests out of a text, and lists those that are files.
fn without_tests(text: &str) -> (String, Vec<String>) {
    let mut pieces = text.split("#[cfg(test)]");
    let mut rest = pieces.next().unwrap_or_default().to_owned();
    let mut files = Vec::new();
    for piece in pieces {
        let item = piece.trim_start();
        let Some(item) = item.strip_prefix("mod ") else {
            rest += piece;
            continue;
        };
        let end = item.find([';', '{']).unwrap();
        let name = item[..end].trim().to_owned();
        let after = match &item[end..=end] {
            ";" => {
                files.push(name);
                &item[end + 1..]
            }
            _ => &item[end + group(&item[end..]).len()..],
        };
        rest += after;
    }
    (rest, files)
}

/// The braces that a text begins with, and what is in them.
fn group(text: &str) -> &str {
    let mut depth = 0;
    let end = text.char_indices().find(|(_, c)| {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        depth == 0
    });
    &text[..=end.unwrap().0]
}

/// The paths in a text that begin with `crate`, `self` or `super`.
fn paths(text: &str) -> Vec<Vec<String>> {
    let mut paths = Vec::new();
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    for start in ["crate::", "self::", "super::"] {
        for (at, _) in text.match_indices(start) {
            let before = &text[..at];
            if before.ends_with(is_word) || before.ends_with("::") {
                continue;
            }
            follow(&text[at..], &mut Vec::new(), &mut paths);
        }
    }
    paths
}

/// Follows one path, or each of those that its braces stand for.
fn follow(text: &str, before: &mut Vec<String>, paths: &mut Vec<Vec<String>>) {
    let len = before.len();
    let mut rest = text.trim_start();
    loop {
        if rest.starts_with('{') {
            let group = group(rest);
            let mut depth = 0;
            let items = group[1..group.len() - 1].split(|c| {
                match c {
                    '{' => depth += 1,
                    '}' => depth -= 1,
                    _ => {}
                }
                c == ',' && depth == 0
            });
            let items = items.filter(|item| !item.trim().is_empty());
            items.for_each(|item| follow(item, before, paths));
            break;
        }
        let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_');
        let (word, after) = rest.split_at(end.unwrap_or(rest.len()));
        before.push(word.to_owned());
        match after.strip_prefix("::") {
            Some(after) => rest = after.trim_start(),
            None => {
                paths.push(before.clone());
                break;
            }
        }
    }
    before.truncate(len);
}

/// The file that a path in the module `from` leads to.
fn target(path: &[String], from: &[String], sources: &Sources) -> Vec<String> {
    let mut module = match path[0].as_str() {
        "crate" => Vec::new(),
        _ => from.to_vec(),
    };
    for word in path {
        match word.as_str() {
            "crate" | "self" => {}
            "super" => drop(module.pop()),
            word => {
                module.push(word.to_owned());
                if !sources.contains_key(&module) {
                    module.pop();
                    break;
                }
            }
        }
    }
    module
}

/// The uses of each file by another, those in tests left out.
fn uses(mut sources: Sources) -> BTreeMap<Vec<String>, BTreeSet<Vec<String>>> {
    let mut tests = Vec::new();
    for (module, text) in &mut sources {
        let files;
        (*text, files) = without_tests(text);
        let dir = match module[..] == ["lib"] {
            true => &[],
            false => &module[..],
        };
        tests.extend(files.into_iter().map(|file| [dir, &[file]].concat()));
    }
    sources.retain(|module, _| !tests.iter().any(|test| module.starts_with(test)));
    sources.remove(&["lib".to_owned()][..]);
    let mut uses = BTreeMap::new();
    for (from, text) in &sources {
        let mut used = BTreeSet::new();
        for path in paths(text) {
            let to = target(&path, from, &sources);
            if !to.is_empty() {
                used.insert(to);
            } else if path[0] == "crate" {
                // What the root exports lies in a module, which is to be named.
                used.insert(path[1..2].to_vec());
            }
        }
        uses.insert(from.clone(), used);
    }
    uses
}

/// Uses of modules that are not before their users, and circles of files.
fn faults(lib: &str, sources: Sources) -> Vec<String> {
    let layers = layers(lib);
    let place = |module: &[String]| layers.iter().position(|layer| *layer == module[0]);
    let mut faults = Vec::new();
    let uses = uses(sources);
    for (from, used) in &uses {
        let name = from.join("::");
        let Some(own) = place(from) else {
            faults.push(format!("{name} is in no layer"));
            continue;
        };
        for to in used {
            match place(to) {
                Some(place) if place <= own => {}
                Some(_) => faults.push(format!("{name} uses {}, a layer above", to.join("::"))),
                None => faults.push(format!("{name} uses {}, which is no module", to.join("::"))),
            }
        }
    }
    // A module and those inside of it may use each other.
    let related = |a: &[String], b: &[String]| a.starts_with(b) || b.starts_with(a);
    for from in uses.keys() {
        let mut seen = BTreeSet::new();
        let mut open = vec![from];
        while let Some(file) = open.pop() {
            let used = uses.get(file).into_iter().flatten();
            open.extend(used.filter(|to| !related(file, to) && seen.insert(*to)));
        }
        if seen.contains(from) {
            faults.push(format!("{} is in a circle of files", from.join("::")));
        }
    }
    faults
}

#[test]
fn each_layer_uses_only_those_above_it() {
    let src = Path::new(".").join("src");
    let mut sources = Sources::new();
    read(&src, &[], &mut sources);
    let lib = fs::read_to_string(src.join("lib.rs")).unwrap();
    let faults = faults(&lib, sources);
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn upward_uses_and_circles_are_found() {
    let lib =
        "//! | layer | modules |\n//! | --- | --- |\n//! | low | `a`, `b` |\n//! | high | `c` |\n";
    let faults = |files: &[(&str, &str)]| {
        let files = files.iter().map(|(module, text)| {
            let module = module.split("::").map(str::to_owned).collect();
            (module, code(text))
        });
        faults(lib, files.collect())
    };
    let good = [
        ("a", "mod x;"),
        ("a::x", "use super::A;"),
        ("b", "use crate::a;"),
        ("c", "use crate::{a::x::X, b};"),
    ];
    assert_eq!(faults(&good), [""; 0]);
    type Files<'a> = &'a [(&'a str, &'a str)];
    let cases: &[(&str, Files<'_>, &str)] = &[
        ("a", &[("c", "")], "use crate::c::C;"),
        ("a", &[("c", "")], "fn f() { crate::c::f() }"),
        (
            "a::x",
            &[("a", ""), ("c", "")],
            "use super::super::c::{C, D};",
        ),
        (
            "a",
            &[("b", "")],
            "pub(crate) use crate::{\n    b::{B, C},\n};",
        ),
        (
            "a",
            &[("b", ""), ("c", "")],
            "macro_rules! m { () => { $crate::b::B } }",
        ),
    ];
    for (module, others, text) in cases {
        let found = faults(&[*others, &[(*module, *text)]].concat());
        assert_eq!(found.len(), 1, "{text}: {found:?}");
        assert!(found[0].ends_with("a layer above"), "{found:?}");
    }
    assert_eq!(faults(&[("d", "")]), ["d is in no layer"]);
    assert_eq!(
        faults(&[("a", "use crate::Thing;")]),
        ["a uses Thing, which is no module"]
    );
    let circle = [
        ("a", ""),
        ("a::x", "use super::y::Y;"),
        ("a::y", "use crate::a::z;"),
        ("a::z", "use super::x;"),
    ];
    assert_eq!(faults(&circle).len(), 3);
    let harmless = [
        (
            "a",
            "// use crate::c;\nconst C: &str = \"crate::c\";\n#[cfg(test)]\nmod tests { use crate::c; }",
        ),
        ("b", "#[cfg(test)]\nmod large;"),
        ("b::large", "use crate::c;"),
        ("c", ""),
    ];
    assert_eq!(faults(&harmless), [""; 0]);
}

/// The public traits that users may implement.
const OPEN: [&str; 3] = ["Cell", "IntoTensorValue", "VariableSource"];

/// Public traits of private modules, which users cannot name.
const UNNAMED: [&str; 2] = ["Call", "Kind"];

/// The text without modules in it that are not public.
fn without_private_modules(text: &str) -> String {
    let mut rest = text;
    let mut kept = String::new();
    while let Some((at, _)) = rest.match_indices("mod ").find(|(at, _)| {
        let item = rest[*at..].split([';', '{']).next().unwrap();
        let is_public = rest[..*at].ends_with("pub ");
        !is_public && rest[*at + item.len()..].starts_with('{') && item.split(' ').count() == 3
    }) {
        let start = at + rest[at..].find('{').unwrap();
        kept += &rest[..at];
        rest = &rest[start + group(&rest[start..]).len()..];
    }
    kept + rest
}

/// The public traits with what stands between the name and the body.
fn public_traits(text: &str) -> Vec<(String, String)> {
    let text = without_private_modules(text);
    let traits = text.split("pub trait ").skip(1);
    let traits = traits.map(|item| {
        let end = item.find(|c: char| !c.is_alphanumeric()).unwrap();
        let (name, rest) = item.split_at(end);
        let bounds = rest.split('{').next().unwrap();
        (name.to_owned(), bounds.to_owned())
    });
    traits.collect()
}

#[test]
fn users_implement_the_traits_that_are_meant_for_it() {
    let src = Path::new(".").join("src");
    let mut sources = Sources::new();
    read(&src, &[], &mut sources);
    let texts = sources.values().map(|text| without_tests(text).0);
    let mut left: Vec<_> = texts.flat_map(|text| public_traits(&text)).collect();
    assert!(left.len() > 15, "{left:?}");
    // Sealed by a trait of a private module, or by one that is sealed, as the bounds made of the op table are.
    let mut sealed = ["Sealed", "BasicFloat"].map(str::to_owned).to_vec();
    loop {
        let (found, open): (Vec<_>, Vec<_>) = left.into_iter().partition(|(_, bounds)| {
            let mut words = bounds.split([' ', ':', '<', '+']);
            bounds.contains("sealed::") || words.any(|word| sealed.iter().any(|it| it == word))
        });
        left = open;
        if found.is_empty() {
            break;
        }
        sealed.extend(found.into_iter().map(|(name, _)| name));
    }
    let open: BTreeSet<_> = left.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(open, OPEN.into_iter().chain(UNNAMED).collect());
}

#[test]
fn a_trait_that_is_not_sealed_is_found() {
    let text =
        "mod sealed { pub trait A {} } pub trait B<'g>: sealed::A {} pub trait C { fn c(); }";
    let found = public_traits(text);
    let names = found
        .iter()
        .map(|(name, bounds)| (name.as_str(), bounds.trim()));
    let names: Vec<_> = names.collect();
    assert_eq!(names, [("B", "<'g>: sealed::A"), ("C", "")]);
}
