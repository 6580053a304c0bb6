#!/usr/bin/env python3
"""Plays the service that reads one of the files in scripts/ci, or action.yml: finds the commands that stand in it, puts in
what the service would, and runs them in this folder. What only the service can do (uses, cache, artifacts) is left out.

    ci-service.py github|gitlab|kubernetes TOP PARTS

TOP is a checkout of sock with its program; the suite is in ./tests."""

import os
import re
import shutil
import subprocess
import sys

import yaml

kind, top, parts = sys.argv[1], sys.argv[2], int(sys.argv[3])


def load(name):
    with open(os.path.join(top, name)) as file:
        return yaml.safe_load(file)


def run(command, **environment):
    words = command if isinstance(command, list) else ["bash", "-e", "-o", "pipefail", "-c", command]
    return subprocess.run(words, env={**os.environ, **environment}).returncode


def put_in(text, values):
    """GitHub's ${{ … }}: names alone, as `inputs.files` and `matrix.shard`."""
    return re.sub(r"\$\{\{ *([\w.]+) *\}\}", lambda found: values[found[1]], str(text))


def github():
    action, workflow = load("action.yml"), load("scripts/ci/github.yml")
    job = workflow["jobs"]["conformance"]
    assert job["strategy"]["matrix"]["shard"] == [1, 2, 3, 4]
    given = next(step["with"] for step in job["steps"] if step.get("uses", "").startswith("OWNER/sock@"))
    assert set(given) <= set(action["inputs"]), "an input that the action does not have"
    worst = 0
    for shard in range(1, parts + 1):
        inputs = {name: row.get("default", "") for name, row in action["inputs"].items()}
        inputs |= {name: put_in(value, {"matrix.shard": str(shard)}) for name, value in given.items()}
        inputs |= {"shard": f"{shard}/{parts}", "settings": "", "report": f"parts/{shard}"}
        values = {f"inputs.{name}": value for name, value in inputs.items()}
        for step in action["runs"]["steps"]:
            assert ("uses" in step) != ("run" in step)
            if "run" not in step:
                continue
            # No value may become a part of the command: they are all in its environment.
            assert "${{" not in step["run"], step["run"]
            environment = {name: put_in(value, values) for name, value in step.get("env", {}).items()}
            status = run(
                ["sh", "-e", "-c", step["run"]], GITHUB_ACTION_PATH=top, GITHUB_ACTIONS="true",
                GITHUB_OUTPUT="outputs", **environment)
            worst = max(worst, status)
            if status:
                break
    merge = [step["run"] for step in workflow["jobs"]["report"]["steps"] if "run" in step]
    assert len(merge) == 1
    return max(worst, run(merge[0].replace("sock/scripts/sock", f"{top}/scripts/sock")))


def gitlab():
    job = load("scripts/ci/gitlab.yml")[".sock"]
    variables = {name: str(value) for name, value in job["variables"].items()}
    variables |= {"SOCK_REPOSITORY": "file://" + top, "SOCK_REF": "sock-under-test", "CI_NODE_TOTAL": str(parts)}
    # A repository with what stands here, committed or not; the program is not built anew.
    asked = {"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "safe.directory", "GIT_CONFIG_VALUE_0": "*"}
    listed = subprocess.run(["git", "-C", top, "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
                            env={**os.environ, **asked}, stdout=subprocess.PIPE)
    if listed.returncode == 0:
        there = [name for name in listed.stdout.decode().split("\0") if name and os.path.lexists(os.path.join(top, name))]
        for name in there:
            os.makedirs(os.path.dirname(os.path.join("origin", name)), exist_ok=True)
            shutil.copy(os.path.join(top, name), os.path.join("origin", name), follow_symlinks=False)
        git = ["git", "-C", "origin", "-c", "user.name=nobody", "-c", "user.email=nobody@example.org"]
        for words in (["init", "-q", "-b", "sock-under-test"], ["add", "--all"], ["commit", "-q", "-m", "all"]):
            subprocess.run([*git, *words], check=True)
        variables["SOCK_REPOSITORY"] = "file://" + os.path.abspath("origin")
        clone, *rest = job["script"]
        assert "git clone" in clone, clone
        assert run(clone, **variables) == 0 and os.path.isdir(".sock/.git")
        assert run(clone, **variables) == 0, "it is there already, from the cache"
        os.makedirs(".sock/.build/release")
        shutil.copy(os.path.join(top, ".build/release/sock"), ".sock/.build/release/sock")
    else:
        # Not a clone, as an unpacked archive is not.
        os.symlink(top, ".sock")
        rest = job["script"][1:]
    worst = 0
    for number in range(1, parts + 1):
        for command in rest:
            worst = max(worst, run(command, CI_NODE_INDEX=str(number), **variables))
        assert os.path.exists(job["artifacts"]["reports"]["junit"])
    return worst


def kubernetes():
    job = load("scripts/ci/kubernetes.yml")
    assert job["spec"]["completionMode"] == "Indexed"
    pod = job["spec"]["template"]["spec"]
    container = pod["containers"][0]
    assert {mount["name"] for mount in container["volumeMounts"]} == {volume["name"] for volume in pod["volumes"]}
    environment = {row["name"]: row["value"] for row in container["env"]}
    assert int(environment["SOCK_SHARDS"]) == job["spec"]["completions"]
    environment["SOCK_SHARDS"] = str(parts)
    words = [word for word in container["args"]]
    at = words.index("--set")
    del words[at:at + 2]
    # As a ConfigMap is mounted: each file is a link through a link.
    os.makedirs("suite/..2026_11_30")
    os.symlink("..2026_11_30", "suite/..data")
    for name in os.listdir("tests"):
        shutil.copy(os.path.join("tests", name), "suite/..2026_11_30")
        os.symlink(os.path.join("..data", name), os.path.join("suite", name))
    words = [f"{top}/scripts/sock"] + ["suite" if word == "/suite" else word for word in words]
    return max(run(words, JOB_COMPLETION_INDEX=str(index), **environment) for index in range(parts))


sys.exit({"github": github, "gitlab": gitlab, "kubernetes": kubernetes}[kind]())
