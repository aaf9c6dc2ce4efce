"""The tables of a SQL target: made where they are missing."""


def test_check_makes_the_tables(system):
    """Checking a target that may be written to makes the tables that are missing; another check changes nothing."""
    system.execute("DROP TABLE links", "DROP TABLE items", "DROP TABLE projects")
    system.client().check()
    assert system.artefacts() == system.nothing
    before = system.writes_seen()
    system.client().check()
    assert system.writes_seen() == before
