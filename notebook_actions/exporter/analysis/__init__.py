"""The slice: which of a notebook's own statements an app needs, found without running any.

From cells (``notebook``, ``headings``, ``history``, ``magics``) to statements with their names
(``statements``, ``names``, ``bound``, ``scopes``, ``strings``), to what each changes (``symbols``,
``classes``, ``expressions``, ``callables``, ``sharing``, ``marks``, ``calls``, ``operations``,
``effects``, ``vocabulary``), to what the roots need (``roots``, ``needs``, ``repeats``, ``slice``),
to the text of a module (``source``, ``startup``, ``layout``), without its secrets
(``secret_forms``, ``secret_uses``, ``secret_literals``), with the files that it needs (``modules``,
``run_files``, ``paths``, ``data_files``), and with everything that is to be told on the way
(``problems``, ``findings``).
"""
