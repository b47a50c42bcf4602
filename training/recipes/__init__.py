"""One page a recipe: command, data, time and expected score at its head."""

import importlib
import pkgutil

from training.default_model import Plan


class RecipeUnknown(Exception):
    """There is no recipe of that name; the message lists those that there are."""


def recipe_plan(name: str) -> Plan:
    """The numbers of a recipe; raises RecipeUnknown."""
    names = sorted(module.name for module in pkgutil.iter_modules(__path__))
    if name not in names:
        raise RecipeUnknown(f"no recipe {name!r}; there are: {', '.join(names)}")
    plan = importlib.import_module(f"{__name__}.{name}").PLAN
    assert isinstance(plan, Plan)  # noqa: S101 (a recipe of ours)
    return plan
