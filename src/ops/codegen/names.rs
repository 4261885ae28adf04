//! The names of things in Rust.

/// TensorFlow's own rule for the Python functions of ops: an underscore goes before a capital that follows a small
/// letter or is followed by one. `MatMul` is `mat_mul`, `FFT2D` is `fft2d`, `LRNGrad` is `lrn_grad`.
pub(super) fn snake_case(name: &str) -> String {
    let bytes = name.as_bytes();
    let mut snake = String::new();
    for (i, byte) in bytes.iter().enumerate() {
        let small = |j: usize| bytes.get(j).is_some_and(u8::is_ascii_lowercase);
        let starts = byte.is_ascii_uppercase() && i > 0 && (small(i - 1) || small(i + 1));
        if starts && !snake.ends_with('_') {
            snake.push('_');
        }
        snake.push(byte.to_ascii_lowercase().into());
    }
    snake
}

/// A type parameter's name: `out_type` is `OutType`, `Tidx` stays.
pub(super) fn camel_case(name: &str) -> String {
    let parts = name.split('_').map(|part| {
        let (first, rest) = part.split_at(part.len().min(1));
        first.to_ascii_uppercase() + rest
    });
    parts.collect()
}

const KEYWORDS: [&str; 52] = [
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "crate",
    "do", "dyn", "else", "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl",
    "in", "let", "loop", "macro", "match", "mod", "move", "mut", "override", "priv", "pub", "ref",
    "return", "self", "static", "struct", "super", "trait", "true", "try", "type", "typeof",
    "union", "unsafe", "unsized", "use", "virtual", "where", "while", "yield",
];

/// The name of a function, argument or field: keywords get a trailing underscore.
pub(super) fn identifier(name: &str) -> String {
    let mut snake = snake_case(name);
    if KEYWORDS.contains(&snake.as_str()) {
        snake.push('_');
    }
    snake
}
