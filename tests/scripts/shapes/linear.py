"""Linear algebra, Fourier transforms, fused recurrent cells, CTC and sets."""

import itertools

import tensorflow as tf

from shapes.elementwise import attempt

raw = tf.raw_ops


def place(shape, dtype=tf.float32):
    return tf.placeholder(dtype, shape)


def matrices():
    given = [place(shape) for shape in (None, [None, 3], [3, 3], [2, None, None], [None, 2, 4], [0, None])]
    squares = ["Cholesky", "MatrixInverse", "MatrixSquareRoot", "MatrixDeterminant", "LogMatrixDeterminant", "Lu"]
    for x in given:
        for op in squares:
            attempt(getattr(raw, op), input=x)
        for flag in [True, False]:
            attempt(raw.SelfAdjointEigV2, input=x, compute_v=flag)
            attempt(raw.Qr, input=x, full_matrices=flag)
            attempt(raw.Svd, input=x, full_matrices=flag)
        attempt(raw.Svd, input=x, compute_uv=False)
        attempt(raw.CholeskyGrad, l=x, grad=given[0])
    raw.MatrixLogarithm(input=place([None, 3], tf.complex64))
    for a, b in itertools.product(given, given):
        attempt(raw.MatrixSolve, matrix=a, rhs=b)
        attempt(raw.MatrixTriangularSolve, matrix=a, rhs=b)
        attempt(raw.MatrixSolveLs, matrix=a, rhs=b, l2_regularizer=tf.constant(0.1, tf.float64))
    for a, b in itertools.product([place(None), place([None, 3, 5]), place([3, None])], [place(None), place([5, 2]), place([2, None, 4])]):
        attempt(raw.TridiagonalSolve, diagonals=a, rhs=b)


def fourier():
    for rank in (1, 2, 3):
        suffix = ["", "2D", "3D"][rank - 1]
        for shape in [None, [None, 4, 6, 8], [5, 6, None]]:
            for op in ["FFT", "IFFT"]:
                attempt(getattr(raw, op + suffix), input=place(shape, tf.complex64))
            for length in [list(range(7, 7 + rank)), tf.zeros([rank], tf.int32), place([rank], tf.int32), place(None, tf.int32)]:
                attempt(getattr(raw, "RFFT" + suffix), input=place(shape), fft_length=length)
                attempt(getattr(raw, "IRFFT" + suffix), input=place(shape, tf.complex64), fft_length=length)


def cells():
    for x, state in itertools.product([place(None), place([None, 5])], [place(None), place([2, 3])]):
        any_ = place(None)
        how = dict(x=x, w_ru=place([None, 6]), w_c=any_, b_ru=any_, b_c=any_)
        raw.GRUBlockCell(h_prev=state, **how)
        raw.GRUBlockCellGrad(h_prev=state, r=any_, u=any_, c=any_, d_h=any_, **how)
        how = dict(x=x, cs_prev=state, h_prev=state, w=any_, wci=any_, wcf=any_, wco=any_, b=any_)
        raw.LSTMBlockCell(**how)
        parts = dict(i=any_, f=any_, o=any_, ci=any_, co=any_, cs=any_, cs_grad=any_, h_grad=any_)
        raw.LSTMBlockCellGrad(use_peephole=True, **dict(how, **parts))
    length = tf.constant(3, tf.int64)
    for x, b in itertools.product([place(None), place([4, None, 5])], [place(None), place([8])]):
        how = dict(x=x, cs_prev=state, h_prev=state, w=place([None, 8]), wci=any_, wcf=any_, wco=place([3]), b=b)
        raw.BlockLSTM(seq_len_max=length, **how)
        raw.BlockLSTMV2(seq_len_max=length, **how)
        raw.BlockLSTMGrad(seq_len_max=length, h=any_, use_peephole=False, **dict(how, **parts))
        raw.BlockLSTMGradV2(seq_len_max=length, h=any_, use_peephole=False, **dict(how, **parts))


def cudnn():
    for mode, direction in itertools.product(["lstm", "gru"], ["unidirectional", "bidirectional"]):
        kind = dict(rnn_mode=mode, direction=direction)
        how = dict(input=place([7, None, 5]), input_h=place([2, None, 3]), input_c=place([2, 4, 3]), params=place([None]))
        raw.CudnnRNN(**dict(kind, **how))
        raw.CudnnRNNV2(**dict(kind, **how))
        raw.CudnnRNNV3(sequence_lengths=place([None], tf.int32), **dict(kind, **how))
        rest = ["output", "output_h", "output_c", "output_backprop", "output_h_backprop", "output_c_backprop", "reserve_space"]
        how.update((name, place(None)) for name in rest)
        raw.CudnnRNNBackprop(**dict(kind, **how))
        how["host_reserved"] = place(None, tf.int8)
        raw.CudnnRNNBackpropV2(**dict(kind, **how))
        raw.CudnnRNNBackpropV3(sequence_lengths=place([None], tf.int32), **dict(kind, **how))
    sizes = dict(num_layers=1, num_units=3, input_size=5)
    raw.CudnnRNNParamsSize(T=tf.float32, S=tf.int32, **sizes)
    raw.CudnnRNNParamsToCanonical(params=place([None]), num_params=3, **sizes)
    raw.CudnnRNNParamsToCanonicalV2(params=place([None]), num_params_weights=3, num_params_biases=2, **sizes)
    parts = [place([None]), place([None])]
    raw.CudnnRNNCanonicalToParams(weights=parts, biases=parts, **sizes)
    raw.CudnnRNNCanonicalToParamsV2(weights=parts, biases=parts, **sizes)


def ctc_and_sets():
    for inputs, lens in itertools.product([place(None), place([7, None, 5])], [place(None, tf.int32), place([4], tf.int32)]):
        labels = dict(labels_indices=place(None, tf.int64), labels_values=place([None], tf.int32))
        raw.CTCLoss(inputs=inputs, sequence_length=lens, **labels)
        raw.CTCGreedyDecoder(inputs=inputs, sequence_length=lens)
        raw.CTCBeamSearchDecoder(inputs=inputs, sequence_length=lens, beam_width=4, top_paths=2)
    sets = [place(shape, tf.int32) for shape in (None, [None, 3], [2, None, 3])]
    shapes = [place(shape, tf.int64) for shape in (None, [None], [3])]
    how = dict(set_operation="union")
    indices, values = place(None, tf.int64), place(None, tf.int32)
    for a, b, shape in itertools.product(sets, sets, shapes):
        attempt(raw.DenseToDenseSetOperation, set1=a, set2=b, **how)
        second = dict(set2_indices=indices, set2_values=values, set2_shape=shape)
        attempt(raw.DenseToSparseSetOperation, set1=a, **dict(how, **second))
    for a, b in itertools.product(shapes, shapes):
        first = dict(set1_indices=indices, set1_values=values, set1_shape=a)
        attempt(raw.SparseToSparseSetOperation, **dict(how, set2_indices=indices, set2_values=values, set2_shape=b, **first))
        raw.SetSize(set_indices=indices, set_values=values, set_shape=a)


def build():
    matrices()
    fourier()
