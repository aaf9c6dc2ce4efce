"""Users of VAST DB."""

from load.users.asker_user import AskerUser


class VastUser(AskerUser):
    """Asks the settings' vast targets for what is probed: inserts, selects, tables and imports."""

    abstract = False
    backend = "vast"
