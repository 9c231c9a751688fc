"""What well-known names do to their objects: the words that the analysis of changes knows.

Only names that say it by themselves stand here. What the notebook defines itself is analysed
instead, and what is unknown is taken to change its object when its value is thrown away.
"""

from __future__ import annotations

import ast
import re
import sys

__all__ = [
    "belongs_to_process",
    "changes_file",
    "changes_first",
    "changes_path",
    "changes_receiver",
    "draws",
    "gives_kept",
    "is_constant",
    "is_fresh_call",
    "is_fresh_method",
    "is_noise",
    "is_number",
    "is_of_process",
    "is_picture_method",
    "is_plain_call",
    "is_standard",
    "is_table",
    "learns",
    "links",
    "makes_table",
    "may_keep_functions",
    "only_shows",
    "patches",
    "records",
    "registers",
    "sets_in_argument",
    "sets_module",
    "styles",
    "takes_over",
    "varies",
    "writes_to_arguments",
]


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


# Methods that change their object, whether or not their value is used.
_CHANGES = _words(
    """
    add append appendleft clear difference_update discard extend extendleft insert
    intersection_update move_to_end pop popitem popleft push put put_nowait remove reverse rotate
    setdefault sort subtract symmetric_difference_update update __setitem__ __delitem__ __setattr__
    get_nowait register set setLevel addHandler
    """
)
# The same for what is put together step by step: x = solver.add_variable("x").
_GROWS = re.compile(r"(?:add|append|create|insert|push|register|remove)(?:_[a-z]|[A-Z])\w*")
# What learns or solves changes by that, and the tables it is given do not: h = model.fit(x, y).
_LEARNS = re.compile(
    r"(?:partial_|re)?fit(?:_[a-z]\w*)?|train|train_on_batch|learn|load_state_dict|load_weights|"
    r"solve(?:_[a-z]\w*)?|optimi[sz]e|run|simulate"
)
# Tables and arrays answer with a new object, but for these.
_TABLE_CHANGES = _words(
    """
    insert pop update fill sort resize put itemset setflags partition setfield __setitem__
    replace_column insert_column extend append register
    """
)
_FILE_CHANGES = _words("read readline readlines seek truncate write writelines writerow writerows")
_FILES = frozenset({"io", "csv", "gzip", "tempfile", "zipfile"})
_QUEUES = frozenset({"queue", "asyncio", "multiprocessing", "threading", "janus"})
_TABLES = frozenset({"numpy", "pandas", "polars", "pyarrow", "xarray", "geopandas"})

# Functions that change their first argument: heapq.heapify(H), random.Random(1).shuffle(D).
CHANGES_FIRST = _words(
    """
    __delattr__ __delitem__ __setattr__ __setitem__
    delattr fill_diagonal copyto heapify heappop heappush heappushpop heapreplace insort
    insort_left insort_right next place put_along_axis putmask setattr setitem delitem shuffle
    update_wrapper reload iadd iand ior ixor imul isub iconcat readinto readinto1
    """
)
# What gives an object that any use moves on: an iterator, a file, a source of random numbers.
MOVES = _words(
    """
    iter map filter zip enumerate reversed open default_rng Random RandomState SystemRandom count
    cycle chain islice reader DictReader create_task ensure_future Mock MagicMock AsyncMock
    create_autospec SeedSequence
    """
)
_LINKS = frozenset({"link", "dlink", "directional_link", "jslink", "jsdlink"})
# What gives another value in each run.
_VARIES = _words(
    """
    now today utcnow time time_ns perf_counter monotonic process_time localtime gmtime random
    randint randrange choice choices sample uniform gauss shuffle normal rand randn integers
    permutation default_rng uuid1 uuid4 token_hex token_bytes token_urlsafe urandom getpid id
    mkdtemp mkstemp gettempdir TemporaryDirectory NamedTemporaryFile
    """
)
FRESH_BUILTINS = _words(
    """
    abs all any ascii bin bool chr complex dir float format hash hex id input int isinstance
    issubclass len oct open ord pow print range repr round str sum bytes callable type display
    """
)
_FRESH_METHODS = _words(
    """
    capitalize casefold count decode encode endswith exists format hex index isdigit isoformat
    join lower lstrip mean read read_bytes read_text replace rsplit rstrip split splitlines
    startswith std strftime strip sum timestamp title upper write write_text zfill
    """
)
# Of these, what gives numbers, text and the like, which nobody changes in place.
_PLAIN_BUILTINS = FRESH_BUILTINS - _words("abs dir open pow round sum type")
_PLAIN_METHODS = _words(
    """
    capitalize casefold decode encode endswith exists format hex isdigit isoformat join lower lstrip
    read_bytes read_text rstrip startswith strftime strip timestamp title upper zfill
    """
)
_PLAIN_MODULES = _words("datetime math secrets statistics string time uuid")
_FRESH_MODULES = _words(
    "datetime hashlib json locale math os re secrets statistics string textwrap time uuid"
)
# Whatever these do, they do it to look at something.
_NOISE = _words(
    """
    IPython altair bokeh holoviews hvplot ipywidgets matplotlib notebook_actions plotly pprint
    pylab rich seaborn tabulate tqdm warnings timeit unittest pytest doctest
    """
)
PLOTS = frozenset({"matplotlib", "pylab", "seaborn", "plotly", "bokeh", "altair"})
WIDGETS = frozenset({"ipywidgets"})

