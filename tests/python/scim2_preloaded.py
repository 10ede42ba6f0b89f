"""scim2-server as its own command starts it, with people that are there from the start.

    python scim2_preloaded.py <people.jsonl> <seconds> [options of scim2-server]

Each line of the file is a user with its id. Loading by HTTP takes longer than most have patience for; this goes through
the same storage, without the web server. When the seconds are over, the rest is left out.
"""

import itertools
import json
import sys
import time

from scim2_models import EnterpriseUser, User
from scim2_server.memory import InMemoryStorage
from scim2_server.testserver import cli

PEOPLE, SECONDS = sys.argv[1], float(sys.argv[2])


class PreloadedStorage(InMemoryStorage):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.given = None
        model = User[EnterpriseUser]
        types = cli.load_default_resource_types()
        user_type = types["User"]
        end = time.monotonic() + SECONDS
        with open(PEOPLE) as lines:
            for line in itertools.takewhile(lambda _: time.monotonic() < end, lines):
                person = json.loads(line)
                self.given = person.pop("id")
                self.create(user_type, model.model_validate(person))
        self.given = None

    def generate_id(self, resource_type, resource):
        return self.given or super().generate_id(resource_type, resource)


cli.InMemoryStorage = PreloadedStorage
sys.argv = ["scim2-server", *sys.argv[3:]]
cli.main()
