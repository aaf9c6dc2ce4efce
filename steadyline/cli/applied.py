"""After the recorded baselines changed: rules made anew, Prometheus and the exporter told to read them."""

from alerts.regress.client_side import ExporterPage
from alerts.rules.generate import generate
from steadyline.errors import UnreachableError
from steadyline.prometheus import Prometheus
from steadyline.settings import Settings


def spread(settings: Settings) -> list[str]:
    """Make the rules of the recorded baselines as kept, and reload; answer a sentence for each that did not take them.

    The rules are whole by then: what does not answer now reads them at its next start.

    Raises:
        ConfigurationError: a baseline is of an operation that is not there, or the state folder cannot be written.
    """
    generate(settings, settings.state.generated)
    faults = []
    exporter = ExporterPage(settings.url_of("exporter"), asking=settings.asking())
    for reload in (Prometheus(settings.prometheus).reload, exporter.reload):
        try:
            reload()
        except UnreachableError as error:
            faults.append(f"{error}; it reads the new baselines at its next start")
    if settings.prometheus_url is not None:
        faults.append(f"load {settings.state.rules} into your Prometheus: it judges by the rules that it has")
    return faults
