"""Where the functions and methods of arrays take the array that they write their result into.

It has the name ``out``, and may be given without that name: ``np.add(a, b, a)``.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

__all__ = ["outputs"]

# Functions by how many arguments stand before the output.
_AFTER: dict[int, str] = {
    1: """
    abs absolute arccos arccosh arcsin arcsinh arctan arctanh bitwise_not cbrt ceil conj conjugate
    cos cosh deg2rad degrees exp exp2 expm1 fabs floor frexp invert isfinite isinf isnan log log10
    log1p log2 logical_not modf negative positive rad2deg radians reciprocal rint sign signbit sin
    sinh spacing sqrt square tan tanh trunc isposinf isneginf fix
    """,
    2: """
    add arctan2 bitwise_and bitwise_or bitwise_xor copysign divide divmod dot equal float_power
    floor_divide fmax fmin fmod gcd greater greater_equal heaviside hypot lcm ldexp left_shift less
    less_equal logaddexp logaddexp2 logical_and logical_or logical_xor matmul maximum minimum mod
    multiply nextafter not_equal outer power remainder right_shift subtract true_divide vecdot
    amax amin argmax argmin around choose concatenate hstack max median min nanargmax nanargmin
    nanmax nanmedian nanmin ptp round round_ stack vstack
    """,
    3: """
    accumulate all any clip compress cumprod cumsum mean nancumprod nancumsum nanmean nanpercentile
    nanprod nanquantile nanstd nansum nanvar percentile prod quantile reduce std sum take var
    """,
    4: "reduceat trace diagonal",
}
_PLACES = {word: place for place, words in _AFTER.items() for word in words.split()}
# Methods whose output does not stand one place before that of the function of that name.
_METHODS = {"random": 2, "standard_normal": 2, "standard_exponential": 3, "accumulate": 3}
_METHODS |= {"reduce": 3}


def outputs(function: str, call: ast.Call, *, is_method: bool) -> Iterator[ast.expr]:
    """Yield the positional arguments of a call that are written into.

    Parameters
    ----------
    function
        The name of a function of a package of arrays, or of a method of an array.
    call
        The call.
    is_method
        Whether the first array is the method's own.
    """
    if is_method:
        place = _METHODS.get(function) or _PLACES.get(function, 99) - 1
    else:
        place = _PLACES.get(function, 99)
    yield from call.args[place:]
