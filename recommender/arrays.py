"""Array types shared by all packages."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Ints = NDArray[np.int32]
Mask = NDArray[np.bool_]


Doubles = NDArray[np.float64]
Rows = NDArray[np.intp]


Ids = NDArray[np.int64]
