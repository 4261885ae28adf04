//! Findings of the lint.

use std::fmt::{self, Write as _};
use std::panic::Location;
use std::path::{Path, PathBuf};

use super::code::{LintCode, Severity};
use crate::json;
use crate::module::tags::Tags;

/// Something about a module that its author may not have meant.
///
/// Its text, by [`Display`](fmt::Display), has the author's line, the weight, the code, the variant, the item and what was found, then
/// why it matters and what helps.
///
/// ```
/// use tfhub::ModuleSpec;
/// use tfhub::module::{LintCode, Severity};
///
/// let spec = ModuleSpec::new(|g| {
///     let x = g.named("x", || g.placeholder::<f32>((None, 2)));
///     g.named("forgotten", || x * 2.0);
///     g.default_signature(x, -x);
/// })?;
/// let findings = spec.lint();
/// assert_eq!(findings.len(), 1);
/// assert_eq!((findings[0].code(), findings[0].severity()), (LintCode::S14, Severity::Warning));
/// assert_eq!(findings[0].item(), "forgotten");
/// let text = findings[0].to_string();
/// assert!(text.contains("warning S14: Mul \"forgotten\": no signature, loss, update or initializer needs this node"), "{text}");
/// # Ok::<(), tfhub::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    pub(super) code: LintCode,
    pub(super) severity: Severity,
    pub(super) variant: Option<Tags>,
    pub(super) item: String,
    pub(super) op: String,
    pub(super) location: Option<&'static Location<'static>>,
    pub(super) file: Option<PathBuf>,
    pub(super) line: Option<u64>,
    pub(super) message: String,
}

impl Finding {
    /// A finding of no place in the author's program.
    pub(in crate::module) fn of_item(
        code: LintCode,
        item: impl Into<String>,
        message: String,
    ) -> Self {
        Finding {
            code,
            severity: code.severity(),
            variant: None,
            item: item.into(),
            op: String::new(),
            location: None,
            file: None,
            line: None,
            message,
        }
    }

    /// The code of the demand that is broken.
    pub fn code(&self) -> LintCode {
        self.code
    }

    /// The weight.
    pub fn severity(&self) -> Severity {
        self.severity
    }

    /// The tags of the variant concerned; `None` where it is the module as a whole.
    pub fn variant(&self) -> Option<&Tags> {
        self.variant.as_ref()
    }

    /// The name of the node, variable, signature, key or file concerned, by which the finding is
    /// [allowed](crate::ModuleSpec::allow).
    pub fn item(&self) -> &str {
        &self.item
    }

    /// The line of the author's program that made the item, or that read the file which has it.
    pub fn location(&self) -> Option<&'static Location<'static>> {
        self.location
    }

    /// The file that was read, such as a vocabulary.
    pub fn file(&self) -> Option<&Path> {
        self.file.as_deref()
    }

    /// The line of the file, counted from 1.
    pub fn line(&self) -> Option<u64> {
        self.line
    }

    /// The fault, with what was expected and what was found.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// Why it matters.
    pub fn reason(&self) -> &'static str {
        self.code.reason()
    }

    /// The change that mends it.
    pub fn fix(&self) -> &'static str {
        self.code.fix()
    }

    /// The finding as a JSON object on one line.
    ///
    /// ```
    /// # use tfhub::ModuleSpec;
    /// let spec = ModuleSpec::new(|g| {
    ///     let x = g.placeholder::<f32>((8, 2));
    ///     g.default_signature(x, -x);
    /// })?;
    /// let json = spec.lint()[0].to_json();
    /// assert!(json.starts_with(r#"{"code":"G06","severity":"warning","variant":[],"item":"default","#), "{json}");
    /// # Ok::<(), tfhub::Error>(())
    /// ```
    pub fn to_json(&self) -> String {
        let mut json = String::from("{");
        let mut text = |key: &str, value: &str| {
            if json.len() > 1 {
                json.push(',');
            }
            json::string(&mut json, key);
            json.push(':');
            json::string(&mut json, value);
        };
        text("code", self.code.code());
        text("severity", &self.severity.to_string());
        if let Some(variant) = &self.variant {
            json.push_str(",\"variant\":");
            json::list(&mut json, variant.iter(), json::string);
        }
        let place = self.location.map(|location| location.file());
        let file = self.file.as_ref().map(|file| file.display().to_string());
        let texts = [
            ("item", Some(&*self.item)),
            ("op", Some(&*self.op).filter(|op| !op.is_empty())),
            ("source", place),
            ("file", file.as_deref()),
            ("message", Some(&*self.message)),
            ("reason", Some(self.reason())),
            ("fix", Some(self.fix())),
        ];
        for (key, value) in texts {
            let Some(value) = value else { continue };
            json.push(',');
            json::string(&mut json, key);
            json.push(':');
            json::string(&mut json, value);
            let number = match key {
                "source" => self
                    .location
                    .map(|location| ("source_line", u64::from(location.line()))),
                "file" => self.line.map(|line| ("file_line", line)),
                _ => None,
            };
            if let Some((key, number)) = number {
                // Writing to a string cannot fail.
                let _ = write!(json, ",\"{key}\":{number}");
            }
        }
        json.push('}');
        json
    }

    /// The text without the reason and the fix.
    pub(in crate::module) fn write_head(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(location) = self.location {
            write!(f, "{}:{}: ", location.file(), location.line())?;
        }
        write!(f, "{} {}: ", self.severity, self.code)?;
        let variant = self.variant.as_ref();
        if let Some(variant) = variant.filter(|variant| variant.iter().len() > 0) {
            write!(f, "variant {variant}: ")?;
        }
        match (self.op.is_empty(), self.item.is_empty()) {
            (true, true) => {}
            (true, false) => write!(f, "\"{}\": ", self.item)?,
            (false, _) => write!(f, "{} \"{}\": ", self.op, self.item)?,
        }
        f.write_str(&self.message)
    }

    /// The lines of the reason and the fix.
    pub(in crate::module) fn write_advice(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\n  why: {}\n  fix: {}", self.reason(), self.fix())
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write_head(f)?;
        self.write_advice(f)
    }
}

/// Findings as text, where the advice of each code stands once.
pub(in crate::module) struct Listed<'f>(pub(in crate::module) &'f [Finding]);

impl fmt::Display for Listed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, finding) in self.0.iter().enumerate() {
            if position > 0 {
                f.write_char('\n')?;
            }
            finding.write_head(f)?;
            let next = self.0.get(position + 1);
            if next.is_none_or(|next| next.code != finding.code) {
                finding.write_advice(f)?;
            }
        }
        Ok(())
    }
}
