"""Public notebooks: for a function of theirs, the export is right or refused, never wrong.

``python -m tests.public`` takes notebooks from source distributions (``fetch``), runs each with all
its cells (``child``), slices it for each of its functions and imports what comes out, and compares
all that the function reaches in the two (``facts``, ``verdicts``).
"""
