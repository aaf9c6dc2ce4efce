"""Load runs: what they reached, what stopped them, and whether they can be believed."""

from dashboards.queries import select
from dashboards.runs import FAILED
from docs.question import LOAD, NO_FLOWS, PROBE, STEADY, Group, Question, of_run
from load.knee import FAILING, PAYS
from load.saturation import FULL_CPU_RATIO, LATE_SECONDS
from steadyline.load_vocabulary import (
    LOAD_CRITERION_LIMIT,
    LOAD_CRITERION_VALUE,
    LOAD_DROPPED,
    LOAD_OVERFLOW,
    LOAD_REPORTS_LOST,
    LOAD_RESPONSE,
    LOAD_SATURATED,
    LOAD_TARGET_USERS,
    LOAD_USERS,
    LOAD_WORKER_CPU,
    LOAD_WORKER_LAG,
    LOAD_WORKER_RESIDENT,
)
from steadyline.vocabulary import OPERATION_DURATION, OPERATION_FAILURES, RATIO_FAST, RUN_INFO, RUN_START

_SUCCESSES = f"rate({select(OPERATION_DURATION, LOAD, NO_FLOWS, suffix='_count')}[30s])"
_USERS = f"sum by (instance) ({LOAD_USERS.name})"
_PER_USER = f"sum by (instance) ({_SUCCESSES}) / {_USERS} and {STEADY}"
_BUCKETS = of_run(OPERATION_DURATION, "_bucket", "operation, run, le")
_RESPONSES = of_run(LOAD_RESPONSE, "_sum"), of_run(LOAD_RESPONSE, "_count")
_SERVICES = of_run(OPERATION_DURATION, "_sum"), of_run(OPERATION_DURATION, "_count")
_FAILED = of_run(OPERATION_FAILURES, "", matchers=(FAILED,))
_PROBED = select(RATIO_FAST, PROBE)

