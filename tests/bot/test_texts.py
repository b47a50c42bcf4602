"""The catalogues are complete and well formed in every language, and a gap in one never stops an answer."""

import ast
import logging
import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from telegram_html import problems

import bot
from bot.conversation.answer.view import UNNAMEABLE
from bot.conversation.callback import Toast
from bot.conversation.groups.watch_view import Watch
from bot.conversation.menu import COMMANDS, MODERATOR_COMMANDS
from bot.conversation.moderation.card_view import Done
from bot.conversation.notice import Notice
from bot.sentences import forms_of, key_of, placeholders, read_catalog
from bot.texts import LOCALES, Html, Percent, Texts, as_html, languages, pick, say, say_plain
from core.breeds.catalogue import LANGUAGES, catalogue
from core.breeds.facts import Size
from core.claim import Verdict
from core.prediction import Remark
from db.learning.learning_records import RetrainStatus
from inference.queue.protocol import Failure

PLAIN = ("button-", "toast-", "command-")


def catalog_of(language: str) -> Catalog:
    return read_catalog(LOCALES / f"{language}.po")


def sentences(language: str) -> dict[str, tuple[str, ...]]:
    """Every form of every sentence, by key."""
    return {key_of(message): forms_of(message) for message in catalog_of(language) if message.id}


