"""The data are what their descriptions say, and every call gives a copy of its own."""

import doctest
import re
from importlib.resources import files

import numpy as np
import pytest

from autograder import datasets

LOADERS = (datasets.sunspots, datasets.digits, datasets.words)


def parts(data):
    return data if isinstance(data, tuple) else (data,)


def test_sunspots_are_309_years_of_counts_that_rise_and_fall_in_eleven_years():
    years, counts = datasets.sunspots()
    np.testing.assert_array_equal(years, np.arange(1700, 2009))
    assert years.dtype == counts.dtype == np.float64
    assert counts.shape == (309,)
    assert counts.min() == 0
    assert counts.max() == 190.2  # 1957, the largest of the series
    assert years[counts.argmax()] == 1957
    power = np.abs(np.fft.rfft(counts - counts.mean()))
    assert 10 < 309 / power.argmax() < 12


def test_digits_are_images_from_0_to_1_with_a_label_each():
    images, labels = datasets.digits()
    assert images.shape == (1797, 8, 8)
    assert images.dtype == np.float64
    assert labels.shape == (1797,)
    assert labels.dtype.kind == "i"
    assert (images.min(), images.max()) == (0.0, 1.0)
    np.testing.assert_array_equal(images * 16, np.round(images * 16))
    counts = [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]
    np.testing.assert_array_equal(np.bincount(labels), counts)


def test_the_rows_of_a_digit_are_read_from_the_top():
    images, labels = datasets.digits()
    seven = images[labels == 7].mean(axis=0)  # its bar is on top, its foot is narrow
    assert seven[0].sum() > 1.5 * seven[7].sum()


def test_words_are_common_and_have_three_to_ten_letters():
    words = datasets.words()
    assert len(words) == 3711
    assert words == sorted(set(words))
    assert all(re.fullmatch("[a-z]{3,10}", word) for word in words)
    assert {"about", "water", "thinking", "write"} <= set(words)


@pytest.mark.parametrize("load", LOADERS)
def test_every_call_gives_data_of_its_own(load):
    before, spoiled = load(), load()
    for part in parts(spoiled):
        part[0] = part[-1]
    for old, bad, new in zip(*map(parts, (before, spoiled, load())), strict=True):
        assert not np.array_equal(old, bad)
        assert np.array_equal(old, new)


@pytest.mark.parametrize("load", LOADERS)
def test_the_documentation_names_source_and_licence(load):
    assert "Source: " in load.__doc__
    assert "Licence: " in load.__doc__
    readme = files(datasets).joinpath("README.md").read_text(encoding="utf8")
    assert f"`{load.__name__}()`" in readme


def test_the_examples_in_the_documentation_hold():
    results = doctest.testmod(datasets)
    assert results.attempted == 5
    assert results.failed == 0


def test_the_files_are_small_and_all_accounted_for():
    folder = files(datasets)
    data = [file for file in folder.iterdir() if file.name.endswith((".csv", ".gz", ".txt"))]
    assert sum(len(file.read_bytes()) for file in data) < 250_000
    readme = folder.joinpath("README.md").read_text(encoding="utf8")
    assert [file.name for file in data if f"`{file.name}`" not in readme] == []


def test_the_notice_of_the_word_list_goes_along():
    notice = files(datasets).joinpath("words.license.txt").read_text(encoding="utf8")
    assert "Copyright 2000-2011 by Kevin Atkinson" in notice
