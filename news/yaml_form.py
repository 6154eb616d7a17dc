"""Reading a YAML file of data as a form, with the entry that is wrong named in the error."""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from news.errors import DataFileError

_Form = TypeVar("_Form", bound=BaseModel)


def read_form(path: Path, form: type[_Form]) -> _Form:
    """The file as this form; raises DataFileError that names the file and the entry."""
    try:
        return form.model_validate(yaml.safe_load(path.read_text("utf-8")))
    except OSError as error:
        raise DataFileError(f"{path}: cannot be read ({error.strerror})") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise DataFileError(f"{path}: is no YAML in UTF-8 ({error})") from error
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"]) or "the whole"
        raise DataFileError(f"{path}: {place}: {first['msg']}; see the file's head") from error
