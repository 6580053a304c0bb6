"""Holds an extension's folder to what vsce and VS Code are known to ask of one: vscode-rules.py FOLDER. Prints what is
wrong, a line each. vsce itself is on npm alone; this knows its rules for names, versions, files and the README, not all
of them."""
import json
import os
import re
import sys

folder = sys.argv[1]


def there(path):
    return os.path.isfile(os.path.join(folder, path))


def read(path):
    with open(os.path.join(folder, path), encoding="utf-8") as file:
        return file.read()


def wrong(manifest):
    for key in ("name", "publisher"):
        if not re.fullmatch(r"[a-z0-9][a-z0-9-]*", str(manifest.get(key, "")), re.IGNORECASE):
            yield f"{key}: letters, digits and hyphens"
    if not re.fullmatch(r"\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?", str(manifest.get("version", ""))):
        yield "version: three numbers"
    engine = str(manifest.get("engines", {}).get("vscode", ""))
    if not re.fullmatch(r"\*|(\^|>=)?(\d+|x)\.(\d+|x)\.(\d+|x)(-.*)?", engine):
        yield "engines.vscode: the oldest version that it runs in"
    if "main" in manifest:
        main = manifest["main"]
        if not there(main) and not there(main + ".js"):
            yield f"main: there is no {main}"
        if "activationEvents" not in manifest:
            yield "activationEvents: an extension with `main` has them"
    if manifest.get("publisher") == "vscode-samples":
        yield "publisher: that of the samples"
    if len(manifest.get("keywords", [])) > 30:
        yield "keywords: 30 at most"
    categories = {"Programming Languages", "Snippets", "Linters", "Themes", "Debuggers", "Formatters", "Keymaps", "SCM Providers",
                  "Other", "Extension Packs", "Language Packs", "Data Science", "Machine Learning", "Visualization",
                  "Notebooks", "Education", "Testing", "AI", "Chat"}
    for category in set(manifest.get("categories", [])) - categories:
        yield f"categories: {category} is none"
    icon = manifest.get("icon")
    if icon and (not there(icon) or icon.endswith(".svg")):
        yield "icon: a picture that is there, and no SVG"
    if not any(there(name) for name in ("LICENSE", "LICENSE.md", "LICENSE.txt")):
        yield "LICENSE: missing"
    yield from wrong_contributions(manifest.get("contributes", {}))
    for row in manifest.get("contributes", {}).get("debuggers", []):
        # VS Code gathers the events of languages and commands by itself, and not this one.
        if not {"onDebug", f"onDebugResolve:{row.get('type')}"} & set(manifest.get("activationEvents", [])):
            yield "activationEvents: nothing starts the extension when something is debugged"
    if there("README.md"):
        text = read("README.md")
        if "This is the README for your extension" in text:
            yield "README.md: as it was made"
        for image, link in re.findall(r"(!?)\[[^\]]*\]\(([^)]+)\)", text):
            # Without `repository` nobody knows where a relative one would be.
            if "repository" not in manifest and not re.match(r"\w+://|#", link):
                yield f"README.md: {link} leads nowhere"
            if image and (not link.startswith("https:") or link.endswith(".svg")):
                yield f"README.md: {link} is no picture from https"
        if re.search(r"<svg", text, re.IGNORECASE):
            yield "README.md: SVG"
    else:
        yield "README.md: missing"


def wrong_contributions(contributes):
    for kind in ("languages", "grammars", "snippets"):
        for row in contributes.get(kind, []):
            for key in ("configuration", "path"):
                if key in row and not there(row[key]):
                    yield f"contributes.{kind}: there is no {row[key]}"
                elif key in row:
                    try:
                        json.loads(read(row[key]))
                    except ValueError as error:
                        yield f"{row[key]}: {error}"
    languages = {row["id"] for row in contributes.get("languages", [])}
    for kind in ("grammars", "snippets", "breakpoints"):
        for row in contributes.get(kind, []):
            if row.get("language") not in languages:
                yield f"contributes.{kind}: no such language, {row.get('language')}"
    for row in contributes.get("grammars", []):
        if there(row["path"]) and json.loads(read(row["path"])).get("scopeName") != row.get("scopeName"):
            yield "contributes.grammars: the scope is not that of the grammar"
    for row in contributes.get("commands", []):
        if not row.get("command") or not row.get("title"):
            yield "contributes.commands: a command has a name and a title"
    for row in contributes.get("debuggers", []):
        given = row.get("configurationAttributes", {}).get("launch", {})
        for name in given.get("required", []):
            if name not in given.get("properties", {}):
                yield f"contributes.debuggers: {name} is required and not told of"
    for name, row in contributes.get("configuration", {}).get("properties", {}).items():
        kinds = {"string": str, "boolean": bool, "number": (int, float), "array": list, "object": dict}
        if "default" in row and not isinstance(row["default"], kinds[row["type"]]):
            yield f"{name}: its default is no {row['type']}"


print("\n".join(wrong(json.loads(read("package.json")))), end="")
