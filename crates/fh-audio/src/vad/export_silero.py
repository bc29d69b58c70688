#!/usr/bin/env python3
"""Writes the weights of Silero VAD's 16 kHz branch as the plain numbers that `network.rs` reads.

    pip install onnx numpy
    python3 export_silero.py silero_vad.onnx silero_v6_16k.f32

The ONNX file is the one inside the crate `silero` 0.7.0 (2,327,524 bytes, sha256
1a153a22f4509e292a94e67d6f9b85e8deb25b4988682b7e174c65279d8788e3).

Everything is little-endian f32. Matrices are written input by input, so that the weights that
one input value is multiplied with lie side by side. Left out: the 8 kHz branch; the Fourier basis
(it is the periodic Hann window times sine and cosine, to 8e-8); the kernel taps of the last two
convolutions that can only ever meet padding.
"""

import hashlib
import sys

import numpy as np
import onnx
from onnx import numpy_helper

SHA256 = "1a153a22f4509e292a94e67d6f9b85e8deb25b4988682b7e174c65279d8788e3"
BRANCH = "If_0_then_branch__Inline_0__"


def constants(graph, found):
    for node in graph.node:
        for attribute in node.attribute:
            if attribute.type == onnx.AttributeProto.TENSOR and node.op_type == "Constant":
                found[node.output[0]] = numpy_helper.to_array(attribute.t)
            if attribute.type == onnx.AttributeProto.GRAPH:
                constants(attribute.g, found)
    return found


def main(source, target):
    data = open(source, "rb").read()
    digest = hashlib.sha256(data).hexdigest()
    if digest != SHA256:
        sys.exit(f"expected sha256 {SHA256}, found {digest}")
    weights = constants(onnx.load_from_string(data).graph, {})
    take = lambda name: weights[BRANCH + name].astype("<f4")

    basis = take("stft.forward_basis_buffer")[:, 0]
    time = np.arange(256)
    angle = 2 * np.pi * np.arange(129)[:, None] * time / 256
    window = 0.5 - 0.5 * np.cos(2 * np.pi * time / 256)
    assert np.abs(basis[:129] - window * np.cos(angle)).max() < 1e-7
    assert np.abs(basis[129:] + window * np.sin(angle)).max() < 1e-7

    parts = []
    # (output, input, tap) becomes (tap, input, output).
    for layer, taps in enumerate([(0, 1, 2), (0, 1, 2), (1, 2), (1,)]):
        kernel = take(f"encoder.{layer}.reparam_conv.weight")[:, :, list(taps)]
        parts += [kernel.transpose(2, 1, 0), take(f"encoder.{layer}.reparam_conv.bias")]
    parts.append(take("decoder.rnn.weight_ih").T)
    parts.append(take("decoder.rnn.weight_hh").T)
    parts.append(take("decoder.rnn.bias_ih") + take("decoder.rnn.bias_hh"))
    parts += [take("decoder.decoder.2.weight"), take("decoder.decoder.2.bias")]
    with open(target, "wb") as file:
        for part in parts:
            file.write(np.ascontiguousarray(part, "<f4").tobytes())


if __name__ == "__main__":
    main(*sys.argv[1:])
