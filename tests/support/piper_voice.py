"""A Piper voice that is a kilobyte: a tone, 1,000 samples for each number it is fed."""

from __future__ import annotations

import base64
import json
from pathlib import Path

# Made once with the package onnx: Range(0, 1000 * n), times 0.1, Sin, times 0.3, as [1, 1, 1, m].
_MODEL = """
CAg62QMKFQoFaW5wdXQSBXNoYXBlIgVTaGFwZQokCgVzaGFwZQoDb25lEgFuIgZHYXRoZXIqCwoEYXhpcxgAoAECChUKAW4K
BGVhY2gSBWNvdW50IgNNdWwKHgoEemVybwoFY291bnQKBHN0ZXASAmF0IgVSYW5nZQoaCgJhdBIDYXRmIgRDYXN0KgkKAnRv
GAGgAQIKGAoDYXRmCgVwaXRjaBIFcGhhc2UiA011bAoSCgVwaGFzZRIEd2F2ZSIDU2luChcKBHdhdmUKBGxvdWQSBHRvbmUi
A011bAodCgR0b25lCgRmb3JtEgZvdXRwdXQiB1Jlc2hhcGUSBHRvbmUqChAHOgEBQgNvbmUqDBAHOgLoB0IEZWFjaCoLEAc6
AQBCBHplcm8qCxAHOgEBQgRzdGVwKg8QASIEzczMPUIFcGl0Y2gqDhABIgSamZk+QgRsb3VkKhkIBBAHOg0BAQH/////////
//8BQgRmb3JtWhgKBWlucHV0Eg8KDQgHEgkKAggBCgMSAW5aGwoNaW5wdXRfbGVuZ3RocxIKCggIBxIECgIIAVoUCgZzY2Fs
ZXMSCgoICAESBAoCCANiHgoGb3V0cHV0EhQKEggBEg4KAggBCgIIAQoCCAEKAEIECgAQDQ==
"""
_SIGNS = "_^$ !,.?abcdefghijklmnopqrstuvwxyz"
_CONFIG = {
    "audio": {"sample_rate": 22_050},
    "phoneme_type": "text",
    "inference": {"noise_scale": 0.5, "length_scale": 1.0, "noise_w": 0.7},
    "phoneme_id_map": {sign: [number] for number, sign in enumerate(_SIGNS)},
    "num_speakers": 1,
    "language": {"code": "en_US"},
}


def write_piper_voice(folder: Path) -> Path:
    """A voice of two files; the one to be named."""
    path = folder / "tone.onnx"
    path.write_bytes(base64.b64decode(_MODEL))
    path.with_name("tone.onnx.json").write_text(json.dumps(_CONFIG))
    return path
