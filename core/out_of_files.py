"""Whether this process, or its machine, can open no more files for now: a pause for everybody, and nobody's fault."""

import errno
import os

_ERRNOS = frozenset({errno.EMFILE, errno.ENFILE})


def out_of_files(error: BaseException | None) -> bool:
    """Whether an error, or one that it came from, says so; or it does not say, and it is so at this moment."""
    while error is not None:
        if isinstance(error, OSError) and error.errno in _ERRNOS:
            return True
        error = error.__cause__
    return _none_left()


def _none_left() -> bool:
    """SQLite and resolvers of names keep the reason to themselves."""
    try:
        os.close(os.open(os.devnull, os.O_RDONLY))
    except OSError as error:
        return error.errno in _ERRNOS
    return False
