"""Data that ships with the course: small, real, and free to use and to pass on.

Where each set comes from, under which licence, and what was kept of it, is in ``README.md``.
"""

from __future__ import annotations

import gzip
import io
from importlib.resources import files

import numpy as np

__all__ = ["digits", "sunspots", "words"]


def sunspots() -> tuple[np.ndarray, np.ndarray]:
    """Return the yearly mean sunspot numbers from 1700 to 2008.

    Source: Solar Influences Data Analysis Center (SIDC), Royal Observatory of Belgium, by way of
    the US National Geophysical Data Center and statsmodels. Licence: public domain.

    Returns
    -------
    years : ndarray, shape (309,)
        Calendar years, as floats.
    counts : ndarray, shape (309,)
        Mean sunspot number of the year, which counts groups and single spots; no unit.

    Examples
    --------
    >>> years, counts = sunspots()
    >>> years[-1], counts[-1]
    (np.float64(2008.0), np.float64(2.9))
    """
    table = _table(_read("sunspots.csv"), skiprows=1)
    return table[:, 0].copy(), table[:, 1].copy()


def digits() -> tuple[np.ndarray, np.ndarray]:
    """Return handwritten digits; the rows of an image from the top are a sequence, T=8 and D=8.

    Source: E. Alpaydin and C. Kaynak, Optical Recognition of Handwritten Digits (test part), UCI
    Machine Learning Repository, 1998, by way of scikit-learn. Licence: CC BY 4.0; the values are
    scaled here.

    Returns
    -------
    images : ndarray, shape (1797, 8, 8)
        Share of inked pixels in each cell, from 0 to 1: image, row, column.
    labels : ndarray of int, shape (1797,)
        The digits, 0 to 9.

    Examples
    --------
    >>> images, labels = digits()
    >>> print(labels[0], images[0, 1] * 16, sep=": ")
    0: [ 0.  0. 13. 15. 10. 15.  5.  0.]
    """
    table = _table(gzip.decompress(_read("digits.csv.gz")))
    return table[:, :64].reshape(-1, 8, 8) / 16, table[:, 64].astype(int)


def words() -> list[str]:
    """Return 3,711 common English words of three to ten letters a to z, in alphabetical order.

    Source: SCOWL, the Spell Checker Oriented Word Lists, by Kevin Atkinson, as Debian's wamerican
    has them. Licence: free to use, change and pass on with its notice, ``words.license.txt``.

    Returns
    -------
    list of str

    Examples
    --------
    >>> words()[:4]
    ['abilities', 'ability', 'able', 'about']
    """
    return _read("words.txt").decode("ascii").split()


def _read(name: str) -> bytes:
    return files(__name__).joinpath(name).read_bytes()


def _table(text: bytes, skiprows: int = 0) -> np.ndarray:
    return np.loadtxt(io.BytesIO(text), delimiter=",", skiprows=skiprows)
