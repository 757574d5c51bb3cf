"""Write crossed_mixed_model.json: a panel of marks, fitted by the mixed models of statsmodels.

Run in an environment of its own (`pip install statsmodels`, 0.14 or later), from this folder:
`python crossed_mixed_model.py`. MixedLM takes crossed factors as variance components within a
single group, with dense matrices; so the panel is small.
"""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import statsmodels
from statsmodels.regression.mixed_linear_model import MixedLM


def panel(seed: int) -> pd.DataFrame:
    """Draw marks of 14 raters about 11 ratees on 3 items, some of them left out."""
    rng = np.random.default_rng(seed)
    ratee, rater = rng.normal(0, 0.6, 11), rng.normal(0, 0.4, 14)
    item = rng.normal(0, 0.3, 3)
    rows = [
        (f"e{e}", f"r{r}", f"i{i}", round(3.4 + ratee[e] + rater[r] + item[i] + noise, 2))
        for e in range(11)
        for r in range(14)
        for i in range(3)
        for noise in [rng.normal(0, 0.5)]
        if rng.random() < 0.35
    ]
    return pd.DataFrame(rows, columns=["ratee", "rater", "item", "score"])


def fitted(marks: pd.DataFrame, factors: tuple[str, ...]) -> dict:
    """Fit score ~ 1 with one variance component for each factor, by REML."""
    model = MixedLM.from_formula(
        "score ~ 1",
        groups=np.ones(len(marks)),
        re_formula="0",
        vc_formula={factor: f"0 + C({factor})" for factor in factors},
        data=marks,
    )
    start = model.fit(reml=True, method="powell", ftol=1e-10)  # warns that it is not at the top
    result = model.fit(reml=True, start_params=start.params_object, method="bfgs", gtol=1e-6)
    names = sorted(factors)  # statsmodels keeps its components in alphabetical order
    effects = {
        name.split("[")[0] + "|" + name.split("[")[-1].rstrip("]"): value
        for name, value in result.random_effects[1.0].items()
    }
    return {
        "factors": list(factors),
        "mean": float(result.fe_params.iloc[0]),
        "variances": {n: float(v) for n, v in zip(names, result.vcomp, strict=True)}
        | {"residual": float(result.scale)},
        "log_likelihood": float(result.llf),
        "effects": {key: float(value) for key, value in effects.items()},
    }


def main() -> None:
    """Write the panel and both fits."""
    marks = panel(20250501)
    fits = [fitted(marks, factors) for factors in (("ratee", "rater"), ("ratee", "rater", "item"))]
    made = {
        "made_by": f"statsmodels {statsmodels.__version__}, MixedLM, REML",
        "marks": [" ".join(map(str, mark)) for mark in marks.itertuples(index=False)],
        "fits": fits,
    }
    text = json.dumps(made, indent=1) + "\n"
    Path("crossed_mixed_model.json").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
