"""Random verbs, faults, clock jumps and crashes: nothing paid is ever open that nobody knows of.

Sessions, leases, ledger (a real file), drivers, clients and the twin, in one process on virtual
time. LiveAvatar runs in FULL here: the websocket of LITE needs a real one (see
`test_paid_processes` and the contract tests).
"""

import asyncio
import contextlib
import json
import pathlib
import shutil
import tempfile

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, rule
from hypothesis.stateful import run_state_machine_as_test as run_machine

from ipyavatar.core.speech import Utterance
from ipyavatar.errors import AvatarError
from ipyavatar.protocol import host as m
from ipyavatar.protocol import page as p
from ipyavatar.session.state import check
from ipyavatar.twin.session import TwinPhase
from tests.support.paid import World
from tests.support.service_trouble import ServiceTrouble
from tests.support.services import SERVICES
from tests.support.virtual_time import VirtualLoop

STEPS = 20_000
STEPS_EACH = 50
PROVIDERS = tuple(SERVICES)
ENDS = ("said", "interrupted", "failed")
PAGES = ("a", "b")
OVER = ("ended", "refused", "taken", "lost")
TOLD = ("avatar.speak_started", "avatar.speak_ended", "session.stopped")
MEMORY = pathlib.Path("/dev/shm")
"""The ledger is written with fsync; on a disk that alone would take minutes here."""


