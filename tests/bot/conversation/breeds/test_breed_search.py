"""People find their breed by what they type."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.conversation.breeds.index import QUERY_LIMIT, WORDS_LIMIT
from bot.conversation.breeds.search import BreedSearch
from core.breeds.catalogue import LANGUAGES, Catalogue, catalogue, names

SEARCH = BreedSearch(catalogue())


def found(query: str, language: str = "en", limit: int = 6) -> list[str]:
    return [breed.slug for breed in SEARCH.find(query, language, limit)]


@pytest.mark.parametrize(
    ("query", "slug"),
    [
        # typos
        ("labardor", "labrador_retriever"),
        ("berger alemand", "german_shepherd"),
        ("german shepard", "german_shepherd"),
        ("chiuaua", "chihuahua"),
        ("huski", "siberian_husky"),
        ("beagel", "beagle"),
        ("rotweiler", "rottweiler"),
        ("dobberman", "doberman"),
        ("schnauser", "standard_schnauzer"),
        ("weimarener", "weimaraner"),
        ("levrier ecosais", "scottish_deerhound"),
        ("coker", "cocker_spaniel"),
        # accents and case
        ("SAMOYEDE", "samoyed"),
        ("pekinois", "pekingese"),
        ("Épagneul Breton", "brittany"),
        ("lévrier d'Écosse", "scottish_deerhound"),
        # beginnings, while typing
        ("lab", "labrador_retriever"),
        ("labra", "labrador_retriever"),
        ("labardo", "labrador_retriever"),
        ("dalm", "dalmatian"),
        ("golden ret", "golden_retriever"),
        ("saint bern", "saint_bernard"),
        # word order and spaces
        ("shepherd german", "german_shepherd"),
        ("retriever golden", "golden_retriever"),
        ("goldenretriver", "golden_retriever"),
        ("shi tsu", "shih_tzu"),
        ("shitsu", "shih_tzu"),
        ("terre neuve", "newfoundland"),
        ("new foundland", "newfoundland"),
        # aliases
        ("GSD", "german_shepherd"),
        ("westie", "west_highland_white_terrier"),
        ("yorkie", "yorkshire_terrier"),
        ("pittie", "pit_bull"),
        ("frenchie", "french_bulldog"),
        ("doberman pinscher", "doberman"),
        ("st. bernard", "saint_bernard"),
        ("loulou", "pomeranian"),
        ("patou", "great_pyrenees"),
        ("mexican hairless", "xoloitzcuintli"),
        ("n02113978-Mexican_hairless", "xoloitzcuintli"),
        ("german_shepherd", "german_shepherd"),
        # breeds that the model cannot name yet
        ("teckel", "dachshund"),
        ("tekel", "dachshund"),
        ("sausage dog", "dachshund"),
        ("jack russell", "jack_russell_terrier"),
        ("jack russel", "jack_russell_terrier"),
        ("akita", "akita"),
        ("akita inu", "akita"),
        ("akita americain", "american_akita"),
        ("bouledogue", "french_bulldog"),
        ("malinois", "malinois"),
        ("tervueren", "tervuren"),
        ("berger blanc suisse", "white_swiss_shepherd"),
        ("berger australien", "australian_shepherd"),
        ("aussie", "australian_shepherd"),
        ("cane corso", "cane_corso"),
        ("kangal", "kangal_shepherd"),
        ("anatolian shepherd", "kangal_shepherd"),
        ("cocker americain", "american_cocker_spaniel"),
        ("cocker anglais", "cocker_spaniel"),
        ("lagoto", "lagotto_romagnolo"),
        ("coton de tulear", "coton_de_tulear"),
        ("sarplaninac", "sarplaninac"),
        ("galgo", "spanish_greyhound"),
        ("beauceron", "beauceron"),
        ("toller", "nova_scotia_duck_tolling_retriever"),
        # sentences
        ("I think it is a beagle", "beagle"),
        ("c’est un golden retriever", "golden_retriever"),
        ("It's a Border Collie!!!", "border_collie"),
    ],
)
def test_the_first_hit_is_what_was_meant(query: str, slug: str) -> None:
    assert found(query)[0] == slug
    assert found(query, "fr")[0] == slug


@pytest.mark.parametrize(
    ("language", "query", "slug"),
    [
        ("de", "Schäferhund", "german_shepherd"),
        ("de", "deutscher schaeferhund", "german_shepherd"),
        ("de", "Scheferhund", "german_shepherd"),
        ("de", "dackel", "dachshund"),
        ("de", "Rauhhaardackel", "dachshund"),
        ("de", "Tekel", "dachshund"),
        ("de", "mops", "pug"),
        ("de", "berner senenhund", "bernese_mountain_dog"),
        ("de", "großpudel", "standard_poodle"),
        ("de", "franzoesische buldogge", "french_bulldog"),
        ("de", "ein Mischling", "mixed_breed"),
        ("de", "Promenadenmischung", "mixed_breed"),
        ("es", "pastor alemán", "german_shepherd"),
        ("es", "pastor aleman", "german_shepherd"),
        ("es", "ovejero alemán", "german_shepherd"),
        ("es", "perro salchica", "dachshund"),
        ("es", "galgo español", "spanish_greyhound"),
        ("es", "boyero de berna", "bernese_mountain_dog"),
        ("es", "gran danes", "great_dane"),
        ("es", "bichon maltes", "maltese"),
        ("es", "mestiso", "mixed_breed"),
        ("es", "creo que es un carlino", "pug"),
        ("pt", "pastor alemão", "german_shepherd"),
        ("pt", "pastor alemao", "german_shepherd"),
        ("pt", "salsicha", "dachshund"),
        ("pt", "lulu da pomerania", "pomeranian"),
        ("pt", "pincher", "miniature_pinscher"),
        ("pt", "cão dágua português", "portuguese_water_dog"),
        ("pt", "buldog frances", "french_bulldog"),
        ("pt", "viralata", "mixed_breed"),
        ("pt", "vira lata", "mixed_breed"),
        ("pt", "SRD", "mixed_breed"),
    ],
)
def test_german_spanish_and_portuguese_names_are_found_with_slips_and_without_accents(
    language: str, query: str, slug: str
) -> None:
    assert found(query, language)[0] == slug


@pytest.mark.slow
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_name_finds_its_breed_first(language: str) -> None:
    for breed in catalogue().values():
        for name in names(breed):
            assert found(name, language)[0] == breed.slug, name


@pytest.mark.parametrize(
    "query",
    ["", " ", "asdfgh", "🐶", "🐶🐶 🐶", "...", "x" * 5_000, "xyz " * 2_000, "\x00\x00", "12345", "собака", "犬",
     "<b>hello</b>", "<script>alert(1)</script>", "'; DROP TABLE users; --", "hello", "bonjour", "salut", "merci",
     "thanks", "ok", "not a dog", "je ne sais pas", "I don't know", "hallo", "weiß ich nicht", "gracias",
     "no lo sé", "obrigado", "não sei"],
)  # fmt: skip
def test_nothing_near_finds_nothing(query: str) -> None:
    assert found(query) == []


@pytest.mark.parametrize(
    ("query", "family"),
    [
        ("corgi", {"cardigan_welsh_corgi", "pembroke_welsh_corgi"}),
        ("poodle", {"toy_poodle", "miniature_poodle", "standard_poodle"}),
        ("caniche", {"toy_poodle", "miniature_poodle", "standard_poodle"}),
        ("schnauzer", {"giant_schnauzer", "miniature_schnauzer", "standard_schnauzer"}),
        ("setter", {"english_setter", "gordon_setter", "irish_red_and_white_setter", "irish_setter"}),
        ("bulldog", {"continental_bulldog", "english_bulldog", "french_bulldog"}),
        ("akita", {"akita", "american_akita"}),
        ("laika", {"east_siberian_laika", "russian_european_laika", "west_siberian_laika", "yakutian_laika"}),
    ],
)
def test_a_family_is_found_whole(query: str, family: set[str]) -> None:
    assert set(found(query)) == family


def test_the_users_language_goes_first_among_equals() -> None:
    breeds = catalogue()
    boxer, beagle = breeds["boxer"], breeds["beagle"]
    alike = Catalogue(
        [
            type(beagle)("one", {"en": "Same Name", "fr": "Tout autre"}, beagle.group, (), None),
            type(boxer)("two", {"en": "Otherwise", "fr": "Name Same"}, boxer.group, (), None),
        ],
        list(breeds.groups.values()),
    )
    search = BreedSearch(alike)

    assert [breed.slug for breed in search.find("same name", "en")] == ["one", "two"]
    assert [breed.slug for breed in search.find("same name", "fr")] == ["two", "one"]


def test_at_most_the_limit_is_found_and_another_language_is_english() -> None:
    assert len(found("terrier", limit=3)) == 3
    assert len(found("terrier")) == 6
    assert found("terrier", limit=0) == []
    assert found("terrier", "it") == found("terrier", "en")


@given(st.text(max_size=200), st.sampled_from([*LANGUAGES, "it"]), st.integers(-1, 10))
def test_any_text_finds_a_few_different_breeds(query: str, language: str, limit: int) -> None:
    hits = found(query, language, limit)

    assert len(hits) <= max(limit, 0)
    assert len(set(hits)) == len(hits)
    assert set(hits) <= set(catalogue())


def test_of_a_long_text_only_the_beginning_is_read() -> None:
    assert found("border collie " + "x" * 5_000) == found("border collie " + "x" * (QUERY_LIMIT - 14))
    assert found("beagle" + " a" * 20 + " saluki") == found("beagle" + " a" * (WORDS_LIMIT - 1))
