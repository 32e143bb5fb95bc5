"""Loaded before anything else (`-p tests.environment`): the tests write to a home of their own, never to var/."""

import atexit
import os
import shutil
import tempfile

if "ANJU_TEST_HOME" not in os.environ:  # set by the first process, inherited by its workers
    folder = tempfile.mkdtemp(prefix="anju-test-")
    os.environ["ANJU_TEST_HOME"] = folder
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
os.environ["ANJU_HOME"] = os.path.join(os.environ["ANJU_TEST_HOME"], worker)
os.environ.pop("DJANGO_SETTINGS_MODULE", None)
