"""Small data that the formulas can be written out for with dense matrices."""

import numpy as np
import pytest
from scipy.sparse import csr_matrix


@pytest.fixture
def some_people() -> csr_matrix:
    """25 people x 9 items, 1 to 8 plays; nobody has nothing and nothing is nobody's."""
    rng = np.random.default_rng(6)
    has = rng.random((25, 9)) < 0.35
    has[np.arange(25), np.arange(25) % 9] = True
    return csr_matrix(has * rng.integers(1, 9, has.shape), dtype=np.float32)
