"""Users of S3 stores."""

from load.users.asker_user import AskerUser


class S3User(AskerUser):
    """Asks the settings' s3 targets for what is probed: segments up and down, ranges, heads and lists."""

    abstract = False
    backend = "s3"
