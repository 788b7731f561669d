"""Reads a spreadsheet in a process of its own that may take little memory and little time.

Run as a script by tables.py, which says why; it imports nothing of ours. Standard input is the file, its argument the
most columns; standard output is one JSON list of texts for each row, then one object that says how it ended.
"""

import json
import resource
import sys
from datetime import date, datetime, time, timedelta
from typing import Any

MOST_MEMORY = 1536 * 1024 * 1024  # of addresses
MOST_WRITTEN = 2 * 1024**3  # bytes
MOST_SECONDS = 240  # of the processor; a million rows take twenty


def limit() -> None:
    """Let the kernel end this process before it costs others something."""
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    resource.setrlimit(resource.RLIMIT_FSIZE, (MOST_WRITTEN, MOST_WRITTEN))
    resource.setrlimit(resource.RLIMIT_CPU, (MOST_SECONDS, MOST_SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def written(cell: Any) -> str:
    """A cell as text: days as ISO 8601, whole numbers without a point."""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, (datetime, date, time)):
        return cell.isoformat()
    return str(cell) if not isinstance(cell, timedelta) else ""


def read(file: Any, most_columns: int, out: Any) -> dict[str, str]:
    """Write the rows of the first sheet that has any; returns why there are none, if there are none."""
    import python_calamine  # noqa: PLC0415 - after the limits

    try:
        with python_calamine.CalamineWorkbook.from_filelike(file) as book:
            for at in range(len(book.sheet_names)):
                sheet = book.get_sheet_by_index(at)
                if not sheet.total_height:
                    continue
                if sheet.total_width > most_columns:
                    return {"refused": "wide"}
                for row in sheet.iter_rows():
                    out.write(json.dumps([written(cell) for cell in row]) + "\n")
                break
    except python_calamine.PasswordError:
        return {"refused": "encrypted"}
    except MemoryError:
        return {"refused": "spread"}
    except (python_calamine.CalamineError, OSError, ValueError):
        return {"refused": "damaged"}
    return {}


def main(arguments: list[str]) -> None:
    """What tables.py runs."""
    limit()
    ended = read(sys.stdin.buffer, int(arguments[0]), sys.stdout)
    sys.stdout.write(json.dumps(ended) + "\n")


if __name__ == "__main__":
    main(sys.argv[1:])
