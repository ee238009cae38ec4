"""Long work under a page: its job is found or started, its progress shown, and the page drawn anew when it is done."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import streamlit as st

from app import actions, notice, persona, words
from app.reading import opened
from core.audit.chain import content_hash
from core.clock import SYSTEM
from core.errors import CoreError
from core.jobs.job import Job, JobState
from core.jobs.service import find_job, latest_job, open_jobs

AT_ONCE_SECONDS = 20.0
"""Work that is expected to take no longer starts by itself; for longer work a person is asked."""

PATIENCE = timedelta(seconds=15)
POLL_SECONDS = 1.0


def shown_when_ready(home: str, kind: str, parameters: Mapping[str, Any], *, seconds: float, what: str) -> None:
    """Draw where the work stands that a page has no result of yet; the caller draws nothing more of that part.

    Parameters
    ----------
    parameters : mapping
        Plain JSON of the job; one of the same kind and parameters runs once.
    seconds : float
        How long it is expected to take on two cores: work of more than 20 s is started by a button that says so.
    what : str
        What is worked out, in words: "the worst segments".
    """
    store, key = opened(home), f"waiting.{kind}.{content_hash(parameters)[:12]}"
    job = latest_job(store, kind, parameters)
    if job is not None and job.is_open:
        _follow(home, job, what, key)
    elif job is not None and job.state is not JobState.DONE:
        _ended_badly(home, job, what, key)
    elif seconds > AT_ONCE_SECONDS or st.session_state.get(key):
        _offer(home, (kind, parameters), seconds, what, key)
    else:
        st.session_state[key] = True  # once a session: work whose result is not found again is not begun again unasked
        _start(home, kind, parameters)


def _start(home: str, kind: str, parameters: Mapping[str, Any]) -> None:
    try:
        actions.start_job(opened(home), persona.acting(home), kind=kind, parameters=parameters)
    except CoreError as error:
        notice.cannot_show(error, title="This work cannot be started")
        return
    st.rerun()


def _offer(home: str, job: tuple[str, Mapping[str, Any]], seconds: float, what: str, key: str) -> None:
    with st.container(border=True, horizontal=True, vertical_alignment="center", key=f"{key}.offer"):
        capital = words.plain(what[:1].upper() + what[1:])
        st.markdown(f"{capital} has not been worked out for this window yet.", width="stretch")
        if st.button(f"Work it out (about {_duration(seconds)})", key=f"{key}.start", type="primary"):
            _start(home, *job)


def _ended_badly(home: str, job: Job, what: str, key: str) -> None:
    stopped = job.state is JobState.CANCELLED
    with st.container(border=True, horizontal=True, vertical_alignment="center", key=f"{key}.ended"):
        reason = "It was stopped." if stopped else words.plain(job.error or "It ended without a reason.")
        st.markdown(f"▲ {words.plain(what)} could not be worked out. {reason}", width="stretch")
        if st.button("Try again", key=f"{key}.again"):
            _start(home, job.kind, job.parameters)


def _follow(home: str, job: Job, what: str, key: str) -> None:
    @st.fragment(run_every=POLL_SECONDS)
    def progress() -> None:
        now = find_job(opened(home), job.id)
        if not now.is_open:
            st.rerun()
        with st.container(border=True, key=f"{key}.progress"):
            st.progress(now.progress, text=_told(now, what))
            if _nobody_works(home, now):
                st.caption(f"No worker takes it. Start one beside the dashboard: `watchroom worker --home {home}`")
            with st.container(horizontal=True, vertical_alignment="center"):
                st.caption("You can leave this page: the work goes on, and its result is kept.", width="stretch")
                if st.button("Stop", key=f"{key}.stop", type="tertiary"):
                    _stop(home, now)

    progress()


def _stop(home: str, job: Job) -> None:
    try:
        actions.stop_job(opened(home), persona.acting(home), job=job.id, reason="stopped on the page that asked for it")
    except CoreError as error:
        notice.cannot_show(error, title="This work cannot be stopped")
        return
    st.rerun()


def _told(job: Job, what: str) -> str:
    if job.state is JobState.QUEUED:
        return f"Working out {words.plain(what)}: waits for its turn"
    said = f" · {words.plain(job.message)}" if job.message else ""
    return f"Working out {words.plain(what)}: {job.progress:.0%}{said}"


def _nobody_works(home: str, job: Job) -> bool:
    waits = job.state is JobState.QUEUED and SYSTEM.now() - job.submitted_at > PATIENCE
    return waits and not any(one.state is JobState.RUNNING for one in open_jobs(opened(home)))


def _duration(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min"
