//! Differences as JSON. The crate writes nothing else of the kind, so that it needs no package for it.

use std::fmt::Write as _;

use super::Difference;

pub(super) fn text(differences: &[Difference]) -> String {
    let mut out = String::from("{\"equal\":");
    out += if differences.is_empty() {
        "true"
    } else {
        "false"
    };
    out += ",\"differences\":";
    list(&mut out, differences, |out, it| {
        out.push_str("{\"variant\":");
        match &it.variant {
            Some(tags) => list(out, tags.iter(), string),
            None => out.push_str("null"),
        }
        out.push_str(",\"part\":");
        string(out, it.part.name());
        out.push_str(",\"item\":");
        string(out, &it.item);
        out.push_str(",\"change\":");
        string(out, it.change.name());
        out.push_str(",\"details\":");
        list(out, &it.details, |out, detail| {
            out.push_str("{\"what\":");
            string(out, &detail.what);
            for (key, side) in [("before", &detail.before), ("after", &detail.after)] {
                let _ = write!(out, ",\"{key}\":");
                match side {
                    Some(side) => string(out, side),
                    None => out.push_str("null"),
                }
            }
            out.push('}');
        });
        out.push('}');
    });
    out.push('}');
    out
}

fn list<T>(
    out: &mut String,
    items: impl IntoIterator<Item = T>,
    mut put: impl FnMut(&mut String, T),
) {
    out.push('[');
    for (number, item) in items.into_iter().enumerate() {
        if number > 0 {
            out.push(',');
        }
        put(out, item);
    }
    out.push(']');
}

fn string(out: &mut String, text: &str) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            c if c.is_control() => {
                // Writing to a string cannot fail.
                let _ = write!(out, "\\u{:04x}", c as u32);
            }
            c => out.push(c),
        }
    }
    out.push('"');
}

#[cfg(test)]
mod tests {
    use super::super::{Change, ChangedDetail, ModulePart};
    use super::*;

    #[test]
    fn any_text_is_read_back_by_others() {
        let item = "a \"quoted\" \\ \n\t\u{1} \u{7f} ü";
        let difference = Difference {
            variant: Some(["train", "gpu"].into()),
            part: ModulePart::Node,
            item: item.to_owned(),
            change: Change::Changed,
            details: vec![ChangedDetail {
                what: "op".to_owned(),
                before: Some("A".to_owned()),
                after: None,
            }],
        };
        let text = text(&[difference]);
        let json: serde_json::Value = serde_json::from_str(&text).unwrap();
        let found = &json["differences"][0];
        assert_eq!(found["item"], item);
        assert_eq!(found["variant"], serde_json::json!(["gpu", "train"]));
        assert_eq!(
            found["details"],
            serde_json::json!([{"what": "op", "before": "A", "after": null}])
        );
    }
}
