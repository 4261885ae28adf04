"""Compares the vectors that modules of fastText models give with a straightforward computation from the files.

    subwords.py write DIRECTORY   writes DIRECTORY/NAME/model.bin for each model
    subwords.py check DIRECTORY   hub.Module loads DIRECTORY/NAME/module, which the test export_conformance_text made of
                                  the model, and gives the vectors of 1,000 words that are in it and that are not
"""

import os
import random
import re
import struct
import sys

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")

import numpy as np

TOLERANCE = 1e-6
WORDS = 1000
SIZES = (1, 100, WORDS)
END_OF_SENTENCE = b"</s>"
SUPERVISED, SKIPGRAM = 3, 2
# version, kind of training, words, dimension, bucket, minn, maxn, labels, whether `</s>` is a word.
MODELS = {
    "usual": (12, SKIPGRAM, 700, 20, 5000, 3, 6, 0, True),
    "one_length": (12, SKIPGRAM, 600, 7, 2000000 // 100, 5, 5, 0, True),
    "short": (12, SKIPGRAM, 500, 5, 97, 1, 3, 0, False),
    "from_zero": (11, SKIPGRAM, 300, 3, 1, 0, 2, 0, True),
    "words": (12, SKIPGRAM, 600, 4, 0, 0, 0, 0, True),
    "classes": (12, SUPERVISED, 500, 6, 1000, 2, 4, 5, True),
    "old_classes": (11, SUPERVISED, 500, 6, 1000, 2, 4, 5, True),
}
LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFäöüßéñçşğıžαβγδабвгд中文字日本語한국어😀𝔘\u0301"


def make_words(generator, count):
    """Different words of letters of one to four bytes, and of bytes that are no UTF-8."""
    words = {b"a", b"\xc3", b"\x80\x80", b"\xff\xfe", b"<", b">", b"<>", b"x" * 300, "中".encode() * 50}
    while len(words) < count:
        word = "".join(generator.choice(LETTERS) for _ in range(generator.randint(1, 12))).encode()
        if generator.random() < 0.1:
            at = generator.randint(0, len(word))
            word = word[:at] + bytes([generator.randint(128, 255)]) * generator.randint(1, 6) + word[at:]
        words.add(word)
    return generator.sample(sorted(words), count)


def write_model(path, name):
    version, kind, num_words, dim, bucket, minn, maxn, num_labels, has_end = MODELS[name]
    generator = random.Random(name)
    words = make_words(generator, num_words - has_end)
    words = [END_OF_SENTENCE] * has_end + words
    labels = [b"__label__%d" % label for label in range(num_labels)]
    numbers = np.random.RandomState(generator.randint(0, 1 << 30))
    matrix = numbers.standard_normal((num_words + bucket, dim)).astype("<f4")
    output = np.zeros((num_labels if kind == SUPERVISED else num_words, dim), "<f4")
    with open(path, "wb") as file:
        file.write(struct.pack("<2i", 793712314, version))
        file.write(struct.pack("<12id", dim, 5, 5, 1, 5, 1, 2, kind, bucket, minn, maxn, 100, 1e-4))
        file.write(struct.pack("<3i2q", len(words) + len(labels), len(words), len(labels), 100000, -1))
        for number, word in enumerate(words + labels):
            file.write(word + b"\0" + struct.pack("<qb", 1000 - number, number >= len(words)))
        for array in (matrix, output):
            file.write(struct.pack("<?2q", False, *array.shape) + array.tobytes())


class Model(object):
    """A model as it is read from its file, and the vectors of words as fastText's sources define them."""

    def __init__(self, path):
        with open(path, "rb") as file:
            self.content = file.read()
        self.at = 0
        _, version = self.unpack("<2i")
        self.dim, _, _, _, _, _, _, kind, self.bucket, self.minn, self.maxn, _, _ = self.unpack("<12id")
        if version == 11 and kind == SUPERVISED:
            self.maxn = 0
        entries, self.num_words, _, _, _ = self.unpack("<3i2q")
        self.ids = {}
        for number in range(entries):
            end = self.content.index(b"\0", self.at)
            word, self.at = self.content[self.at : end], end + 1
            self.unpack("<qb")
            if number < self.num_words:
                self.ids[word] = number
        _, rows, columns = self.unpack("<?2q")
        matrix = np.frombuffer(self.content, "<f4", rows * columns, self.at)
        self.matrix = matrix.reshape(rows, columns)

    def unpack(self, form):
        values = struct.unpack_from(form, self.content, self.at)
        self.at += struct.calcsize(form)
        return values

    def ngrams(self, word):
        """The rows of the n-grams of a word: character after character, as the bytes say."""
        word = b"<" + word + b">"
        chars = re.findall(b"[^\x80-\xbf][\x80-\xbf]*", word, re.DOTALL)
        assert b"".join(chars) == word
        for start in range(len(chars)):
            for width in range(1, self.maxn + 1):
                end = start + width
                if end > len(chars) or width < self.minn or (width == 1 and (start == 0 or end == len(chars))):
                    continue
                yield self.num_words + self.hash(b"".join(chars[start:end])) % self.bucket

    @staticmethod
    def hash(text):
        value = 2166136261
        for byte in bytearray(text):
            value ^= byte if byte < 128 else byte | 0xFFFFFF00
            value = value * 16777619 & 0xFFFFFFFF
        return value

    def vector(self, word):
        """The mean of the rows, added up in float32 as fastText does: of words with thousands of n-grams, other sums differ."""
        rows = [self.ids[word]] if word in self.ids else []
        if word != END_OF_SENTENCE:
            rows += self.ngrams(word)
        total = np.zeros(self.dim, np.float32)
        for row in rows:
            total += self.matrix[row]
        return total * np.float32(1 / len(rows)) if rows else total


def queries(model, name):
    """1,000 words, about half of them in the model."""
    generator = random.Random("queries of " + name)
    unknown = [b"", END_OF_SENTENCE, b"y" * 2000] + make_words(generator, WORDS)
    known = generator.sample(sorted(model.ids), min(len(model.ids), WORDS // 2))
    words = (known + [word for word in unknown if word not in known])[:WORDS]
    generator.shuffle(words)
    return words


def too_far(found, expected, what):
    if found.shape != expected.shape:
        yield "%s: the shape %s, expected %s" % (what, found.shape, expected.shape)
        return
    error = np.abs(found - expected)
    if error.size:
        print("%s: greatest difference %.2g of %.2g" % (what, error.max(), np.abs(expected).max()))
    if error.size and not error.max() <= TOLERANCE:
        yield "%s: differ by %g" % (what, error.max())


def differences(directory, name):
    import tensorflow.compat.v1 as tf
    import tensorflow_hub as hub

    model = Model(os.path.join(directory, name, "model.bin"))
    words = queries(model, name)
    expected = np.array([model.vector(word) for word in words])
    known = sum(word in model.ids for word in words)
    print("%s: %d words of which %d are known" % (name, len(words), known))
    with tf.Graph().as_default():
        module = hub.Module(os.path.join(directory, name, "module"))
        texts = tf.placeholder(tf.string, [None])
        vectors, means = module(texts), module(texts, signature="sentences")
        with tf.Session() as session:
            session.run([tf.global_variables_initializer(), tf.tables_initializer()])
            none = np.zeros((0, model.dim))
            for line in too_far(session.run(vectors, {texts: []}), none, "no words"):
                yield line
            for line in too_far(session.run(means, {texts: []}), none, "no sentences"):
                yield line
            for size in SIZES:
                parts = [words[start : start + size] for start in range(0, len(words), size)]
                found = np.concatenate([session.run(vectors, {texts: part}) for part in parts])
                for line in too_far(found, expected, "batches of %d" % size):
                    yield line
            plain = [word for word in words if re.match(b"[a-zA-Z]+$", word)][:40]
            sentences = [plain[:1], plain[1:4], [], plain[4:]]
            expected = [np.mean([model.vector(word) for word in sentence], axis=0, dtype=np.float64) for sentence in sentences if sentence]
            expected.insert(2, np.zeros(model.dim))
            found = session.run(means, {texts: [b" ".join(sentence) for sentence in sentences]})
            for line in too_far(found, np.array(expected), "sentences"):
                yield line


def write(directory):
    for name in sorted(MODELS):
        os.makedirs(os.path.join(directory, name))
        write_model(os.path.join(directory, name, "model.bin"), name)


def check(directory):
    from report import Report

    report = Report()
    for name in sorted(MODELS):
        report.check(name, differences, directory, name)
    return report.finish()


def main(arguments):
    command = {"write": write, "check": check}.get(arguments[0] if arguments else "")
    if command is None or len(arguments) != 2:
        sys.exit(__doc__)
    return command(os.path.abspath(arguments[1]))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
