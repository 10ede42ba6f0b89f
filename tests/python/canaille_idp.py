"""Canaille, a real identity provider, driven over standard input.

    python canaille_idp.py BASE_URL TOKEN

Canaille pushes every change of its people and groups by SCIM to BASE_URL with the bearer TOKEN. One JSON command per
line on standard input; one JSON answer per line on standard output, written when the push has ended:

    {"do": "create_user", "user_name": "ada", "set": {"given_name": "Ada"}}
    {"ok": true, "id": "5f0c…", "complaints": []}

`complaints` holds what Canaille logged about the push: it reports a push that failed only in its log and goes on, so
a caller that ignores them can take an undelivered change for a delivered one.

Two habits of Canaille to know: it announces a group only while the group has a member, so the leaving of the last
member is never told; and every later change of a user or a group is a whole PUT.
"""

import datetime
import json
import logging
import os
import sys
import threading

# Answers go to the real standard output; whatever Canaille or a library prints goes to standard error.
ANSWERS = os.fdopen(os.dup(1), "w", buffering=1)
os.dup2(2, 1)

from canaille import create_app  # noqa: E402
from canaille.app import models  # noqa: E402
from canaille.backends import Backend  # noqa: E402
from werkzeug.serving import make_server  # noqa: E402


class Complaints(logging.Handler):
    """Collects what Canaille logs about pushes that did not arrive."""

    def __init__(self):
        super().__init__(logging.INFO)
        self.texts = []

    def emit(self, record):
        text = record.getMessage()
        # A failed discovery is logged as mere information, and nothing is pushed at all. The application that people sign in to
        # is told of everybody too, and speaks no SCIM.
        if record.levelno >= logging.WARNING or "SCIM protocol not supported by client usher" in text:
            self.texts.append(text)

    def take(self):
        texts, self.texts = self.texts, []
        return texts


def now():
    return datetime.datetime.now(datetime.timezone.utc)


def sign_in_client(store, redirect_uri, after_sign_out):
    """Register the application that people sign in to with Canaille."""
    client = models.Client(
        client_id="usher-console",
        client_name="the console",
        client_uri=redirect_uri,
        client_secret="the-secret-of-the-console",
        redirect_uris=[redirect_uri],
        post_logout_redirect_uris=[after_sign_out],
        token_endpoint_auth_method="client_secret_basic",
        scope=["openid", "profile", "email"],
        grant_types=["authorization_code"],
        response_types=["code"],
    )
    store.save(client)
    client.audience = [client]
    store.save(client)
    return client


def connect(store, base_url, token):
    """Register the application that Canaille notifies: its domain is trusted, so it hears of everybody."""
    client = models.Client(
        client_id="usher",
        client_name="usher",
        client_uri=base_url,
        client_secret="unused",
        redirect_uris=["http://127.0.0.1/callback"],
        scope=["openid"],
        grant_types=["authorization_code"],
        response_types=["code"],
    )
    store.save(client)
    # Canaille authenticates with the client's own access token: give it the connection's.
    store.save(
        models.Token(
            token_id="scim",
            access_token=token,
            subject=None,
            audience=[client],
            client=client,
            refresh_token="unused",
            scope=["openid"],
            issue_date=now(),
            lifetime=30 * 24 * 3600,
        )
    )


