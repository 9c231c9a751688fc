"""What is known of packages without asking: names on the index, drivers, extras."""

from __future__ import annotations

import re
from collections.abc import Mapping

__all__ = [
    "DEFAULT_DRIVER",
    "DEFAULT_DRIVERS",
    "DRIVER",
    "DRIVERS",
    "EXTRAS",
    "KNOWN",
    "MODULES",
    "ON_CALL",
]

#: What a library imports only when one of its functions is called: function → distribution.
ON_CALL: Mapping[str, Mapping[str, str]] = {
    "polars": {"read_excel": "fastexcel", "read_database": "sqlalchemy", "to_pandas": "pyarrow"},
    "pandas": {
        "ExcelWriter": "openpyxl",
        "read_hdf": "tables",
        "to_hdf": "tables",
        "to_feather": "pyarrow",
        "read_orc": "pyarrow",
        "to_xml": "lxml",
        "read_sql_query": "sqlalchemy",
        "read_sql_table": "sqlalchemy",
        "read_spss": "pyreadstat",
        "to_xarray": "xarray",
        "plot": "matplotlib",
        "read_excel": "openpyxl",
        "to_excel": "openpyxl",
        "read_parquet": "pyarrow",
        "to_parquet": "pyarrow",
        "read_feather": "pyarrow",
        "read_html": "lxml",
        "read_xml": "lxml",
        "read_sql": "sqlalchemy",
        "to_sql": "sqlalchemy",
        "style": "jinja2",
        "to_markdown": "tabulate",
    },
}

#: ``postgresql+asyncpg://``: SQLAlchemy imports the driver that a URL names.
DRIVER = re.compile(r"\A[a-z0-9]+\+([a-z0-9_]+)://")
DRIVERS = frozenset(
    {"aiomysql", "aioodbc", "aiosqlite", "asyncmy", "asyncpg", "oracledb", "pg8000", "psycopg",
     "psycopg2", "pymssql", "pymysql", "pyodbc", "MySQLdb", "cx_Oracle"}
)  # fmt: skip

#: ``postgresql://``: the driver that SQLAlchemy takes where a URL names none.
DEFAULT_DRIVER = re.compile(r"\A(postgresql|mysql|mariadb|oracle|mssql)://")
MODULES = {"mysqldb": "MySQLdb", "psycopg_async": "psycopg", "psycopg2cffi": "psycopg2"}
DEFAULT_DRIVERS = {
    "postgresql": "psycopg2",
    "mysql": "MySQLdb",
    "mariadb": "MySQLdb",
    "oracle": "cx_Oracle",
    "mssql": "pyodbc",
}

#: Names that work only with an extra of their distribution: module → (distribution, extra).
EXTRAS: Mapping[str, tuple[str, str]] = {
    "pydantic.EmailStr": ("pydantic", "email"),
    "pydantic.NameEmail": ("pydantic", "email"),
    "pydantic.networks.EmailStr": ("pydantic", "email"),
    "sqlalchemy.ext.asyncio": ("sqlalchemy", "asyncio"),
}

#: Where a module that is not installed here comes from, when its distribution has another name.
KNOWN: Mapping[str, str] = {
    "attr": "attrs",
    "bs4": "beautifulsoup4",
    "Crypto": "pycryptodome",
    "cv2": "opencv-python-headless",
    "dateutil": "python-dateutil",
    "discord": "discord.py",
    "docx": "python-docx",
    "dotenv": "python-dotenv",
    "email_validator": "email-validator",
    "faiss": "faiss-cpu",
    "fitz": "PyMuPDF",
    "flask_cors": "Flask-Cors",
    "github": "PyGithub",
    "git": "GitPython",
    "google.cloud.bigquery": "google-cloud-bigquery",
    "google.cloud.firestore": "google-cloud-firestore",
    "google.cloud.storage": "google-cloud-storage",
    "google.generativeai": "google-generativeai",
    "google.oauth2": "google-auth",
    "google.protobuf": "protobuf",
    "googleapiclient": "google-api-python-client",
    "jose": "python-jose",
    "jwt": "PyJWT",
    "kafka": "kafka-python",
    "ldap": "python-ldap",
    "magic": "python-magic",
    "markdown": "Markdown",
    "mpl_toolkits": "matplotlib",
    "MySQLdb": "mysqlclient",
    "nacl": "PyNaCl",
    "OpenSSL": "pyOpenSSL",
    "PIL": "pillow",
    "pkg_resources": "setuptools",
    "pptx": "python-pptx",
    "psycopg2": "psycopg2-binary",
    "pylab": "matplotlib",
    "pymysql": "PyMySQL",
    "pywt": "PyWavelets",
    "serial": "pyserial",
    "skimage": "scikit-image",
    "sklearn": "scikit-learn",
    "slugify": "python-slugify",
    "socks": "PySocks",
    "speech_recognition": "SpeechRecognition",
    "talib": "TA-Lib",
    "telegram": "python-telegram-bot",
    "telebot": "pyTelegramBotAPI",
    "umap": "umap-learn",
    "usb": "pyusb",
    "win32com": "pywin32",
    "yaml": "PyYAML",
    "zmq": "pyzmq",
}
