"""What is due for a model by its tier, what is overdue, and what that holds up; all from values.

A validation counts for a release when it looked at that very version. The periodic one counts for the model,
whichever version it looked at. Reviews after something done in a hurry hold nothing up: they show red until they are
done.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from core.inventory.controls import BLOCK, Controls, drill_due, validation_is_enough
from core.inventory.months import months_later, working_days_later
from core.reviews.review import REVIEW_WITHIN, WORDS, Review, ReviewKind

SOON = timedelta(days=30)


class Due(StrEnum):
    """How a duty stands."""

    OVERDUE = "overdue"
    EXCEPTED = "excepted"
    SOON = "soon"
    MET = "met"
    NOT_ASKED = "not_asked"


@dataclass(frozen=True, slots=True, kw_only=True)
class Duty:
    """One line of the calendar.

    Attributes
    ----------
    last : date or None
        When it was last done.
    due : date or None
        By when it is due again; None: the tier does not ask for it.
    blocks : bool
        Whether it holds up every release of the model until it is done.
    why : one sentence
    """

    kind: ReviewKind
    last: date | None
    due: date | None
    state: Due
    blocks: bool
    why: str
    review_id: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ValidationStanding:
    """Whether a version was validated as its tier asks before going live; `review_id` names what was."""

    enough: bool
    review_id: int | None
    why: str


def review_by(day: date) -> date:
    """Return by when a rollback or a broken glass of that day is reviewed: two working days later."""
    return working_days_later(day, REVIEW_WITHIN)


def validated(
    controls: Controls, reviews: Iterable[Review], version_id: int, *, independent: bool
) -> ValidationStanding:
    """Return whether a version may go live by what its validations came to; the last one decides.

    Parameters
    ----------
    independent : whether the record says that the model's validator is
    """
    about = [one for one in reviews if one.kind is ReviewKind.VALIDATION and one.version_id == version_id]
    last = _last(about)
    needed = f"tier {controls.tier} asks for a validation of scope {controls.validation.scope}"
    needed += ", by an independent validator" if controls.validation.independent else ""
    if last is None:
        return ValidationStanding(enough=False, review_id=None, why=f"this version was never validated; {needed}")
    if not last.passed:
        return ValidationStanding(enough=False, review_id=last.id, why=f"the validation of {_on(last)} failed")
    if not validation_is_enough(controls, last.scope, independent=independent):
        return ValidationStanding(
            enough=False, review_id=last.id, why=f"the validation of {_on(last)} was {last.scope}; {needed}"
        )
    told = f"{last.scope} validation by {last.done_by} on {_on(last)}: {str(last.outcome).replace('_', ' ')}"
    return ValidationStanding(enough=True, review_id=last.id, why=told)


def calendar(
    controls: Controls, reviews: Sequence[Review], *, live_since: date | None, today: date
) -> tuple[Duty, ...]:
    """Return every duty of a model, what is overdue first.

    Parameters
    ----------
    live_since : since when any version is live; None: nothing is due but what is owed
    """
    duties = [_owed(one, today) for one in reviews if not one.is_done]
    if live_since is not None:
        duties += [
            _validation(controls, reviews, live_since, today),
            _owner_review(controls, reviews, live_since, today),
            _drill(controls, reviews, live_since, today),
        ]
    order = list(Due)
    return tuple(sorted(duties, key=lambda duty: (order.index(duty.state), duty.due or date.max)))


def last_done(reviews: Iterable[Review], kind: ReviewKind) -> date | None:
    """Return when a review of this kind was last done and did not fail."""
    last = _last([one for one in reviews if one.kind is kind and one.passed])
    return None if last is None else _day(last)


def _validation(controls: Controls, reviews: Sequence[Review], live_since: date, today: date) -> Duty:
    last, months = _last_validation(controls, reviews), controls.validation.months
    due = live_since if last is None else None if months is None else months_later(last, months)
    state = _state(due, today)
    if state is not Due.OVERDUE:
        why = "validated; again only when something changes" if due is None else f"validate again by {due}"
        return Duty(kind=ReviewKind.VALIDATION, last=last, due=due, state=state, blocks=False, why=why)
    overdue = "never validated" if last is None else f"validation overdue since {due}"
    excepted = max((one.due for one in _exceptions(reviews, last)), default=None)
    if excepted is not None and excepted >= today:
        why = f"{overdue}; excepted until {excepted}"
        return Duty(kind=ReviewKind.VALIDATION, last=last, due=due, state=Due.EXCEPTED, blocks=False, why=why)
    blocks = controls.overdue.effect == BLOCK
    why = f"{overdue}; " + ("no release until it is done or excepted" if blocks else "a warning at this tier")
    return Duty(kind=ReviewKind.VALIDATION, last=last, due=due, state=Due.OVERDUE, blocks=blocks, why=why)


def _last_validation(controls: Controls, reviews: Iterable[Review]) -> date | None:
    """Return when a validation as deep as the tier asks was last done and did not fail."""
    about = [one for one in reviews if one.kind is ReviewKind.VALIDATION]
    enough = [one for one in about if validation_is_enough(controls, one.scope, independent=True)]
    return last_done(enough, ReviewKind.VALIDATION)


def exceptions_given(controls: Controls, reviews: Sequence[Review]) -> int:
    """Return how many exceptions were given since the last validation that the tier takes for one."""
    return len(_exceptions(reviews, _last_validation(controls, reviews)))


def _exceptions(reviews: Iterable[Review], since: date | None) -> list[Review]:
    given = [one for one in reviews if one.kind is ReviewKind.EXCEPTION and one.is_done]
    return [one for one in given if since is None or _day(one) > since]


def _owner_review(controls: Controls, reviews: Sequence[Review], live_since: date, today: date) -> Duty:
    last = last_done(reviews, ReviewKind.OWNER_REVIEW)
    due = months_later(last or live_since, controls.monitoring.owner_review_months)
    return _plain(ReviewKind.OWNER_REVIEW, last, due, today)


def _drill(controls: Controls, reviews: Sequence[Review], live_since: date, today: date) -> Duty:
    last = last_done(reviews, ReviewKind.DRILL)
    return _plain(ReviewKind.DRILL, last, drill_due(controls, last, live_since), today)


def _plain(kind: ReviewKind, last: date | None, due: date | None, today: date) -> Duty:
    state = _state(due, today)
    why = "not asked of this tier" if due is None else f"{WORDS[kind]} {_told(state, due)}"
    return Duty(kind=kind, last=last, due=due, state=state, blocks=False, why=why)


def _owed(review: Review, today: date) -> Duty:
    state = _state(review.due, today)
    why = f"{WORDS[review.kind]} by {review.created_by} on {_words(review.created_at)} {_told(state, review.due)}"
    return Duty(kind=review.kind, last=None, due=review.due, state=state, blocks=False, why=why, review_id=review.id)


def _told(state: Due, due: date) -> str:
    return f"{'was due on' if state is Due.OVERDUE else 'is due by'} {_words(due)}"


def _words(day: date) -> str:
    return f"{day.day} {day:%b %Y}"


def _state(due: date | None, today: date) -> Due:
    if due is None:
        return Due.NOT_ASKED
    if today > due:
        return Due.OVERDUE
    return Due.SOON if due - today <= SOON else Due.MET


def _last(reviews: Sequence[Review]) -> Review | None:
    done = [one for one in reviews if one.done_at is not None]
    return max(done, key=lambda one: (one.done_at, one.id), default=None)


def _day(review: Review) -> date:
    assert review.done_at is not None
    return review.done_at.date()


def _on(review: Review) -> str:
    return _day(review).isoformat()
