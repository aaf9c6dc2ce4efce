"""The runbook as the receiver shows it."""

import re

from alerts.receiver import runbook
from steadyline.vocabulary import AlertName


def test_every_alert_has_a_heading_that_its_link_leads_to() -> None:
    """The fragment of an alert's link is an id on the page, once."""
    ids = re.findall(r'<h2 id="([^"]+)">', runbook.page())
    names = [value.lower() for name, value in vars(AlertName).items() if name.isupper()]
    assert sorted(ids) == sorted({*ids})
    assert set(names) <= set(ids)
    assert "<table>" in runbook.page()
