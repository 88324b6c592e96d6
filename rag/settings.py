"""Settings: where things are and how large they may be, from keywords, `RAG_*` variables and rag.toml, in this order.

Knows nothing about what is done with them. A name that does not exist and a value out of range are errors, wherever
they stand.
"""

import os
from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from types import UnionType
from typing import Any, Union, get_args, get_origin

import platformdirs
from pydantic import Field, SecretStr, ValidationError, ValidationInfo, field_validator
from pydantic.fields import FieldInfo
from pydantic_settings import (
    BaseSettings,
    InitSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
    TomlConfigSettingsSource,
)

from rag.errors import UsageError

PREFIX = "RAG_"
FILE = "rag.toml"
FILE_VARIABLE = "RAG_CONFIG"
_NAME_OR_PATH = {"embedder", "llm", "reranker", "nli"}
_LIKE = 60
"""A name is suggested from this likeness on, of 100."""


class Settings(BaseSettings):
    """Where things are, which models are used, and the sizes that may be changed.

    Keywords win over `RAG_*` variables, these over rag.toml: the file that `config` names, else the variable
    RAG_CONFIG (empty: none), else the one in the current folder. Raises `UsageError`, in one line.
    """

    model_config = SettingsConfigDict(env_prefix=PREFIX, extra="forbid", frozen=True, use_attribute_docstrings=True)

    index_dir: Path = Path("index")
    """Folder of the index."""
    prompts_dir: Path | None = None
    """Folder of prompt templates; empty: the ones that come with the package."""
    models_dir: Path = Field(default_factory=lambda: platformdirs.user_cache_path("rag", appauthor=False) / "models")
    """Folder of the models."""
    embedder: str = "all-minilm-l6-v2"
    """Name in the registry, path of a sentence-transformers folder, or address of a model server, as for `llm`."""
    llm: str = "qwen2.5-coder-1.5b-instruct"
    """Name in the registry, path of a GGUF file, or address of a model server: http://host:port/v1#model."""
    llm_api_key: SecretStr | None = Field(default=None, min_length=1)
    """What the model server of `llm` wants to be shown."""
    llm_parallel: int = Field(default=4, ge=1, le=1000)
    """How many answers a model server writes at once; a model in this process writes one."""
    embedder_api_key: SecretStr | None = Field(default=None, min_length=1)
    """What the model server of `embedder` wants to be shown."""
    embedder_tokens: int = Field(default=256, ge=32, le=100_000)
    """How many tokens an embedder behind a server reads; other embedders say so themselves."""
    remote_timeout_s: float = Field(default=120, gt=0, le=3600)
    """So long a model server may say nothing."""

    reranker: str | None = None
    """Path of a cross-encoder's folder that orders the best passages anew; empty: none."""
    nli: str | None = None
    """Path of a cross-encoder's folder that judges whether a sentence follows from what it cites; empty: none."""
    extractive: bool = False
    """Answer with a sentence of the articles, word for word; no language model is needed."""
    today: date | None = None
    """The day that "last week" is counted from; empty: today's."""

    passage_tokens: int = Field(default=120, ge=16, le=4096)
    """Aim for the size of a passage, in the embedder's tokens; paragraphs are kept whole where they fit."""
    passages: int = Field(default=6, ge=1, le=50)
    """How many passages a question is answered from."""
    evidence_tokens: int = Field(default=200, ge=30, le=8000)
    """How much of those passages the language model reads at most, in the embedder's tokens."""
    evidence_enough: float = Field(default=0.9, gt=0, le=1)
    """It reads no more once the answer is among what it read with this probability."""
    answer_tokens: int = Field(default=300, ge=16, le=4000)
    """The longest draft, in the language model's tokens."""
    context_tokens: int = Field(default=4096, ge=512, le=131_072)
    """The language model's window: prompt and draft together."""
    threads: int = Field(default=0, ge=0, le=1024)
    """Threads for the language model; 0: one for each core."""
    queue: int = Field(default=64, ge=1, le=100_000)
    """How many questions may wait for the language model; one client may take a quarter of it."""
    question_chars: int = Field(default=10_000, ge=1, le=1_000_000)
    """The longest question taken, in characters."""
    file_bytes: int = Field(default=100_000_000, ge=1)
    """Files larger than this are skipped, and said so."""
    article_chars: int = Field(default=2_000_000, ge=1, le=100_000_000)
    """Articles longer than this are skipped: about 400 pages."""
    file_articles: int = Field(default=500_000, ge=1)
    """How many articles are read of one file: records, rows, messages, members of an archive."""
    member_bytes: int = Field(default=100_000_000, ge=1)
    """The largest file read in an archive, unpacked."""
    archive_bytes: int = Field(default=500_000_000, ge=1)
    """How much is unpacked of one file, archives within it included."""
    archive_members: int = Field(default=100_000, ge=1)
    """How many files are read in an archive, with those of archives within it."""
    archive_depth: int = Field(default=3, ge=0, le=20)
    """How deep archives within archives and attachments are read; 0: none is."""
    pdf_pages: int = Field(default=2_000, ge=1)
    """PDF files of more pages are skipped."""
    reader_seconds: float = Field(default=60, gt=0)
    """How long a file, or a member of an archive, may take to be read where its parser may hang."""
    reader_bytes: int = Field(default=2_000_000_000, ge=500_000_000)
    """How much memory the process that parses may take."""

    server_token: SecretStr | None = Field(default=None, min_length=1)
    """What callers of the server must show; empty: nothing, which is allowed on this machine only."""
    server_body_bytes: int = Field(default=1_000_000, ge=1000)
    """The largest request the server reads."""
    server_per_minute: int = Field(default=300, ge=0)
    """How many requests of one address the server answers a minute; 0: any number."""
    server_hosts: tuple[str, ...] = ()
    """Names by which the server may be called besides those of this machine; none: any, where others reach it."""
    server_origins: tuple[str, ...] = ()
    """Other sites whose pages may use the server, as https://example.org."""

    def __init__(self, **values: Any) -> None:
        config = values.get("config")
        try:
            super().__init__(**values)
        except ValidationError as error:
            raise UsageError(self._explained(error, values, config_file(config))) from error
        except SettingsError as error:  # a variable that should hold JSON
            raise UsageError(str(error)) from error

    @field_validator("*", mode="before")
    @classmethod
    def _empty_is_none(cls, value: Any, info: ValidationInfo) -> Any:
        field = cls.model_fields[str(info.field_name)]
        may_be_empty = field.default is None and not secret(field)  # an empty secret is one that went missing
        return None if value == "" and may_be_empty else value

    @property
    def day(self) -> date:
        """The day that "last week" is counted from."""
        return self.today or date.today()

    @classmethod
    def load(cls, *, config: Path | None = None, **values: Any) -> "Settings":
        """Return the settings as `Settings(...)` does; None among `values` means not given."""
        return cls(config=config, **{name: value for name, value in values.items() if value is not None})

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - the signature of pydantic-settings
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Order the sources, the first wins; a variable of an unknown name is an error."""
        assert isinstance(init_settings, InitSettingsSource)  # noqa: S101 - it holds `config`, which is no setting
        file = config_file(init_settings.init_kwargs.pop("config", None))
        check_variables(os.environ, settings_cls.model_fields)
        return init_settings, env_settings, _File(settings_cls, file)

    @classmethod
    def _explained(cls, error: ValidationError, values: Mapping[str, Any], file: Path | None) -> str:
        """Return in one line what is wrong with the first value, and where it stands."""
        first = error.errors()[0]
        name = str(first["loc"][0])
        if name not in cls.model_fields:
            return f"no setting is called {name!r}{near(name, cls.model_fields)}"
        place = source(name, values, cls._in_file(file), file)
        value = "" if secret(cls.model_fields[name]) else f", got {first['input']!r}"
        return f"setting {name!r} must be {allowed(cls.model_fields[name])}{value}; correct it in {place}"

    @classmethod
    def _in_file(cls, file: Path | None) -> set[str]:
        return set(_File(cls, file).toml_data)

    @classmethod
    def sources(cls, *, config: Path | None = None, **values: Any) -> dict[str, str]:
        """Return for each setting where `load` with the same arguments takes it from: see `source`."""
        file = config_file(config)
        given = {name: value for name, value in values.items() if value is not None}
        written = cls._in_file(file)
        return {name: source(name, given, written, file) for name in cls.model_fields}


class _File(TomlConfigSettingsSource):
    """rag.toml, its names checked; what is relative in it is so to the folder it is in."""

    def __init__(self, settings_cls: type[BaseSettings], file: Path | None) -> None:
        self._folder = file.parent if file else Path()
        super().__init__(settings_cls, file)
        for name in self.toml_data:
            field = settings_cls.model_fields.get(name)
            if field is None:
                raise UsageError(f"{file}: no setting is called {name!r}{near(name, settings_cls.model_fields)}")
            if secret(field):
                raise UsageError(f"{file}: {name!r} is a secret and is kept in no file; set {PREFIX}{name.upper()}")

    def _read_file(self, file_path: Any) -> dict[str, Any]:
        try:
            read = super()._read_file(file_path)
        except (OSError, ValueError) as error:
            said = error.strerror if isinstance(error, OSError) else error
            raise UsageError(
                f"{file_path} cannot be read as TOML: {said}; one to begin with: rag config init"
            ) from error
        return {name: self._placed(name, value) for name, value in read.items()}

    def _placed(self, name: str, value: Any) -> Any:
        if not isinstance(value, str) or not value:
            return value
        is_path = name in _NAME_OR_PATH and "://" not in value and ("/" in value or value.endswith(".gguf"))
        if name.endswith("_dir") or is_path:
            return str(self._folder / Path(value).expanduser())
        return value


def config_file(given: Path | None = None) -> Path | None:
    """Return the rag.toml to read: the one given, that of RAG_CONFIG, or the current folder's; None: there is none."""
    named = given or os.environ.get(FILE_VARIABLE)
    if named is None:
        return Path(FILE) if Path(FILE).is_file() else None
    if not str(named):
        return None
    if not Path(named).is_file():
        place = "--config" if given else FILE_VARIABLE
        raise UsageError(f"{place} names {str(named)!r}, which is no file; write one: rag config init")
    return Path(named)


