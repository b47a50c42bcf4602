"""One page a recipe: command, data, time and expected score at its head."""

import importlib
import pkgutil

from training.recipe import Recipe, RecipeUnknown


def recipe_names() -> list[str]:
    """As they are typed: files with hyphens for underscores."""
    return sorted(module.name.replace("_", "-") for module in pkgutil.iter_modules(__path__))


def recipe(name: str) -> Recipe:
    """A recipe by its name; raises RecipeUnknown."""
    if name not in recipe_names():
        raise RecipeUnknown(f"no recipe {name!r}; there are: {', '.join(recipe_names())}")
    found: Recipe = importlib.import_module(f"{__name__}.{name.replace('-', '_')}").RECIPE
    return found
