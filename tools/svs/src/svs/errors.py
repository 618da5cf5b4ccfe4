"""What the tool tells a person when something cannot be done. Its text is all that is shown."""


class SvsError(Exception):
    """Base of everything this tool raises. Its text is safe to show in a terminal."""


class CannotUse(SvsError):
    """The station's own files, or what was typed, cannot be used: nothing else of the command will work either."""


class NotOpened(SvsError):
    """One sealed file was not opened. Nothing of it has been written; other files of the command go on."""