def keys_spoken() -> tuple[set[str], set[str]]:
    """Keys that bot/ passes to a text function, and the beginnings of those it puts together."""
    spoken: set[str] = set()
    prefixes: set[str] = set()
    for path in Path(bot.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                spoken.add(node.value)
            if isinstance(node, ast.JoinedStr) and node.values and isinstance(node.values[0], ast.Constant):
                prefixes.add(str(node.values[0].value))
    return spoken, prefixes


def keys_asked_in_full() -> set[str]:
    """Keys in calls such as ``say(language, "answer-breed")``."""
    calls = (
        node
        for path in Path(bot.__file__).parent.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in {"say", "say_plain"}
    )
    keys = (call.args[1] for call in calls if len(call.args) == 2)
    return {key.value for key in keys if isinstance(key, ast.Constant) and isinstance(key.value, str)}


def keys_expected() -> set[str]:
    """Every key that the code can ask for: those in full, and those of each family put together from an enum."""
    families: dict[str, Iterator[str]] = {
        "failure-": (failure.value for failure in Failure),
        "notice-": (notice.value for notice in Notice),
        "toast-": (toast.value for toast in Toast),
        "thanks-": (verdict.value for verdict in Verdict if verdict is not Verdict.WITHDRAWN),
        "failure-short-": (failure.value for failure in Failure),
        "watch-": (watch.value for watch in Watch),
        "command-": iter((*COMMANDS, *MODERATOR_COMMANDS)),
        "review-last-": (done.value for done in Done),
        "retrain-short-": (status.value for status in RetrainStatus),
        "retrain-ended-": (status.value for status in RetrainStatus),
        "group-": iter(set(catalogue().groups) - UNNAMEABLE),
        "button-group-": iter(catalogue().groups),
        "tip-": (remark.value for remark in Remark),
        "size-": (size.value for size in Size),
        "history-": (verdict.value for verdict in Verdict if verdict is not Verdict.WITHDRAWN),
    }
    return {family + member.replace("_", "-") for family, members in families.items() for member in members}


@pytest.mark.parametrize("language", languages())
def test_every_language_has_the_same_sentences(language: str) -> None:
    assert set(sentences(language)) == set(sentences("en"))


@pytest.mark.parametrize("language", languages())
def test_no_sentence_is_empty_fuzzy_or_obsolete(language: str) -> None:
    catalog = catalog_of(language)

    assert [key for key, forms in sentences(language).items() if not all(form.strip() for form in forms)] == []
    assert [message.id for message in catalog if message.id and message.fuzzy] == []
    assert list(catalog.obsolete) == []


@pytest.mark.parametrize("language", languages())
def test_no_key_is_written_twice(language: str) -> None:
    keys = re.findall(r'^msgid "(.+)"$', (LOCALES / f"{language}.po").read_text("utf-8"), re.MULTILINE)

    assert sorted(keys) == sorted(set(keys))


@pytest.mark.parametrize("language", languages())
def test_every_plural_has_all_forms_of_its_language(language: str) -> None:
    forms = catalog_of(language).num_plurals

    plurals = [message for message in catalog_of(language) if message.pluralizable]
    assert plurals
    assert [message.id for message in plurals if len(forms_of(message)) != forms] == []


@pytest.mark.parametrize("language", languages())
def test_placeholders_are_those_of_english_in_every_form(language: str) -> None:
    english = {key: set().union(*map(placeholders, forms)) for key, forms in sentences("en").items()}
    singular = {"count"}  # "one photo" needs no number

    for key, forms in sentences(language).items():
        assert placeholders(forms[-1]) == english[key], key
        assert all(english[key] - singular <= placeholders(form) <= english[key] for form in forms), key
        assert all(name.isidentifier() for form in forms for name in placeholders(form)), key


@pytest.mark.parametrize("language", languages())
def test_every_sentence_is_html_that_telegram_takes_or_plain_text(language: str) -> None:
    for key, forms in sentences(language).items():
        for form in forms:
            assert problems(form) == [], key
            if key.startswith(PLAIN):
                assert not set("<>&\n") & set(form), key


@pytest.mark.parametrize("language", languages())
def test_short_texts_stay_short(language: str) -> None:
    for key, (form, *_) in sentences(language).items():
        limit = {"button": 24, "toast": 200, "command": 64}.get(key.split("-")[0], 1000)

        assert len(form) <= limit, key


def test_french_marks_never_start_a_line() -> None:
    """French sets a no-break space before high punctuation, so that it is not wrapped away from its word."""
    loose = [key for key, forms in sentences("fr").items() if any(re.search(r" [:;!?»%]|« ", form) for form in forms)]
    bare = [key for key, forms in sentences("fr").items() if any(re.search(r"[^\W_][;!?]", form) for form in forms)]

    assert (loose, bare) == ([], [])


@pytest.mark.parametrize("language", languages())
def test_apostrophes_are_typographic(language: str) -> None:
    assert [key for key, forms in sentences(language).items() if any("'" in form for form in forms)] == []


@pytest.mark.parametrize(
    ("language", "formal"),
    [
        ("fr", r"(?i)\b(vous|votre|vos|\w+ez)\b(?<!chez)(?<!assez)"),
        ("de", r"\b(Ihnen|Ihr|Ihre\w?|(?<=[^.:] )Sie)\b"),
        ("es", r"(?i)\b(usted|ustedes|vosotros|vuestr[ao]s?)\b"),
        ("pt", r"(?i)\b(tu|teu|teus|tua|tuas|vós|senhor)\b"),
    ],
)
def test_people_are_spoken_to_as_friends(language: str, formal: str) -> None:
    stiff = [key for key, forms in sentences(language).items() if any(re.search(formal, form) for form in forms)]

    assert stiff == []


@pytest.mark.parametrize(
    ("language", "slip"),
    [
        ("de", r"[“”«»]\w|\d %|[ \u00a0][!?;:]"),  # „so“, 95\u00a0%
        ("es", r"[„“”]|\d %|[ \u00a0][!?;:]"),  # «so»
        ("pt", r"[„«»]|\d\s%|[ \u00a0][!?;:]"),  # “so”, 95%
    ],
)
def test_marks_are_set_as_the_language_sets_them(language: str, slip: str) -> None:
    loose = [key for key, forms in sentences(language).items() if any(re.search(slip, form) for form in forms)]

    assert loose == []


def test_spanish_opens_what_it_closes() -> None:
    open_ended = [
        key
        for key, forms in sentences("es").items()
        if any(form.count("¿") != form.count("?") or form.count("¡") != form.count("!") for form in forms)
    ]

    assert open_ended == []


@pytest.mark.parametrize("language", [language for language in languages() if language != "en"])
def test_no_sentence_is_left_in_english(language: str) -> None:
    english = sentences("en")

    assert [key for key, forms in sentences(language).items() if forms == english[key] and len(words(forms)) > 2] == []


def words(forms: tuple[str, ...]) -> list[str]:
    """Without placeholders and markup."""
    return re.findall(r"[^\W\d_]{2,}", re.sub(r"{\w+}|<[^>]+>", "", " ".join(forms)))


@pytest.mark.parametrize("language", languages())
def test_every_language_names_the_same_commands_and_buttons(language: str) -> None:
    """So that /help, for one, has as much to say in each."""
    english = {key: pointers(form) for key, (*_, form) in sentences("en").items()}

    assert {key: pointers(form) for key, (*_, form) in sentences(language).items()} == english


def pointers(sentence: str) -> tuple[list[str], list[str], int]:
    """Commands, picture characters, and how many lines."""
    commands = re.findall(r"(?<![<\w])/[a-z]+", re.sub(r"</?[a-z][^>]*>", "", sentence))
    pictures = [character for character in sentence if unicodedata.category(character) in {"So", "Sm"}]
    return sorted(commands), sorted(pictures), sentence.count("\n")


def test_breeds_speak_what_the_bot_speaks() -> None:
    assert set(LANGUAGES) == set(languages())


def test_every_sentence_is_spoken_and_every_key_that_can_be_asked_for_exists() -> None:
    spoken, prefixes = keys_spoken()
    written = set(sentences("en"))
    families = prefixes & {
        "failure-", "notice-", "toast-", "thanks-", "command-", "review-last-", "retrain-short-", "retrain-ended-",
        "group-", "button-group-", "size-", "history-", "failure-short-", "watch-", "tip-",
    }  # fmt: skip

    asked = keys_asked_in_full() | keys_expected()
    assert len(families) == 15
    assert asked - written == set(), "missing"
    assert written - asked - spoken == set(), "extra"


def test_values_are_escaped() -> None:
    text = say("en", "search-nothing", query="<b>&\u202e\n\ud800" + "x" * 5000)

    assert "“&lt;b&gt;&amp; xxx" in text
    assert len(text) < 400
    assert text.encode()


def test_what_is_html_already_is_not_escaped_again() -> None:
    assert "“<i>x</i>”" in say("en", "search-nothing", query=Html("<i>x</i>"))


def test_plain_texts_are_not_escaped() -> None:
    assert say_plain("en", "button-right-guess", breed="A & B") == "✅ A & B"


@pytest.mark.parametrize(("share", "shown"), [(0.97, 97), (0.9999, 99), (1.0, 99), (0.0, 1), (0.004, 1)])
def test_percentages_follow_the_language_and_never_claim_certainty(share: float, shown: int) -> None:
    english, french = (say(language, "answer-breed", breed="x", confidence=Percent(share)) for language in ("en", "fr"))

    assert english.endswith(f" {shown}%")
    assert re.search(rf" {shown}[\u00a0\u202f]%$", french)  # a no-break space, narrow or not as CLDR has it


@pytest.mark.parametrize(
    ("language", "count", "shown"),
    [("en", 1, "a minute"), ("en", 2, "2 minutes"), ("fr", 1, "une minute"), ("fr", 2, "2 minutes"), ("fr", 0, "une")],
)
def test_plurals_follow_the_language(language: str, count: int, shown: str) -> None:
    assert shown in say(language, "refusal-try-later", count=count)


@pytest.mark.parametrize(
    ("chosen", "telegram", "fallback", "picked"),
    [
        ("fr", "en", "en", "fr"),
        (None, "fr", "en", "fr"),
        (None, "fr-CA", "en", "fr"),
        (None, "FR_ca", "en", "fr"),
        (None, "de-AT", "en", "de"),
        (None, "pt-br", "en", "pt"),
        (None, "it", "fr", "fr"),
        (None, None, "fr", "fr"),
        ("xx", None, "yy", "en"),
        (None, "", "", "en"),
        (None, "../../fr", "en", "en"),
    ],
)
def test_the_language_is_the_chosen_else_the_app_s_else_the_operator_s(
    chosen: str | None, telegram: str | None, fallback: str, picked: str
) -> None:
    assert pick(chosen, telegram, fallback) == picked


@pytest.fixture
def half_german(tmp_path: Path) -> Texts:
    english = {"a": "A {n}", "b": "B {n}", "lacks": "Of {breed}: {n}", "unknown": "Has {n}"}
    german = {"a": "Ä {n", "lacks": "Anzahl: {n}", "unknown": "Hat {zahl}"}
    for language, said in {"en": english, "de": german}.items():
        rows = [f'msgid "{key}"\nmsgstr "{sentence}"\n' for key, sentence in said.items()]
        (tmp_path / f"{language}.po").write_text("\n".join(rows), "utf-8")
    return Texts.load(tmp_path)


def test_adding_a_language_is_adding_a_file(half_german: Texts) -> None:
    assert half_german.languages == ("de", "en")
    assert pick(None, "de-AT", among=half_german) == "de"


@pytest.mark.parametrize(("key", "said"), [("a", "A 1"), ("b", "B 1"), ("c", "c")])
def test_a_gap_or_a_slip_falls_back_to_english_and_is_logged_once(
    half_german: Texts, caplog: pytest.LogCaptureFixture, key: str, said: str
) -> None:
    with caplog.at_level(logging.ERROR, "bot.texts"):
        answers = {half_german.fill("de", key, {"n": 1}, as_html) for _ in range(3)}

    assert answers == {said}
    assert len([record for record in caplog.records if "'de'" in record.message]) == 1


def test_a_sentence_with_other_placeholders_than_english_is_named_at_the_start_and_never_shown(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, request: pytest.FixtureRequest
) -> None:
    texts: Texts = request.getfixturevalue("half_german")

    assert texts.fill("de", "lacks", {"n": 2, "breed": "Pug"}, as_html) == "Of Pug: 2"
    assert texts.fill("de", "unknown", {"n": 2}, as_html) == "Has 2"
    at_the_start = [record.getMessage() for record in caplog.get_records("call") if record.name == "bot.sentences"]
    assert [message.split(":")[0] for message in at_the_start] == [
        "text 'a' in 'de' is no template (expected '}' before end of string)",
        "text 'lacks' in 'de' lacks {breed}",
        "text 'unknown' in 'de' has the unknown {zahl}",
    ]


def test_a_value_that_is_not_given_does_not_crash(half_german: Texts) -> None:
    assert half_german.fill("en", "a", {}, as_html) == "a"
