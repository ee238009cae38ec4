"""The words that a choice of the governance record may take, each with its meaning."""

from collections.abc import Mapping

Words = Mapping[str, str]

MODEL_TYPE: Words = {
    "model": "a quantitative model",
    "tool": "a tool or rule without a model",
    "vendor": "a model of a vendor",
    "generative": "generative AI",
}

STATUS: Words = {
    "proposed": "entered, its record not complete",
    "development": "being built",
    "validation": "being validated",
    "approved": "approved for use",
    "approved_with_conditions": "approved, with conditions to meet",
    "restricted": "in use within limits",
    "suspended": "not to be used for now",
    "retired": "taken out of use",
}
"""What a person declares; that it is live is known from its releases."""

AUTOMATION: Words = {
    "advice": "advice that a person may ignore",
    "human_in_loop": "a person confirms every decision",
    "human_on_loop": "decides, a person watches and can stop it",
    "autonomous": "decides alone",
}

PURPOSE: Words = {
    "insight": "internal insight, no decision follows directly",
    "operations": "runs an internal operation",
    "customer": "decides what a customer sees or gets",
    "financial": "decides on money, credit or price",
    "regulatory": "feeds what is reported to or required by a regulator",
}

HARM: Words = {
    "none": "nobody feels it",
    "inconvenience": "lost time or comfort",
    "financial": "loss of money or of an offer",
    "rights": "access to work, credit, housing, education or justice",
    "safety": "life or health",
}

COMPLEXITY: Words = {
    "rules": "a few rules or a scorecard",
    "linear": "linear or additive",
    "ensemble": "an ensemble of trees or the like",
    "deep": "a deep network",
    "generative": "a large generative model",
}

DATA_DOUBT: Words = {
    "own_documented": "own data, documented and owned",
    "own_gaps": "own data with gaps in documentation",
    "third_party": "data or model of a third party, under contract",
    "unknown": "origin or rights not known",
}

AI_ACT: Words = {
    "minimal": "minimal risk",
    "limited": "limited risk: transparency duties (Article 50)",
    "high": "high risk (Article 6, Annexes I and III)",
}
