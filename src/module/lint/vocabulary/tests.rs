//! Files as TensorFlow 1.15.5 takes or refuses them: the texts in comments are those of its initializers.

use super::*;

/// Words, each with the number of its line.
const WORDS: Format = Format {
    keys: Column::WholeLine,
    values: Column::LineNumber,
    keys_are_integers: false,
    values_are_integers: true,
    delimiter: b'\t',
    size: None,
};

/// Words and integers in columns.
const COLUMNS: Format = Format {
    keys: Column::Number(0),
    values: Column::Number(1),
    ..WORDS
};

fn found(content: impl AsRef<[u8]>, format: &Format, most: usize) -> Vec<(Severity, String)> {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), content).unwrap();
    let vocabulary = read_with(file.path(), format, most).unwrap();
    let faults = vocabulary.faults.into_iter();
    faults
        .map(|fault| (fault.severity, fault.message))
        .collect()
}

#[track_caller]
fn check(content: impl AsRef<[u8]>, format: &Format, expected: &[(Severity, &str)]) {
    let found = found(content, format, KEYS);
    let found: Vec<_> = found
        .iter()
        .map(|(severity, text)| (*severity, &**text))
        .collect();
    assert_eq!(found, expected);
}

#[test]
fn lines_are_taken_as_tensorflow_takes_them() {
    use Severity::{Error, Info, Warning};

    const EMPTY: &str = "the line is empty, for which the initializer of the table fails";
    const TWICE: &str =
        "the key \"cat\" is that of line 1, too, for which the initializer of the table fails";
    let sized = |size| Format {
        size: Some(size),
        ..WORDS
    };
    let inverse = Format {
        keys: Column::LineNumber,
        values: Column::WholeLine,
        keys_are_integers: true,
        values_are_integers: false,
        ..WORDS
    };

    check("cat\ndog\n", &WORDS, &[]);
    // HashTable has different value for same key. Key cat has 0 and trying to add value 2
    check(
        "cat\ndog\ncat\n",
        &WORDS,
        &[(Error, &format!("line 3: {TWICE}"))],
    );
    let more = format!("line 3, and one more line: {TWICE}");
    check("cat\ndog\ncat\ndog\n", &WORDS, &[(Error, &more)]);
    check("cat\ndog\ncat\n", &inverse, &[]);
    check("cat\t1\ndog\t2\ncat\t1\n", &COLUMNS, &[]);
    check(
        "cat\t1\ncat\t2\n",
        &COLUMNS,
        &[(Error, &format!("line 2: {TWICE}"))],
    );
    // Invalid content in v.txt: empty line found at position 5.
    check(
        "cat\n\ndog\n",
        &WORDS,
        &[(Error, &format!("line 2: {EMPTY}"))],
    );
    check(
        "cat\n\r\n",
        &inverse,
        &[(Error, &format!("line 2: {EMPTY}"))],
    );
    check("cat\ndog\n\n", &sized(2), &[]);
    let mark =
        "line 1: the file begins with a byte order mark, which becomes a part of its first word";
    check("\u{feff}cat\ndog\n", &WORDS, &[(Warning, mark)]);
    let ends = "line 1, and one more line: the line ends in CR LF; TensorFlow leaves out the CR, other readers may not";
    check("cat\r\ndog\r\n", &WORDS, &[(Info, ends)]);
    check(
        "cat\ndog",
        &WORDS,
        &[(Info, "line 2: the last line has no end")],
    );
    check(
        "cat \ndog\n",
        &WORDS,
        &[(Warning, "line 1: the key \"cat \" ends in a blank")],
    );
    // Invalid number of columns in v.txt line 1 (dog) : expected 1 got 1
    let columns = "line 2: the value is column 1, counted from 0, and the line has 1";
    check("cat\t1\ndog\n", &COLUMNS, &[(Error, columns)]);
    // Field x in line 0 is not a valid int64.
    check(
        "cat\tx\ndog\t 2 \n",
        &COLUMNS,
        &[(Error, "line 1: the value \"x\" is no integer")],
    );
    let integers = Format {
        keys_are_integers: true,
        values_are_integers: false,
        ..COLUMNS
    };
    let same = "line 2: the key \"01\" is that of line 1, too, for which the initializer of the table fails";
    check("1\tcat\n01\tdog\n", &integers, &[(Error, same)]);
    // Invalid vocab_size in v.txt: expected 3 but got 2
    check(
        "cat\ndog\n",
        &sized(3),
        &[(Error, "the file has 2 lines, and vocab_size is 3")],
    );
    check("cat\ndog\ncat\n", &sized(2), &[]);
    check("", &WORDS, &[(Error, "the file is empty")]);
    check(b"\xff\xfe\ndog\n", &WORDS, &[]);
}

#[test]
fn files_with_more_keys_than_are_remembered_are_read_in_parts() {
    let words: String = (0..1000).map(|number| format!("word{number}\n")).collect();
    assert_eq!(found(&words, &WORDS, 64), []);
    let twice = format!("{words}word17\n");
    for most in [1, 64, 999, 1000, 1001] {
        let found = found(&twice, &WORDS, most);
        let expected = "line 1001: the key \"word17\" is that of line 18, too, for which the initializer of the table fails";
        assert_eq!(found, [(Severity::Error, expected.to_owned())], "{most}");
    }
}

#[test]
fn a_long_line_is_not_kept() {
    let line = "x".repeat(3 * MAX_LINE);
    let expected =
        format!("line 1: the line has more than {MAX_LINE} bytes, the others are not looked at");
    check(
        format!("{line}\ndog\n"),
        &WORDS,
        &[(Severity::Warning, &expected)],
    );
    check(format!("{}\ndog\n", &line[..MAX_LINE]), &WORDS, &[]);
}
