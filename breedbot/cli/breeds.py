"""`breedbot breeds`."""
# ruff: noqa: PLC0415 - commands import what they need when they run

from typing import Annotated

import typer

from breedbot.cli.app import Json, breeds_app
from breedbot.ops.terminal import CommandFailed, answer, answer_json, show
from breedbot.serve.open import open_store, read_settings


@breeds_app.callback(invoke_without_command=True)
def breeds(
    context: typer.Context,
    as_json: Json = False,
    search: Annotated[str, typer.Option(metavar="TEXT", help="Only what this may mean, nearest first.")] = "",
) -> None:
    """List the breeds, and which ones the model can name.

    `breeds add` adds one of your own.
    """
    from bot.conversation.breeds.search import BreedSearch
    from core.breeds.catalogue import catalogue
    from core.breeds.listing import breed_json, breed_table

    if context.invoked_subcommand is not None:
        return
    settings = read_settings()
    store = open_store(settings)
    answered = frozenset(store.head(store.pointer().model).manifest["labels"])
    known = catalogue()
    found = BreedSearch(known).find(search, settings.language) if search else list(known.values())
    if as_json:
        answer_json([breed_json(breed, answered) for breed in found])
    elif not found:
        raise CommandFailed(f"no breed is called anything like {search!r}")
    else:
        show(breed_table(found, answered, settings.language))


@breeds_app.command("add")
def breeds_add(
    slug: Annotated[str, typer.Argument(metavar="SLUG", help="Such as moon_hound.", show_default=False)],
    name_en: Annotated[str, typer.Option("--en", metavar="NAME", help="English name.", show_default=False)],
    name_fr: Annotated[str, typer.Option("--fr", metavar="NAME", help="French name.", show_default=False)],
    name_de: Annotated[str, typer.Option("--de", metavar="NAME", help="German name, if it has one.")] = "",
    name_es: Annotated[str, typer.Option("--es", metavar="NAME", help="Spanish name, if it has one.")] = "",
    name_pt: Annotated[str, typer.Option("--pt", metavar="NAME", help="Portuguese name, if it has one.")] = "",
    group: Annotated[
        str, typer.Option(metavar="GROUP", help="Of the kennel club; default: types it does not recognise.")
    ] = "unrecognised",
    alias: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="Another name, in any language; repeatable.")
    ] = None,
) -> None:
    """Add a breed that the catalogue lacks.

    Running bots offer it at once; a model can name it when it has learned from enough accepted photos.
    """
    from core.breeds.catalogue import ALWAYS
    from core.breeds.own_breeds import OwnCatalogue, new_breed

    path = read_settings().own_breeds
    given = {"en": name_en, "fr": name_fr, "de": name_de, "es": name_es, "pt": name_pt}
    named = {language: name for language, name in given.items() if name or language in ALWAYS}
    OwnCatalogue(path).add(new_breed(slug, named=named, group=group, aliases=alias or ()))
    answer(f"{slug}: {' / '.join(named.values())}, in {path}")
