"""The page that leads to PyTorch is true, line by line."""

import re
from pathlib import Path

import pytest

from solutions.hw2_patterns import solution as hw2
from solutions.hw3_softmax_loss import solution as hw3
from solutions.hw4_bptt import solution as hw4
from solutions.hw6_gated import solution as hw6

PAGE = Path(__file__).parents[1] / "docs" / "pytorch.md"


def test_the_students_functions_give_what_pytorch_gives_to_ten_digits():
    pytest.importorskip("torch", reason="the page compares with PyTorch: pip install torch")
    blocks = re.findall(r"```python\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    assert len(blocks) >= 6
    names = {
        "hidden_recurrence": hw2.hidden_recurrence,
        "sequence_loss": hw3.sequence_loss,
        "bptt": hw4.bptt,
        **{name: getattr(hw6, name) for name in ("lstm", "lstm_bptt")},
        **{name: getattr(hw6, name) for name in ("gru_step", "gru_step_backward")},
    }
    for block in blocks:
        exec(compile(block, str(PAGE), "exec"), names)
