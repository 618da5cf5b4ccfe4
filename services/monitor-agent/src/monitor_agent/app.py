"""The composition root: builds the monitor from its settings and runs it until it is told to stop."""

import asyncio
import time
from typing import Final

from chassis.bus import Bus
from chassis.logs import Log
from sealing.signing import VerifyKey

from monitor_agent.alerts import FileSink, MailSink
from monitor_agent.consumers import AuditConsumer
from monitor_agent.heartbeat import Watch
from monitor_agent.post import Post
from monitor_agent.settings import MonitorSettings
from monitor_agent.store import StateLost, TrailStore
from monitor_agent.watchman import Watchman

SERVICE: Final = "monitor-agent"
_TICK_SECONDS: Final = 1.0


async def serve(settings: MonitorSettings, audit_bus: Bus, stop: asyncio.Event) -> None:
    """Runs until `stop`. Errors: OSError, alone or in a group, when the state directory cannot be used."""
    log = Log(SERVICE)
    settings.state_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    post = Post(FileSink(settings.state_dir), MailSink(settings.smtp) if settings.smtp else None, log)
    store = TrailStore(settings.state_dir)
    watchman = await _watchman(settings, store, post)
    consumer = AuditConsumer(audit_bus, watchman, store, post.tell, log)
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(work) for work in (consumer.run(), post.run(), _tick(watchman, post))]
        await stop.wait()
        for task in tasks:
            task.cancel()


async def _watchman(settings: MonitorSettings, store: TrailStore, post: Post) -> Watchman:
    keys = {service: VerifyKey.from_hex(key) for service, key in settings.services.items()}
    watch = Watch(keys, time.monotonic(), settings.heartbeat_missed_seconds)
    try:
        trails, is_lost = store.load(), False
    except StateLost:
        trails, is_lost = {}, True
    watchman = Watchman(keys, trails, watch, time.monotonic, _minute)
    if is_lost:
        await post.tell(watchman.state_lost())
    return watchman


async def _tick(watchman: Watchman, post: Post) -> None:
    while True:
        await asyncio.sleep(_TICK_SECONDS)
        await post.tell(watchman.tick())


def _minute() -> int:
    """UTC, minutes since the epoch."""
    return int(time.time() // 60)
