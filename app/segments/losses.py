"""How each loss is spoken of: its name, its values, what it means."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from app import words
from core.segments.search_losses import LossKind


@dataclass(frozen=True, slots=True, kw_only=True)
class Spoken:
    """A loss in words.

    Attributes
    ----------
    name, short : str
        In a sentence, and on a switch.
    scale : ``percent``, ``number`` or ``unit``
    definition : str
        One or two sentences of ours.
    formula : str
        LaTeX.
    """

    name: str
    short: str
    scale: str
    definition: str
    formula: str

    def text(self, value: float | None) -> str:
        """Return a value of the loss."""
        if value is None:
            return words.NONE
        if self.scale == "percent":
            return words.percent(value)
        return words.significant(value) if self.scale == "unit" else words.three(value)

    def interval(self, low: float | None, high: float | None) -> str:
        """Return a 95 % interval of the loss."""
        return words.NONE if low is None or high is None else f"{self.text(low)} to {self.text(high)}"

    def plus(self, value: float) -> str:
        """Return a difference with its sign."""
        shown = self.more(value)
        return shown if shown.startswith("−") else f"+{shown}"

    def bare(self, value: float) -> str:
        """Return a difference without its unit, for a narrow column whose heading names it."""
        return self.more(value).removesuffix(" points")

    def more(self, value: float) -> str:
        """Return a difference of two values: percentage points, or the unit of the loss."""
        if self.scale == "percent":
            return words.signed(f"{100 * value:.1f} points")
        return self.text(value)


LOSSES: Mapping[LossKind, Spoken] = MappingProxyType(
    {
        LossKind.LOG_LOSS: Spoken(
            name="log loss",
            short="log loss",
            scale="number",
            definition="The mean of minus the logarithm of the chance that the score gave to what happened. 0 is "
            "perfect; a score that is sure and wrong costs most. Rows that are hard to foresee have more of it in any "
            "model, so that the reference is looked at beside it.",
            formula=r"\frac1n\sum_i -\ln\big(y_i\,p_i + (1-y_i)(1-p_i)\big)",
        ),
        LossKind.ERROR: Spoken(
            name="error rate",
            short="errors",
            scale="percent",
            definition="The share of rows that were decided otherwise than came true.",
            formula=r"\frac1n\sum_i [\hat y_i \ne y_i]",
        ),
        LossKind.MISSED_POSITIVES: Spoken(
            name="share of positives missed",
            short="missed positives",
            scale="percent",
            definition="Of the rows that came true as positive, the share that was not decided as positive. Only "
            "those rows count.",
            formula=r"\frac{FN}{TP+FN}",
        ),
        LossKind.EXCESS_LOG_LOSS: Spoken(
            name="excess log loss",
            short="excess log loss",
            scale="number",
            definition="The log loss less what the scores themselves expect it to be. It is 0 wherever scores are "
            "probabilities, however hard the rows are to foresee, so that it needs no reference; it does not see "
            "scores that are right on average but say little.",
            formula=r"\frac1n\sum_i \big(\ell(y_i, p_i) - E_{p_i}\,\ell(Y, p_i)\big)",
        ),
        LossKind.ABSOLUTE_ERROR: Spoken(
            name="absolute error",
            short="absolute error",
            scale="unit",
            definition="The mean distance of prediction and actual, in the unit of the actual.",
            formula=r"\frac1n\sum_i |\hat y_i - y_i|",
        ),
    }
)
