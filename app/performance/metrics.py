"""What each performance metric is called, how it is written, and what it means in a sentence."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from app import words

Scale = Literal["percent", "number", "unit"]


@dataclass(frozen=True, slots=True, kw_only=True)
class MetricWords:
    """A metric in words.

    Attributes
    ----------
    name, short : str
        In a sentence, and on a switch.
    scale : "percent", "number" or "unit"
        A share shown as percent; a number with three decimals; a number in the unit of the actual.
    definition : str
        One or two sentences (markdown).
    formula : str
        LaTeX.
    """

    name: str
    short: str
    scale: Scale
    definition: str
    formula: str

    def text(self, value: float | None) -> str:
        """Return a value as a person reads it."""
        if value is None:
            return words.NONE
        if self.scale == "percent":
            return words.percent(value)
        return words.three(value) if self.scale == "number" else words.significant(value)

    def interval(self, low: float | None, high: float | None) -> str:
        """Return a 95 % interval: ``0.70 to 0.72``."""
        if low is None or high is None:
            return ""
        return f"{self.text(low).removesuffix(' %')} to {self.text(high)}"

    def change(self, size: float) -> str:
        """Return a difference with its sign; of percents in percentage points."""
        if self.scale == "percent":
            return words.signed(f"{100 * size:+.1f} pp")
        return words.signed(f"{size:+.3f}") if self.scale == "number" else words.signed(_plus(size))


def _plus(size: float) -> str:
    return f"+{words.significant(size)}" if size > 0 else words.significant(size)


METRICS: Mapping[str, MetricWords] = {
    "roc_auc": MetricWords(
        name="ROC AUC",
        short="ROC AUC",
        scale="number",
        definition="How well the score puts positives above negatives: the chance that a positive scores higher than "
        "a negative. 0.5 is chance, 1 is perfect. It says nothing about the threshold or about calibration.",
        formula=r"A = \sum_b \frac{a_b}{P}\,\frac{N_{<b} + n_b/2}{N}",
    ),
    "average_precision": MetricWords(
        name="average precision",
        short="AP",
        scale="number",
        definition="Precision averaged over all thresholds, weighted by the gain in recall. Chance is the share of "
        "positives, so values of populations with different shares cannot be compared.",
        formula=r"\sum_k (R_k - R_{k-1})\,P_k",
    ),
    "accuracy": MetricWords(
        name="accuracy",
        short="accuracy",
        scale="percent",
        definition="Share of decisions that were right. With a rare class it can be high for a useless model.",
        formula=r"\frac{\text{right}}{n}",
    ),
    "precision": MetricWords(
        name="precision",
        short="precision",
        scale="percent",
        definition="Of the positive decisions, the share that were right.",
        formula=r"\frac{TP}{TP + FP}",
    ),
    "recall": MetricWords(
        name="recall",
        short="recall",
        scale="percent",
        definition="Of the actual positives, the share that the model found.",
        formula=r"\frac{TP}{TP + FN}",
    ),
    "f1": MetricWords(
        name="F1",
        short="F1",
        scale="number",
        definition="Harmonic mean of precision and recall. It ignores true negatives.",
        formula=r"\frac{2\,TP}{2\,TP + FP + FN}",
    ),
    "mcc": MetricWords(
        name="Matthews correlation",
        short="MCC",
        scale="number",
        definition="Correlation of decision and outcome: 0 is chance, 1 is perfect. It uses all four cells.",
        formula=r"\frac{TP\,TN - FP\,FN}{\sqrt{(TP+FP)(TP+FN)(TN+FP)(TN+FN)}}",
    ),
    "specificity": MetricWords(
        name="specificity",
        short="specificity",
        scale="percent",
        definition="Of the actual negatives, the share that the model left alone.",
        formula=r"\frac{TN}{TN + FP}",
    ),
    "false_positive_rate": MetricWords(
        name="false positive rate",
        short="FPR",
        scale="percent",
        definition="Of the actual negatives, the share that the model called positive.",
        formula=r"\frac{FP}{TN + FP}",
    ),
    "false_negative_rate": MetricWords(
        name="false negative rate",
        short="FNR",
        scale="percent",
        definition="Of the actual positives, the share that the model missed.",
        formula=r"\frac{FN}{TP + FN}",
    ),
    "log_loss": MetricWords(
        name="log loss",
        short="log loss",
        scale="number",
        definition="Mean of −ln of the probability that the model gave to what happened. Less is better; one confident "
        "mistake costs much.",
        formula=r"-\frac1n \sum_i \ln p_i(y_i)",
    ),
    "brier_score": MetricWords(
        name="Brier score",
        short="Brier",
        scale="number",
        definition="Mean squared distance of probability and outcome; of several classes their sum, 0 to 2. Less is "
        "better.",
        formula=r"\frac1n \sum_i \sum_k (p_{ik} - y_{ik})^2",
    ),
    "f1_macro": MetricWords(
        name="macro F1",
        short="macro F1",
        scale="number",
        definition="F1 of each class, then their plain mean: a rare class counts as much as a frequent one. A class "
        "with fewer than 5 rows is left out.",
        formula=r"\frac1K \sum_k \frac{2\,TP_k}{2\,TP_k + FP_k + FN_k}",
    ),
    "f1_weighted": MetricWords(
        name="weighted F1",
        short="weighted F1",
        scale="number",
        definition="F1 of each class, weighted by how many rows are of it.",
        formula=r"\sum_k \frac{n_k}{n}\,F_{1,k}",
    ),
    "roc_auc_ovr_macro": MetricWords(
        name="one-vs-rest ROC AUC",
        short="AUC one-vs-rest",
        scale="number",
        definition="ROC AUC of each class against all others, then their plain mean. 0.5 is chance.",
        formula=r"\frac1K \sum_k A_k",
    ),
    "mae": MetricWords(
        name="mean absolute error",
        short="MAE",
        scale="unit",
        definition="By how much predictions are off on average, in the unit of the actual.",
        formula=r"\frac1n \sum_i |\hat y_i - y_i|",
    ),
    "rmse": MetricWords(
        name="RMSE",
        short="RMSE",
        scale="unit",
        definition="Root of the mean squared error, in the unit of the actual: large errors count more.",
        formula=r"\sqrt{\frac1n \sum_i (\hat y_i - y_i)^2}",
    ),
    "mape": MetricWords(
        name="MAPE",
        short="MAPE",
        scale="percent",
        definition="Mean absolute error as a share of the actual; rows whose actual is 0 are left out. It punishes "
        "predictions that are too high more than those too low.",
        formula=r"\frac1n \sum_i \frac{|\hat y_i - y_i|}{|y_i|}",
    ),
    "r2": MetricWords(
        name="R²",
        short="R²",
        scale="number",
        definition="Share of the variance of the actual that the predictions explain: 1 is perfect, 0 is no better "
        "than the mean. It falls when the actuals vary less, with the same errors.",
        formula=r"1 - \frac{\sum_i (\hat y_i - y_i)^2}{\sum_i (y_i - \bar y)^2}",
    ),
    "median_absolute_error": MetricWords(
        name="median absolute error",
        short="median error",
        scale="unit",
        definition="Half of the predictions are off by less than this, in the unit of the actual.",
        formula=r"\operatorname{median}_i |\hat y_i - y_i|",
    ),
    "bias": MetricWords(
        name="bias",
        short="bias",
        scale="unit",
        definition="Mean of prediction less actual: above 0 the model predicts too much.",
        formula=r"\frac1n \sum_i (\hat y_i - y_i)",
    ),
}
"""Every performance metric by its name on the command line."""