# Methods that only a picture's parts have, or that make one of a table.
_PICTURE = _words(
    """
    annotate arrow axhline axhspan axis axline axvline axvspan bar bar_label barh boxplot clabel
    colorbar contour contourf errorbar fill fill_between fill_betweenx grid hexbin hist hist2d
    hlines imshow invert_xaxis invert_yaxis legend loglog margins pcolor pcolormesh pie plot
    plot_surface plot_wireframe quiver scatter semilogx semilogy set_aspect set_title set_xlabel
    set_xlim set_xscale set_xticklabels set_xticks set_ylabel set_ylim set_yscale set_yticklabels
    set_yticks set_zlabel set_zlim stackplot stairs stem step streamplot suptitle text tick_params
    tight_layout twinx twiny violinplot vlines
    """
)

# Bases whose subclasses are only classes.
PLAIN_BASES = _words(
    """
    object Exception ValueError KeyError RuntimeError TypeError LookupError ABC Enum IntEnum StrEnum
    Protocol Generic TypedDict NamedTuple BaseModel Thread TestCase dict list str int tuple
    """
)

# Special methods whose calls the syntax tells, and those that are there to change their object.
SPECIAL_BY_SYNTAX = _words(
    """
    __init__ __new__ __post_init__ __init_subclass__ __set_name__ __class_getitem__ __call__
    __enter__ __exit__ __aenter__ __aexit__ __get__ __set__ __delete__ __prepare__ __setstate__
    """
)
SPECIAL_CHANGES = _words(
    """
    __setattr__ __delattr__ __setitem__ __delitem__ __next__ __anext__ __iadd__ __isub__ __imul__
    __itruediv__ __ifloordiv__ __imod__ __ipow__ __iand__ __ior__ __ixor__ __ilshift__ __irshift__
    """
)

_SHOWS = re.compile(
    r"_?(?:plot|hist|boxplot|show|print|display|describe|info|head|tail|sample|summary|items|keys|"
    r"values|copy|count|mean|sum|min|max|std|unique|nunique|value_counts|isna|isnull|corr|"
    r"get|is|has|to|debug|warning|warn|error|exception|critical|log|fetchall|fetchone|fetchmany|"
    r"predict|score|sleep|index|find|startswith|endswith|lower|upper|split|strip|join|format|"
    r"all|first|assert\w*|\w+_plot)(?:_\w+)?\Z"
)
# What writes into an argument: json.dump(x, file), df.to_sql("t", engine).
_WRITES = re.compile(r"(?:(?:dump|save|write|copyfileobj|to)(?:_\w+|fig)?|\w+_into)\Z")
# What stands for something outside, or keeps order inside, and is made anew by every process.
_OF_PROCESS = re.compile(
    r"create_(?:async_)?(?:engine|pool)|(?:\w+_)?connect|from_url|(?:Strict)?Redis|"
    r"\w*(?:Client|Connection|Pool|Executor|Scheduler|Engine|Semaphore|Cluster|SMTP|SMTP_SSL)|"
    r"(?:Async)?Session|R?Lock|Condition|Barrier|(?:\w*)Producer|\w*Consumer|Database"
)
_CLOSES = re.compile(r"show|save\w*|close|pause|draw|ion|ioff|switch_backend")
_REGISTERS = re.compile(
    r"set\w+|\w*[cC]onfig|field_size_limit|(?:register|add|set|configure|config|init|initialize|setup|install|patch|enable|disable|use|"
    r"load|apply|connect|bind|append|insert|update|mkdir|makedirs)(?:[_A-Z]\w*)?\Z"
)