def check_variables(environment: Iterable[str], names: Iterable[str]) -> None:
    """Raise `UsageError` for a `RAG_*` variable that names no setting."""
    known = {FILE_VARIABLE, *(PREFIX + name.upper() for name in names)}
    for variable in sorted(environment):
        if variable.upper().startswith(PREFIX) and variable.upper() not in known:
            raise UsageError(f"the variable {variable} names no setting{near(variable.upper(), known, prefix=PREFIX)}")


def source(name: str, given: Iterable[str], written: Iterable[str], file: Path | None) -> str:
    """Return where a setting's value comes from: "the option", a variable's name, a file's, or "default"."""
    if name in given:
        return "the option"
    variable = PREFIX + name.upper()
    if variable in {known.upper() for known in os.environ}:
        return variable
    return str(file) if file and name in written else "default"


def near(
    name: str,
    known: Iterable[str],
    *,
    prefix: str = "",
    whole: bool = False,
    otherwise: str = "; see all: rag config",
) -> str:
    """Return the names that may have been meant, as the end of a sentence; `otherwise` where none is like it.

    `prefix` is what all of them begin with, and says nothing. With `whole`, a part of a name is not like it.
    """
    from rapidfuzz import fuzz, process

    bare = [other.removeprefix(prefix) for other in known]
    found = process.extract(
        name.removeprefix(prefix), bare, scorer=fuzz.ratio if whole else fuzz.WRatio, limit=2, score_cutoff=_LIKE
    )
    likely = [prefix + other for other, _, _ in found]
    return f"; did you mean {' or '.join(likely)}?" if likely else otherwise


def secret(field: FieldInfo) -> bool:
    """Tell whether a setting's value may neither stand in a file nor be shown."""
    return SecretStr in _kinds(field)


def allowed(field: FieldInfo) -> str:
    """Return in words which values a setting takes."""
    kinds = _kinds(field)
    if bool in kinds:
        return "true or false"
    if date in kinds:
        return "a day, as 2023-04-11"
    low, high = (next((getattr(m, end) for m in field.metadata if hasattr(m, end)), None) for end in ("ge", "le"))
    if float in kinds:
        return "a number above 0" + (f", {high:,} at most" if high is not None else "")
    if get_origin(field.annotation) is tuple:
        return 'a list of texts, as ["one", "two"]'
    if int in kinds:
        bounds = f"from {low:,} to {high:,}" if high is not None else f"of at least {low:,}"
        return f"a whole number {bounds}"
    return "a path" if Path in kinds else "a text, not empty" if SecretStr in kinds else "a text"


def _kinds(field: FieldInfo) -> tuple[Any, ...]:
    kind = field.annotation
    return get_args(kind) if get_origin(kind) in {Union, UnionType} else (kind,)


def revealed(value: SecretStr | None) -> str | None:
    """Return what a secret setting holds."""
    return value.get_secret_value() if value else None
