"""Part 2: the same recipes built twice, and once with kills in between, give the same bytes."""

import time
from functools import partial

from gpu_parts import CheckFailed, Checks, Options, Row, build_digits, compare, finish, start

KILLS = 3


def checks(options: Options) -> Checks:
    """Yield the builds; each is compared with the first."""
    yield "built once", partial(_first, options)
    yield "built again by another process", partial(_again, options)
    yield "killed and resumed", partial(_killed, options)


def _first(options: Options) -> Row:
    build_digits(options, "first")
    return {"equal files": None}


def _again(options: Options) -> Row:
    finish(start(build_digits, options, "again"))
    return compare(options.store("first"), options.store("again"))


def _killed(options: Options) -> Row:
    """Kill the build as soon as a training has a checkpoint, each time another one, then let it end."""
    store, killed = options.store("killed"), set[str]()
    while True:
        process = start(build_digits, options, "killed", SUITE_CHECKPOINT_SECONDS="0")
        while process.is_alive() and len(killed) < (1 if options.tiny else KILLS):
            saved = {path.relative_to(store.root).parts[1] for path in store.root.glob("tmp/*/scratch/**/checkpoint.*")}
            if saved - killed:
                killed |= saved
                process.kill()
                process.join()
            time.sleep(0.001)
        process.join()
        if process.exitcode != -9:
            finish(process)
            break
    if not killed:
        raise CheckFailed("the build ended before it could be killed")
    return {"kills": len(killed), **compare(options.store("first"), store)}
