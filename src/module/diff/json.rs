//! Differences as JSON.

use std::fmt::Write as _;

use super::Difference;
use crate::json::{list, string};

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
