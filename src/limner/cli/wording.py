"""Numbers of things, in words."""


def counted(number: int, name: str) -> str:
    """A number of things.

    Examples:
        >>> counted(1, "picture"), counted(2, "picture")
        ('1 picture', '2 pictures')
    """
    return f"{number} {name}{'' if number == 1 else 's'}"
