"""Users of SQL databases."""

from load.users.asker_user import AskerUser


class SqlUser(AskerUser):
    """Asks the settings' sql targets for what is probed: item by item and link by link, by queries and in bulk."""

    abstract = False
    backend = "sql"
