"""What to do about a target over HTTP that does not answer as it should, by the reason; one sentence each."""

from collections.abc import Mapping
from types import MappingProxyType

from steadyline.outcome import Reason

CURES: Mapping[Reason, str] = MappingProxyType(
    {
        Reason.DNS: "the host's name is not known; mend the URL",
        Reason.CONNECT: "nothing answers there; start it or mend the URL",
        Reason.TLS: "TLS fails; check the certificate, or whether it speaks https at all",
        Reason.TIMEOUT: "no answer in time; is it up and reachable?",
        Reason.THROTTLED: "it refuses so many requests; ask its owner for more, or try later",
        Reason.SERVER_ERROR: "it fails; look into its log",
        Reason.INTEGRITY: "its answer breaks off; look into its log, and at what is between, such as a proxy",
        Reason.CONFLICT: "somebody else holds what is asked for; try again",
        Reason.POOL_EXHAUSTED: "all connections allowed to this target are taken; raise its concurrency",
        Reason.CANCELLED: "the client was closed",
    }
)
