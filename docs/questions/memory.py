"""What processes hold, and what was left behind."""

from docs.question import Group, Question
from steadyline.operation import MEMORY_BUDGET_BYTES
from steadyline.vocabulary import (
    LEAKED_ARTEFACTS,
    PROCESS_CPU,
    PROCESS_FDS,
    PROCESS_PEAK,
    PROCESS_RESIDENT,
    PROCESS_THREADS,
    SWEPT_ARTEFACTS,
)

_BUDGET = f"{MEMORY_BUDGET_BYTES:g}".replace("e+0", "e")

QUESTIONS = (
    Question(
        "Which process leaks memory, and how fast?",
        f"sort_desc(3600 * deriv({PROCESS_RESIDENT.name}[1h]))",
        "Bytes per hour. A megabyte or two is noise. In the first hour after a start all grow, tens of megabytes: wait, or "
        "take the range after it. It is a gauge: `deriv`, never `rate`, which takes each fall for a restart.",
        Group.MEMORY,
    ),
    Question(
        "Who breaks the memory budget by tomorrow?",
        f"sort_desc(predict_linear({PROCESS_RESIDENT.name}[1h], 24 * 3600) / {_BUDGET})",
        "Resident memory in a day as a share of the budget, if the last hour goes on. Above 1: it would break it. Not before "
        "it has run for some hours: a warm-up drawn out over a day is absurd.",
        Group.MEMORY,
    ),
    Question(
        "How near is each process to its memory budget?",
        f"sort_desc({PROCESS_PEAK.name} / {_BUDGET})",
        "The peak as a share; 1 breaks it, 0.6 is usual for the exporter. Children are counted in, pages that they share "
        "twice.",
        Group.MEMORY,
    ),
    Question(
        "Was it a spike, or does it stay?",
        f"sort_desc({PROCESS_PEAK.name} / {PROCESS_RESIDENT.name})",
        "Near 1: what it took it still has. 2 and more: something large passed through once; look for a bulk at that time.",
        Group.MEMORY,
    ),
    Question(
        "Who leaks descriptors or threads?",
        f"sort_desc(delta({PROCESS_FDS.name}[1h]) + delta({PROCESS_THREADS.name}[1h]))",
        "How many more than an hour ago. Around 0 is good, but in the first hour after a start all rise. A steady growth is "
        "connections that nobody closes, and ends with `too many open files`. Ask for each alone with the other taken off.",
        Group.MEMORY,
    ),
    Question(
        "Did we leave something behind?",
        f"sort_desc(max by (backend, target) ({LEAKED_ARTEFACTS.name}))",
        "Artefacts of ours that should be gone, counted in the target from outside. 0 is good. Above for more than an hour: "
        "the janitor may not delete; see its log and the rights of the account.",
        Group.MEMORY,
    ),
    Question(
        "How much did crashes leave to sweep?",
        f"sum by (backend, target) (increase({SWEPT_ARTEFACTS.name}[1d]))",
        "0 is good. Else runs ended without cleaning up; the janitor did it. Often: see why they are killed.",
        Group.MEMORY,
    ),
    Question(
        "Who uses the processor?",
        f"sort_desc(rate({PROCESS_CPU.name}[5m]))",
        "Cores. A target near its number of cores is the bottleneck, whatever its latency says. A counter: `rate` over at "
        "least 4 scrapes.",
        Group.MEMORY,
    ),
)
