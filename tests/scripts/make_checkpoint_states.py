"""Writes tests/fixtures/states with TensorFlow: files `checkpoint`, whose content src/checkpoint/state.rs repeats.

Run with TensorFlow 1.15 from anywhere: python tests/scripts/make_checkpoint_states.py
"""
import os
import shutil
import tempfile

import tensorflow as tf
from google.protobuf import text_format

OUT = os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'fixtures', 'states')


def save(name, latest, **options):
    """What `update_checkpoint_state` writes; an absolute directory keeps the paths as they are."""
    directory = tempfile.mkdtemp()
    tf.train.update_checkpoint_state(directory, latest, **options)
    shutil.copy(os.path.join(directory, 'checkpoint'), os.path.join(OUT, name))
    shutil.rmtree(directory)


def main():
    os.makedirs(OUT, exist_ok=True)
    save('first', 'model.ckpt-0')
    save('several', 'model.ckpt-30', all_model_checkpoint_paths=['model.ckpt-%d' % step for step in (10, 20, 30)])
    save('odd', '/d/quo"te\'s\\new\nline\ttab\rreturn\x01\x7f', all_model_checkpoint_paths=[u'/d/\xe4\u20ac\U0001f600', ' ', '*?[x]'])
    save('timestamps', 'm-3', all_model_checkpoint_paths=['m-2', 'm-3'],
         all_model_checkpoint_timestamps=[1600000000.25, 1e300], last_preserved_timestamp=0.1)
    state = tf.train.generate_checkpoint_state_proto('/d', 'm-3', ['m-2'], [1e-7, float('inf')], 1e22)
    with open(os.path.join(OUT, 'one_line'), 'w') as file:
        file.write(text_format.MessageToString(state, as_one_line=True, use_short_repeated_primitives=True))


if __name__ == '__main__':
    main()
