"""Copies the libraries of the page out of npm's folder, ready for a browser (`make vendor`).

Browsers find modules by address: bare names are rewritten, since an import map would be a script
inside the page, which its policy forbids. ``manifest.json`` says what each file is.
"""

import hashlib
import json
import re
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
NODE = HERE / "node_modules"
PLACE = HERE.parents[1] / "src/limner/server/page/static/vendor"

FILES = {
    "preact.js": ("preact", "dist/preact.mjs", "preact"),
    "hooks.js": ("preact", "hooks/dist/hooks.mjs", "preact/hooks"),
    "signals-core.js": ("@preact/signals-core", "dist/signals-core.mjs", "@preact/signals-core"),
    "signals.js": ("@preact/signals", "dist/signals.mjs", "@preact/signals"),
    "htm.js": ("htm", "dist/htm.mjs", "htm"),
}
"""What is taken: its name here, its package, its path there, and the bare name others import."""

_MAP = re.compile(r"\n?//# sourceMappingURL=.*\s*\Z")
_FROM = re.compile(r"""(\bfrom\s*|\bimport\s*)(["'])([^."'][^"']*)\2""")


def vendored(source: str) -> str:
    """A module as the page has it."""
    names = {bare: f"./{name}" for name, (_, _, bare) in FILES.items()}
    text = _FROM.sub(lambda found: f"{found[1]}{found[2]}{names[found[3]]}{found[2]}", source)
    return _MAP.sub("\n", text)


def types(bare: str, source: str) -> str:
    """What a checker of types takes for the module."""
    has_one = "export default" in source or " as default" in source
    again = f'export {{ default }} from "{bare}";\n' if has_one else ""
    return f'export * from "{bare}";\n{again}'


def main() -> int:
    """Copy everything, and list it."""
    if not NODE.is_dir():
        sys.stderr.write("first: npm ci --prefix tools/page\n")
        return 2
    listed: list[dict[str, Any]] = []
    licences: dict[str, str] = {}
    for name, (package, path, bare) in FILES.items():
        facts = json.loads((NODE / package / "package.json").read_text())
        source = (NODE / package / path).read_text()
        data = vendored(source).encode()
        (PLACE / name).write_bytes(data)
        (PLACE / name.replace(".js", ".d.ts")).write_text(types(bare, source))
        licences[package] = (NODE / package / "LICENSE").read_text().strip()
        listed.append(
            {
                "file": name,
                "package": package,
                "version": facts["version"],
                "licence": facts["license"],
                "from": path,
                "sha256": hashlib.sha256(data).hexdigest(),
            }
        )
    (PLACE / "manifest.json").write_text(json.dumps(listed, indent=2) + "\n")
    parts = [f"{package}\n\n{text}\n" for package, text in licences.items()]
    (PLACE / "LICENCES.txt").write_text(f"\n{'-' * 79}\n\n".join(parts))
    return 0


if __name__ == "__main__":
    sys.exit(main())
