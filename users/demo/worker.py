"""The worker of the demonstration: it does in a thread what ``manage.py db_worker`` does in production."""

from __future__ import annotations

import threading

from django.db import connections
from django_tasks_db.management.commands.db_worker import Worker

PAUSE = 1.0
"""Seconds between two looks for something to do."""


class DemoWorker:
    """Works in the background until it is stopped."""

    def __init__(self) -> None:
        self._worker = Worker(
            queue_names=["*"],
            interval=PAUSE,
            batch=False,
            backend_name="default",
            startup_delay=False,
            max_tasks=None,
            worker_id="demo",
            excluded_queue_names=[],
        )
        self._thread = threading.Thread(target=self._run, name="demo-worker", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """After the task at hand."""
        self._worker.running = False
        self._thread.join(timeout=PAUSE * 5)

    def _run(self) -> None:
        try:
            self._worker.run()
        finally:
            connections.close_all()