class Directory:
    """The commands. People go by user name, groups by display name."""

    def __init__(self, store, app):
        self.store = store
        self.app = app

    def serve_openid(self, redirect_uri, after_sign_out):
        """Be an OpenID provider on a free port, for one application that its people trust."""
        client = sign_in_client(self.store, redirect_uri, after_sign_out)
        server = make_server("127.0.0.1", 0, self.app, threaded=True)
        host = f"127.0.0.1:{server.server_port}"
        self.app.config["SERVER_NAME"] = host
        threading.Thread(target=server.serve_forever, daemon=True).start()
        return {
            "issuer": f"http://{host}",
            "client_id": client.client_id,
            "client_secret": client.client_secret,
        }

    def user(self, name):
        found = self.store.query(models.User, user_name=name)
        if not found:
            raise LookupError(f"no user {name}")
        return found[0]

    def group(self, name):
        found = self.store.query(models.Group, display_name=name)
        if not found:
            raise LookupError(f"no group {name}")
        return found[0]

    def create_user(self, user_name, set=None):
        # Canaille's own pages refuse this; its memory store would overwrite.
        if self.store.query(models.User, user_name=user_name):
            raise ValueError(f"user {user_name} exists")
        attributes = {
            "formatted_name": user_name.title(),
            "given_name": user_name.title(),
            "family_name": "Example",
            "emails": [f"{user_name}@example.com"],
            "password": "correct horse battery staple",
            **(set or {}),
        }
        return self.save(models.User(user_name=user_name, **attributes))

    def update_user(self, user_name, set=None):
        """With nothing to set, the user is simply pushed again."""
        user = self.user(user_name)
        for name, value in (set or {}).items():
            setattr(user, name, value)
        return self.save(user)

    def lock_user(self, user_name):
        """Canaille's deactivation: a user with a lock date is pushed with `active: false`."""
        return self.update_user(user_name, {"lock_date": now()})

    def unlock_user(self, user_name):
        return self.update_user(user_name, {"lock_date": None})

    def delete_user(self, user_name):
        return self.delete(self.user(user_name))

    def create_group(self, name, members):
        members = [self.user(member) for member in members]
        return self.save(models.Group(display_name=name, members=members))

    def set_group_members(self, name, members):
        group = self.group(name)
        group.members = [self.user(member) for member in members]
        return self.save(group)

    def rename_group(self, name, to):
        group = self.group(name)
        group.display_name = to
        return self.save(group)

    def delete_group(self, name):
        return self.delete(self.group(name))

    def directory(self):
        """What the identity provider itself holds, to compare an app with."""
        users = {
            user.user_name: {"id": user.id, "active": user.lock_date is None}
            for user in self.store.query(models.User)
        }
        groups = {
            group.display_name: sorted(member.user_name for member in group.members)
            for group in self.store.query(models.Group)
        }
        return {"users": users, "groups": groups}

    def save(self, thing):
        self.store.save(thing)
        return {"id": thing.id}

    def delete(self, thing):
        answer = {"id": thing.id}
        self.store.delete(thing)
        return answer


COMMANDS = {name for name in vars(Directory) if not name.startswith("_")} - {"user", "group", "save", "delete"}


def perform(directory, complaints, line):
    try:
        command = json.loads(line)
        name = command.pop("do")
        if name not in COMMANDS:
            raise LookupError(f"no command {name}")
        answer = getattr(directory, name)(**command)
        return {"ok": True, **answer, "complaints": complaints.take()}
    except Exception as error:  # the caller decides what a failure means; this process goes on
        return {"ok": False, "error": f"{type(error).__name__}: {error}", "complaints": complaints.take()}


def main():
    base_url, token = sys.argv[1:]
    complaints = Complaints()
    logging.getLogger().addHandler(complaints)
    app = create_app(
        {
            "SECRET_KEY": "only for tests",
            "SERVER_NAME": "127.0.0.1:9999",
            # Its pages are looked at on this machine only.
            "PREFERRED_URL_SCHEME": "http",
            "SESSION_COOKIE_SECURE": False,
            # Its scripts check each field while a form is filled in, and put an empty one in the place of a password.
            "CANAILLE": {"DATABASE": "memory", "JAVASCRIPT": False},
            "CANAILLE_SCIM": {"ENABLE_CLIENT": True},
            "CANAILLE_OIDC": {},
        }
    )
    app.logger.setLevel(logging.INFO)
    with app.app_context(), Backend.instance.session():
        connect(Backend.instance, base_url, token)
        directory = Directory(Backend.instance, app)
        complaints.take()
        print(json.dumps({"ok": True, "ready": True}), file=ANSWERS)
        for line in sys.stdin:
            print(json.dumps(perform(directory, complaints, line)), file=ANSWERS)


if __name__ == "__main__":
    main()
