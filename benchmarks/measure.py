"""One case in a process of its own: ``python -m benchmarks.measure benchmarks.decode:ours FILE``.

Prints JSON: ``seconds`` by the clock and ``processor`` seconds of all threads, both of the call alone (starting Python
and importing are not in them), ``peak`` (bytes of memory at the highest, None where the system does not tell),
``result`` (what the call returned).
"""

from __future__ import annotations

import importlib
import json
import sys
import time
from pathlib import Path
from typing import Any


def measure(case: str, path: Path) -> dict[str, Any]:
    """Call ``module:function`` with the path, or with what ``module:prepare`` makes of it, which is not measured."""
    name, function = case.split(":")
    module = importlib.import_module(name)
    call = getattr(module, function)
    given = module.prepare(path) if hasattr(module, "prepare") else path
    begun, worked = time.perf_counter(), time.process_time()
    result = call(given)
    seconds, processor = time.perf_counter() - begun, time.process_time() - worked
    return {"seconds": seconds, "processor": processor, "peak": peak_memory(), "result": result}


def peak_memory() -> int | None:
    """The most memory that this process has held, in bytes."""
    try:
        import resource  # which Windows lacks
    except ImportError:
        return None
    highest = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return highest if sys.platform == "darwin" else highest * 1024


if __name__ == "__main__":
    print(json.dumps(measure(sys.argv[1], Path(sys.argv[2]))))
