"""Runs inside Django: how many queries one request of each kind asks, with nothing kept and nothing warm."""

import json
import os
import sys

import django

if __name__ == "__main__":
    os.environ["DJANGO_SETTINGS_MODULE"] = "bench.cold_settings"
    django.setup()
    from django.conf import settings
    from django.contrib.auth.models import User
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    settings.ALLOWED_HOSTS = ["*"]
    counted = {}
    for name, (method, path, form) in json.load(sys.stdin).items():
        client = Client()
        if sys.argv[1:]:
            client.force_login(User.objects.get(username=sys.argv[1]))
        ask = client.post if method == "POST" else client.get
        if method == "POST":
            client.get(path)  # what a process looks up once, it has looked up
        with CaptureQueriesContext(connection) as captured:
            answer = ask(path, form)
        if answer.status_code not in {200, 303}:
            raise SystemExit(f"{name} answers {answer.status_code}")
        counted[name] = len(captured)
    json.dump(counted, sys.stdout)