class Life(ServiceTrouble):
    """One twin, one ledger file, and three slots with a session each."""

    steps = 0
    crashes = 0
    opened = 0

    @initialize(seed=st.integers(0, 2**32), concurrency=st.integers(1, 3))
    def begin(self, seed, concurrency):
        self.folder = pathlib.Path(tempfile.mkdtemp(dir=MEMORY if MEMORY.is_dir() else None))
        self.loop = VirtualLoop()
        self.dead_loops = []
        self.slots = {}
        self.speeches = {}
        self.peers = {}
        self.asked = 0
        self.life = 0
        self.tasks = []
        self.run(self._begin(seed, concurrency))

    async def _begin(self, seed, concurrency):
        self.world = World(self.folder, seed, faults_may_stay=True, concurrency=concurrency)
        for provider in PROVIDERS:
            self._slot(provider, None)

    def _slot(self, provider, grant):
        name = f"{provider}-{self.life}"
        more = {"lite": False} if provider == "liveavatar" else {}
        session = self.world.session(provider, name, grant, max_idle_s=400, **more)
        self.slots[provider] = session
        return session

    def run(self, coroutine):
        asyncio.set_event_loop(self.loop)
        return self.loop.run_until_complete(coroutine)

    async def later(self, coroutine):
        """Begin it, and let what can happen at once happen; only our own errors may come of it."""

        async def guarded():
            with contextlib.suppress(AvatarError):
                await coroutine

        self.tasks.append(asyncio.ensure_future(guarded()))
        await asyncio.sleep(0)

    # ---- verbs ------------------------------------------------------------------------------

    @rule(provider=st.sampled_from(PROVIDERS))
    def start(self, provider):
        async def go():
            self.slots[provider].start()

        self.run(go())

    @rule(
        provider=st.sampled_from(PROVIDERS),
        length=st.integers(1, 60),
        cut_in=st.booleans(),
        mode=st.sampled_from(["repeat", "repeat", "talk"]),
    )
    def speak(self, provider, length, cut_in, mode):
        self.asked += 1
        name = f"speech-{self.asked}"
        self.speeches[name] = self.life

        async def go():
            self.slots[provider].start()  # as the widget does
            utterance = Utterance(name, "Some words. " * length, mode)
            self.slots[provider].speak(utterance, interrupt=cut_in)

        self.run(go())

    @rule(provider=st.sampled_from(PROVIDERS))
    def interrupt(self, provider):
        async def go():
            self.slots[provider].touch()
            self.slots[provider].interrupt("")

        self.run(go())

    @rule(provider=st.sampled_from(PROVIDERS))
    def stop(self, provider):
        self.run(self.later(self.slots[provider].stop()))

    @rule(provider=st.sampled_from(PROVIDERS))
    def keep_alive(self, provider):
        self.run(self.later(self.slots[provider].keep_alive()))

    # ---- pages ------------------------------------------------------------------------------

    @rule(provider=st.sampled_from(PROVIDERS), page=st.sampled_from(PAGES))
    def page_joins(self, provider, page):
        self.peers[provider, page] = f"{page}.{self.asked}"
        self.asked += 1
        stream = self.slots[provider].provider
        if stream is not None:
            self.run(self.later(stream.grant_stream(page, self.peers[provider, page])))

    @rule(
        provider=st.sampled_from(PROVIDERS),
        page=st.sampled_from(PAGES),
        what=st.sampled_from(["playing", "waiting", "paused", "failed", *OVER, *TOLD]),
    )
    def page_reports(self, provider, page, what):
        stream = self.slots[provider].provider
        peer = self.peers.get((provider, page), "unknown")
        if what in OVER:
            report = p.StreamOver(page, peer, what, "so")
        elif what in TOLD:
            report = p.RoomData(page, "", json.dumps({"event_type": what}))
        else:
            report = p.Media(page, what)

        async def go():
            stream.on_page_report(report)

        if stream is not None:
            self.run(go())

    @rule(provider=st.sampled_from(PROVIDERS), page=st.sampled_from(PAGES))
    def page_hangs_up(self, provider, page):
        stream = self.slots[provider].provider
        peer = self.peers.get((provider, page))
        if stream is not None and peer is not None:
            self.run(self.later(stream.hang_up(peer)))

    @rule(provider=st.sampled_from(PROVIDERS), within_s=st.sampled_from([2.5, 10.0]))
    def page_is_expected(self, provider, within_s):
        stream = self.slots[provider].provider

        async def go():
            stream.expect_page(within_s)

        if stream is not None:
            self.run(go())

    @rule()
    def python_is_thrown_out(self):
        async def go():
            for room in self.world.rooms[-1:]:
                await room.close()

        if self.world.rooms and self.world.rooms[-1].gone.get_loop() is self.loop:
            self.run(go())

    # ---- the world --------------------------------------------------------------------------

    @rule(seconds=st.floats(0.001, 4))
    def wait(self, seconds):
        self.run(asyncio.sleep(seconds))

    @rule(seconds=st.sampled_from([20.0, 70.0, 130.0, 450.0]))
    def wait_long(self, seconds):
        self.run(asyncio.sleep(seconds))

    @rule()
    def clean(self):
        self.run(self.later(self.world.cleaner.clean()))

    @rule(kernel_too=st.booleans(), really=st.sampled_from([False, False, False, True]))
    def crash(self, kernel_too, really):
        """The companion is killed: nothing of it runs on, and what was not on disk is lost."""
        if not really:
            return
        Life.crashes += 1
        now = self.loop.time()
        self.dead_loops.append(self.loop)
        self.loop = VirtualLoop()
        self.loop._jumping.now = now
        self.life += 1
        self.tasks = []
        grants = {} if kernel_too else self._grants()
        live = {p for p, s in self.slots.items() if s.status in ("live", "reconnecting")}

        async def go():
            self.world.twin.closing = asyncio.Event()  # the old one belongs to the dead loop
            self.world.new_process()
            for provider in PROVIDERS:
                session = self._slot(provider, grants.get(provider))
                if provider in live and not kernel_too:
                    session.start()  # as the kernel does when it hears of the new host
            await asyncio.sleep(0)

        self.run(go())

    def _grants(self):
        found = {}
        for event in self.world.events:
            provider = event.session.split("-")[0]
            if isinstance(event, m.SessionGranted):
                found[provider] = event.grant
            elif isinstance(event, m.Announced):
                status = getattr(event.message, "status", "")
                if status in ("ended", "failed"):
                    found.pop(provider, None)
        return found

    # ---- what must hold ---------------------------------------------------------------------

    @invariant()
    def counted(self):
        Life.steps += 1

    @invariant()
    def every_open_session_is_in_the_ledger(self):
        if not hasattr(self, "world"):
            return
        self.run(self._known())

    async def _known(self):
        now = self.world.twin.now()
        rows = self.world.ledger.open_rows()
        listed = {row.session_id for row in rows}
        for name, service in self.world.twin.services.items():
            unlisted = [
                s
                for s in service.sessions.open(now)
                if s.id not in listed
                # A LiveAvatar session that was never started costs nothing.
                and not (name == "liveavatar" and s.phase is TwinPhase.NEW)
                # Being closed, on our word.
                and s.phase is not TwinPhase.CLOSING
            ]
            noted = [row for row in rows if row.provider == name and row.session_id is None]
            assert len(unlisted) <= len(noted), (name, unlisted, rows)

    def teardown(self):
        if not hasattr(self, "world"):
            return
        try:
            self.run(self._finish())
            self._check_events()
        finally:
            self._clear_away()

    async def _finish(self):
        """The services work again, everybody stops, and an hour passes."""
        world = self.world
        world.twin.faults.remove()
        await asyncio.gather(*(session.stop() for session in self.slots.values()))
        await asyncio.gather(*self.tasks)
        for _ in range(4):  # who is gone; stopped; tried again; run out
            await world.cleaner.clean()
            await asyncio.sleep(4000)
        await self._known()
        Life.opened += sum(row.session_id is not None for row in world.ledger.rows())
        assert not world.open_at_twin()
        assert not world.ledger.open_rows(), world.ledger.open_rows()

    def _check_events(self):
        statuses, ends = {}, {}
        for event in self.world.events:
            match getattr(event, "message", None):
                case p.Status(status=status):
                    before = statuses.get(event.session, "idle")
                    if before != status:
                        check(before, status)
                    statuses[event.session] = status
                case p.SpeechUpdate(state=state) as update if state in ENDS:
                    assert update.speech not in ends, "a speech ends once"
                    assert state == "said" or update.reason
                    ends[update.speech] = state
        for speech, life in self.speeches.items():
            # Those of a companion that was killed are ended by the kernel.
            assert speech in ends or life < self.life, speech

    async def _close_ledger(self):
        self.world.ledger.close()

    def _clear_away(self):
        self.run(self._close_ledger())
        for loop in (*self.dead_loops, self.loop):
            asyncio.set_event_loop(loop)
            if loop is self.loop:
                left = asyncio.all_tasks(loop)
                assert not [t for t in left if "Lease" in repr(t)], "a lease was left behind"
            while left := asyncio.all_tasks(loop):  # a speech that is cut off asks for silence
                for task in left:
                    task.cancel()
                loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))
            loop.close()
        asyncio.set_event_loop(None)
        shutil.rmtree(self.folder)


def test_whatever_happens_no_paid_session_is_open_unknown():
    """At least 20,000 random steps; the counts are printed."""
    Life.steps = Life.crashes = Life.opened = 0
    run_machine(
        Life,
        settings=settings(
            max_examples=STEPS // STEPS_EACH + 60,
            stateful_step_count=STEPS_EACH,
            deadline=None,
            derandomize=True,
            print_blob=False,
            suppress_health_check=list(HealthCheck),
        ),
    )
    print(f"{Life.steps} steps, {Life.crashes} crashes, {Life.opened} sessions opened")
    assert Life.steps >= STEPS
