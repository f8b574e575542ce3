"""What SVG shapes people are put together from."""


def shape(path: str, fill: str, more: str = "") -> str:
    """A filled path."""
    return f'<path fill="{fill}" d="{path}"{more}/>'


def line(path: str, colour: str, width: float, more: str = "") -> str:
    """A stroke with round ends."""
    return (
        f'<path fill="none" stroke="{colour}" stroke-width="{width:g}" stroke-linecap="round"'
        f' stroke-linejoin="round" d="{path}"{more}/>'
    )


def oval(x: float, y: float, rx: float, ry: float, fill: str, more: str = "") -> str:
    """A filled ellipse."""
    return f'<ellipse cx="{x:g}" cy="{y:g}" rx="{rx:g}" ry="{ry:g}" fill="{fill}"{more}/>'


def shade(path: str, share: float = 0.13) -> str:
    """A shadow over what is there."""
    return f'<path fill="#201430" fill-opacity="{share:g}" d="{path}"/>'