QUESTIONS = (
    Question(
        "Which load runs were there?",
        f"last_over_time({select(RUN_INFO, LOAD)}[1d])",
        "One series a run, with its shape, profile and revision as labels; `run` is what the questions below group by. A "
        "run's series end with it: a plain instant query shows only what runs now, `last_over_time` what ran.",
        Group.LOAD,
    ),
    Question(
        "How long ago did each begin?",
        f"sort((time() - last_over_time({select(RUN_START, LOAD)}[1d])) / 60)",
        "Minutes, the latest first. Use it for the ranges of the other questions: they have to hold the whole run.",
        Group.LOAD,
    ),
    Question(
        "What did load runs reach at most?",
        f"max_over_time(sum by (instance) ({_SUCCESSES})[1h:15s])",
        "Successes per second in the best half minute of the last hour. Flows are left out, because their steps are counted "
        "too. A range under 20 s has fewer than 4 scrapes, and its peaks are noise.",
        Group.LOAD,
    ),
    Question(
        "How far is it from the knee?",
        f"last_over_time(({_PER_USER})[1h:15s])\n  / max_over_time(({_PER_USER})[1h:15s])",
        "Throughput per user, against the best the run had. Near 1: more users still bring as much more. Towards "
        f"{PAYS:g}: the knee; more users only wait longer. Users with think time stay at 1 until answers take as long as "
        "they think. Only for the closed model with several levels (`--shape step`, `breakpoint`); under `--arrival-rate` "
        "look at the drops.",
        Group.LOAD,
    ),
    Question(
        "How far is each criterion from its limit?",
        f"sort_desc(last_over_time({LOAD_CRITERION_VALUE.name}[1h])\n  / "
        f"(last_over_time({LOAD_CRITERION_LIMIT.name}[1h]) > 0))",
        "For what must stay below: 1 is at the limit, 0.2 leaves room for five times as much. For a lowest rate it must be "
        "above 1. A limit of 0 has no ratio. Runs without `--expect` have none.",
        Group.LOAD,
    ),
    Question(
        "Is it the target or the generator?",
        f"max by (instance, worker) (max_over_time({LOAD_SATURATED.name}[1h]))",
        "0: the target. 1: a worker could not keep up, and the latencies are its own: use `--processes`, or more machines, "
        "and measure again.",
        Group.LOAD,
    ),
    Question(
        "How near was the generator to its own limit?",
        f"max by (instance, worker) (max_over_time({LOAD_WORKER_CPU.name}[1h])) / {FULL_CPU_RATIO:g}",
        "1 is the limit of one core. Above 0.7 add workers before you add users. Do not read the mean over workers: one that "
        "is full delays its own requests, however idle the others are.",
        Group.LOAD,
    ),
    Question(
        "Did workers wake too late?",
        f"max by (instance, worker) (max_over_time({LOAD_WORKER_LAG.name}[1h]))",
        f"Seconds by which the latest greenlet was late; it is in every latency measured then. Milliseconds are good, "
        f"from {LATE_SECONDS:g} on it counts as saturated. "
        "High with little processor: blocking code in a user, or a neighbour on the machine.",
        Group.LOAD,
    ),
    Question(
        "Did response time part from service time (coordinated omission)?",
        f"sort_desc(({_RESPONSES[0]}\n  / {_RESPONSES[1]})\n  / ({_SERVICES[0]}\n  / {_SERVICES[1]}))",
        "The mean from the intended start over the mean of the request alone, by run. 1 to 1.3: it kept up (starts of few "
        "milliseconds' requests give more). Several: starts waited for free users, and the service time alone would hide it. "
        "Open-model runs have both (`--arrival-rate`), and in any run what `SqlUser`, `S3User` and `VastUser` ask: there it "
        "is the time in line for a connection.",
        Group.LOAD,
    ),
    Question(
        "Were starts dropped?",
        f"sum by (reason) (max_over_time({LOAD_DROPPED.name}[1h]))",
        "0 is good. `no_free_user`: the target is too slow for this rate with these users; more `--users` help only while it "
        "still keeps up. Of an open-model run only.",
        Group.LOAD,
    ),
    Question(
        "Were all users there?",
        f"min_over_time(({_USERS} / (max by (instance) ({LOAD_TARGET_USERS.name}) > 0) and {STEADY})[1h:15s])",
        "1 is good: in the steady phase there were as many as wanted. Less: users are spawned too slowly, or a worker was "
        "lost.",
        Group.LOAD,
    ),
    Question(
        "How do two runs compare, by their means?",
        f"{_SERVICES[0]}\n  / {_SERVICES[1]}",
        "One number for each operation and run: the exact mean of all its successes, wherever the runs began. Compare the "
        "same operation over `run`; with different users or shapes you compare loads, not systems. Counters begin at 0 with "
        "each run, so `increase` over two would mix them.",
        Group.LOAD,
    ),
    Question(
        "And by their 95th percentiles?",
        f"histogram_quantile(0.95, {_BUCKETS})",
        "The same for the tail. Buckets are summed before the quantile is taken: a mean of percentiles is no percentile. It "
        "is exact at an edge and interpolated between two: differences under a third between edges of the ladder say little.",
        Group.LOAD,
    ),
    Question(
        "Which share of a run's requests failed?",
        f"{_FAILED}\n  / ({_FAILED} + {_SERVICES[1]})",
        f"0 is good. Over {FAILING:g} a step no longer counts as carried. What was under way at the end is not in it. "
        "Latencies of a run with failures are those of what was left.",
        Group.LOAD,
    ),
    Question(
        "Are all of a run's counts there?",
        f"max_over_time({LOAD_REPORTS_LOST.name}[1h]) + max_over_time({LOAD_OVERFLOW.name}[1h])",
        "0 is good. Else reports of workers were lost (the run ends with 3), or requests had too many different names: give "
        "them `name=`.",
        Group.LOAD,
    ),
    Question(
        "Did load runs slow down the probes?",
        f"sort_desc(max_over_time({_PROBED}[1h]) / quantile_over_time(0.5, {_PROBED}[1h]))",
        "The worst run of the hour against its usual one. Under 1.5 others hardly noticed. High for one backend: it has no "
        "room beside such a load. High for all: generator and system share a machine.",
        Group.LOAD,
    ),
    Question(
        "Does the generator itself leak?",
        f"max by (instance, worker) (max_over_time({LOAD_WORKER_RESIDENT.name}[1h])\n"
        f"  - min_over_time({LOAD_WORKER_RESIDENT.name}[1h]))",
        "Bytes by which a worker grew. Tens of megabytes come with its users; what rises on in a long soak is kept by a "
        "user's code.",
        Group.LOAD,
    ),
)