# What changes a file: the functions of modules, and the methods of paths.
_FILE_FUNCTIONS = re.compile(
    r"shutil\.(?:copy\w*|move|rmtree|unpack_archive|make_archive)|"
    r"os\.(?:remove|rename|replace|unlink|rmdir|removedirs|renames|symlink|link|truncate|mkdir|makedirs)"
)
_PATH_METHODS = _words(
    "write_text write_bytes touch unlink mkdir rmdir symlink_to hardlink_to extractall"
)
# Settings of a module, whether or not the earlier ones are taken: old = np.seterr(all="raise").
_SETS_MODULE = re.compile(
    r"umask|signal|stack_size|field_size_limit|set(?:err\w*|locale|context|bufsize)|set_(?:\w+_)?(?:options?|printoptions)"
)
# What gives an object that its module keeps: decimal.getcontext().
_KEEPS = re.compile(
    r"getcontext|get_?[lL]ogger|get_(?:config\w*|settings|options|instance)|"
    r"get_(?:current|default|global)\w*|current_\w+"
)
# What shows an object, and sets its size, style or loop for that.
_TAKES_OVER = re.compile(r"panel\.(?:chat|pane)\.(?:\w+\.)*[A-Z]\w*")

# What a module keeps of what it is given, whether or not the value of the call is used.
_RECORDS = re.compile(r"copyreg\.\w+|[\w.]+\.register(?:_\w+)?")
# What puts something else into an object, or into a module that a text names, once it is started.
_PATCHES = re.compile(r"(?:unittest\.)?mock\.patch(?:\.\w+)?")

# What code depends on that does not name it.
_PROCESS = re.compile(
    r"os\.(?:environ|putenv|umask|f?chdir)\b|sys\.(?:set\w+|modules|meta_path|path_hooks)\b|socket\.setdefaulttimeout|"
    r"encodings\.|codecs\.register|copyreg\.|locale\.setlocale|signal\.signal|time\.tzset|"
    r"dotenv\.load_dotenv|faulthandler\."
)


def belongs_to_process(function: str) -> bool:
    """Tell whether a function or class makes what each process has to have for itself."""
    return _OF_PROCESS.fullmatch(function) is not None


def changes_receiver(method: str, origin: str | None) -> bool:
    """Tell whether a method of this name changes its object.

    Parameters
    ----------
    method
        The method's name.
    origin
        The package that the object comes from, or None where it is not known.
    """
    if method == "get":  # a queue's, not a dict's
        return origin in _QUEUES
    if method in _FILE_CHANGES:
        return origin in _FILES
    if origin in _TABLES:
        return method in _TABLE_CHANGES
    return method in _CHANGES or bool(_GROWS.fullmatch(method))


def changes_first(function: str, origin: str | None) -> bool:
    """Tell whether a function or method changes its first argument.

    Parameters
    ----------
    function
        Its name.
    origin
        The package that it comes from, or None where it is not known.
    """
    if origin == "xml":
        return function in {"SubElement", "indent"}
    return function in CHANGES_FIRST or (origin in _TABLES and function in {"at", "put"})


def learns(method: str) -> bool:
    """Tell whether a method of this name makes its object learn, or find its own values."""
    return bool(_LEARNS.fullmatch(method))


def only_shows(method: str, origin: str | None) -> bool:
    """Tell whether a call whose value is thrown away was made to look at something."""
    if method == "join" and origin in _QUEUES:  # a thread's, not a string's
        return False
    return origin in _TABLES or bool(_SHOWS.match(method))


#: Where a translation is made: what is set in there, every form needs.
TEXTS = "notebook_actions.messages."

#: What tries forms and pages, and changes none of them.
TESTS = "notebook_actions.testing."


def writes_to_arguments(function: str) -> bool:
    """Tell whether a function of this name writes into one of its arguments."""
    return bool(_WRITES.match(function))


def sets_in_argument(function: str) -> bool:
    """Tell whether a module's function, by its name, sets something in its first argument."""
    return function.startswith("assign_")


def takes_over(name: str) -> bool:
    """Tell whether what is made by calling this full name sets up what it is given to show."""
    return bool(_TAKES_OVER.fullmatch(name))


def records(name: str) -> bool:
    """Tell whether the function of a module, by its full name, keeps what it is given."""
    return bool(_RECORDS.fullmatch(name))


