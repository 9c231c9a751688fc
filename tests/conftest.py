"""Property tests draw the same examples in every run; ``make explore`` draws others each time."""

from hypothesis import settings

settings.register_profile("same", derandomize=True)
settings.register_profile("explore", print_blob=True)
settings.load_profile("same")
