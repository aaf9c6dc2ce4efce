"""The page on criteria: each of its examples is one."""

import re
from pathlib import Path

from steadyline.criterion import FORM, STATISTICS, parse

PAGE = (Path(__file__).parents[2] / "docs" / "criteria.md").read_text(encoding="utf-8")


def test_its_examples_are_read():
    """As they stand, between the fences."""
    examples = re.findall("```\n(.*?)```", PAGE, re.DOTALL)[0].splitlines()
    assert len(examples) == 5
    assert all(parse(example) for example in examples)


def test_it_tells_the_form_and_every_statistic():
    """None is missing."""
    assert FORM in PAGE
    assert all(f"`{name.rpartition(' ')[2]}`" in PAGE for name in STATISTICS)