def links(function: str, package: str) -> bool:
    """Tell whether a function makes traits of two objects follow each other."""
    return function in _LINKS and package in {"traitlets", "ipywidgets"}


def patches(name: str) -> bool:
    """Tell whether what is called by this full name puts something else into its target."""
    return bool(_PATCHES.fullmatch(name))


def may_keep_functions(origin: str | None) -> bool:
    """Tell whether objects of a package may keep a function that one of their methods is given."""
    known = origin is None or is_standard(origin) or is_table(origin) or is_noise(origin)
    return not known and origin != "notebook_actions"


def draws(function: str, origin: str | None) -> bool:
    """Tell whether a call draws on a figure, and is not there to show or close it."""
    return origin in PLOTS and not _CLOSES.fullmatch(function)


def styles(function: str, origin: str | None) -> bool:
    """Tell whether a call sets how everything is drawn after it: ``plt.style.use(...)``."""
    return origin in PLOTS and (function == "rc" or registers(function))


def is_picture_method(method: str) -> bool:
    """Tell whether a method of this name draws on its object, if that is part of a picture."""
    return method in _PICTURE


def is_noise(origin: str | None) -> bool:
    """Tell whether a package is there for showing, plotting and testing."""
    return origin in _NOISE


def is_of_process(name: str) -> bool:
    """Tell whether setting or calling this sets something of the whole process.

    Parameters
    ----------
    name
        The full name, such as ``os.environ`` or ``sys.setrecursionlimit``.
    """
    return bool(_PROCESS.match(name))


def is_table(origin: str | None) -> bool:
    """Tell whether a package's functions answer with new tables and arrays."""
    return origin in _TABLES


def makes_table(function: str, module: str) -> bool:
    """Tell whether a call makes a table, by the function's name: ``pd.DataFrame(rows)``."""
    return module in _TABLES and function[:1].isupper()


def varies(node: ast.AST) -> bool:
    """Tell whether a statement calls something that gives another value in each run."""
    return any(
        (isinstance(part, ast.Attribute) and part.attr in _VARIES)
        or (isinstance(part, ast.Name) and part.id in _VARIES)
        for part in ast.walk(node)
    )


def is_number(module: str | None) -> bool:
    """Tell whether a module's constants, such as ``np.pi``, are numbers."""
    return module in {"cmath", "math", "numpy", "scipy"}


def is_constant(module: str | None, attribute: str) -> bool:
    """Tell whether a module's attribute never changes: ``np.pi``, ``np.uint8``, ``np.sin``."""
    return module in {"cmath", "math", "numpy"} and attribute != "random"


def registers(function: str) -> bool:
    """Tell whether a module's function, by its name, sets the module up for later."""
    return bool(_REGISTERS.match(function))


def changes_file(name: str) -> bool:
    """Tell whether a module's function, by its full name, changes the files it is given."""
    return _FILE_FUNCTIONS.fullmatch(name) is not None


def changes_path(method: str) -> bool:
    """Tell whether a method of a path changes the file there."""
    return method in _PATH_METHODS


def sets_module(function: str) -> bool:
    """Tell whether a module's function sets the module up, also where its value is used."""
    return _SETS_MODULE.fullmatch(function) is not None


def gives_kept(function: str) -> bool:
    """Tell whether a module's function gives an object that the module itself uses."""
    return _KEEPS.fullmatch(function) is not None


def is_fresh_method(method: str) -> bool:
    """Tell whether a method's value shares nothing with its object."""
    return method in _FRESH_METHODS


def is_fresh_call(module: str, function: str) -> bool:
    """Tell whether a module's function gives values that share nothing with its arguments."""
    return module in _FRESH_MODULES or function == "deepcopy"


def is_plain_call(module: str | None, function: str, *, builtin: bool = False) -> bool:
    """Tell whether a call gives a number, a text and the like.

    Parameters
    ----------
    module
        The module that the function belongs to, or None for a method or builtin.
    function
        Its name.
    builtin
        Whether it is a builtin.
    """
    if module is not None:
        return module in _PLAIN_MODULES or function in {"dumps", "getenv", "sub"}
    return function in (_PLAIN_BUILTINS if builtin else _PLAIN_METHODS)


def is_standard(module: str) -> bool:
    """Tell whether a module is part of Python itself."""
    return module.partition(".")[0] in sys.stdlib_module_names
