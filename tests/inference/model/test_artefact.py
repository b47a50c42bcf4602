"""A damaged model is refused with one clear error, whatever the damage is."""

import json
import pickle
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st
from made_models import EACH, LABELS, features_of, made_store, restate

from inference.model.artefact import (
    MANIFEST,
    SCHEMA,
    STEPS,
    ArtefactError,
    BackboneArtefact,
    HeadArtefact,
    open_backbone_artefact,
    open_head_artefact,
    read_labelled_features,
    write_labelled_features,
)
from inference.model.network import PackedNetwork
from inference.model.self_check import check_head
from inference.model.weights import PackedConv, read_packed_weights, write_packed_weights
from inference.photo.preprocess import Preprocessing
from inference.store.folder_store import ModelStore

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=5,
)


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made_store(tmp_path_factory.mktemp("whole")).root


@pytest.fixture
def root(whole: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(whole, tmp_path / "models"))


@pytest.fixture
def head(root: Path) -> Path:
    return root / "heads" / "first"


@pytest.fixture
def backbone(root: Path) -> Path:
    return root / "backbones" / "bones"


def read_head_wholly(folder: Path) -> HeadArtefact:
    artefact = open_head_artefact(folder)
    artefact.head()
    assert artefact.golden_top1 is None or isinstance(artefact.golden_top1, float)
    return artefact


def read_backbone_wholly(folder: Path, *, arrays: bool = True) -> BackboneArtefact:
    artefact = open_backbone_artefact(folder)
    assert isinstance(artefact.preprocessing, Preprocessing)
    assert artefact.expected_features().ndim == 1
    if arrays:
        artefact.network()
        artefact.golden()
        artefact.exemplars()
    return artefact


def read_wholly(folder: Path) -> None:
    if folder.parent.name == "heads":
        read_head_wholly(folder)
    else:
        read_backbone_wholly(folder)


def test_a_whole_model_reads_back_as_it_was_written(head: Path, backbone: Path) -> None:
    artefact, bones = read_head_wholly(head), read_backbone_wholly(backbone)

    assert (artefact.id, artefact.backbone_id, artefact.golden_top1) == ("first", bones.id, 1.0)
    assert artefact.head().labels == LABELS
    assert bones.preprocessing == Preprocessing()
    np.testing.assert_allclose(bones.expected_features(), features_of("beagle"))
    features, labels = bones.golden()
    assert labels.tolist() == list(LABELS)
    written = np.stack([features_of(label) for label in LABELS])
    assert (np.abs(features - written) <= written.std(axis=0) / (2 * STEPS) + 0.002).all()


def test_a_model_of_the_version_before_is_read_as_it_is() -> None:
    store = ModelStore(Path("nothing-of-the-host"))
    head = store.head(store.pointer().model)
    backbone = read_backbone_wholly(store.backbone(head.backbone_id).folder)

    assert not {"arguments", "features", "map"} & set(backbone.manifest)
    assert isinstance(backbone.network(), PackedNetwork)
    check_head(head.head(), backbone, head.golden_top1)


@pytest.mark.parametrize(
    "name", ["heads/first/head.npz", "heads/first/card.md", "backbones/bones/weights.npz", "backbones/bones/golden.npz"]
)
def test_a_flipped_bit_in_any_file_is_damage(root: Path, name: str) -> None:
    path = root / name
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)

    with pytest.raises(ArtefactError, match=f"{path.name}: damaged"):
        read_wholly(path.parent)


@pytest.mark.parametrize("name", ["heads/first/head.npz", "backbones/bones/exemplars.npz", "heads/first/manifest.json"])
def test_a_missing_file_is_named(root: Path, name: str) -> None:
    (root / name).unlink()

    with pytest.raises(ArtefactError, match=f"{Path(name).parent}: {Path(name).name} is missing"):
        read_wholly((root / name).parent)


def test_a_missing_folder_is_named(root: Path) -> None:
    with pytest.raises(ArtefactError, match="heads/third"):
        open_head_artefact(root / "heads" / "third")


@pytest.mark.parametrize("key", ["model", "files", "backbone", "labels", "calibration"])
def test_a_head_without_a_key_is_refused(head: Path, key: str) -> None:
    restate(head, **{key: ...})

    with pytest.raises(ArtefactError, match=key):
        read_head_wholly(head)


@pytest.mark.parametrize("key", ["backbone", "files", "preprocessing", "selfcheck_features"])
def test_a_backbone_without_a_key_is_refused(backbone: Path, key: str) -> None:
    restate(backbone, **{key: ...})

    with pytest.raises(ArtefactError, match=key):
        read_backbone_wholly(backbone)


@pytest.mark.parametrize("schema", [..., SCHEMA + 1, 0, None, str(SCHEMA)])
def test_another_schema_is_refused(head: Path, schema: Any) -> None:
    restate(head, schema=schema)

    with pytest.raises(ArtefactError, match=f"not a manifest of schema {SCHEMA}"):
        read_head_wholly(head)


@pytest.mark.parametrize("text", ["", "[]", "null", "{", '{"schema": 1', "\xff"])
def test_a_manifest_that_is_none_is_refused(head: Path, text: str) -> None:
    (head / MANIFEST).write_bytes(text.encode("latin-1"))

    with pytest.raises(ArtefactError, match="first"):
        read_head_wholly(head)


def test_the_manifest_of_another_model_is_refused(root: Path, head: Path) -> None:
    shutil.copy(root / "heads" / "second" / MANIFEST, head / MANIFEST)

    with pytest.raises(ArtefactError, match="belongs to 'second'"):
        read_head_wholly(head)


@pytest.mark.parametrize("name", ["../second/head.npz", "../../champion.json", "/etc/hostname", ".."])
def test_files_outside_the_folder_are_not_touched(head: Path, name: str) -> None:
    restate(head, files={"head.npz": "", name: ""})

    with pytest.raises(ArtefactError, match=r"lies outside|damaged"):
        read_head_wholly(head)


def test_a_link_out_of_the_folder_is_refused(root: Path, head: Path) -> None:
    (head / "head.npz").unlink()
    (head / "head.npz").symlink_to(root / "heads" / "second" / "head.npz")
    restate(head)

    with pytest.raises(ArtefactError, match="lies outside"):
        read_head_wholly(head)


@pytest.mark.parametrize(("folder", "name"), [("heads/first", "head.npz"), ("backbones/bones", "weights.npz")])
def test_a_file_without_a_hash_is_never_read(root: Path, folder: str, name: str) -> None:
    restate(root / folder, files={})

    with pytest.raises(ArtefactError, match=f"no SHA-256 of {name}"):
        read_wholly(root / folder)


class Trap:
    """Writes a file when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[Any, ...]]:
        return Path.touch, (self.path,)


@pytest.mark.parametrize("name", ["heads/first/head.npz", "backbones/bones/weights.npz", "backbones/bones/golden.npz"])
def test_nothing_is_unpickled(root: Path, tmp_path: Path, name: str) -> None:
    trap = np.array([Trap(tmp_path / "sprung")], dtype=object)
    names = {"weights": trap, "bias": trap, "features": trap, "scale": trap, "labels": trap, "conv1_conv/kernel": trap}
    np.savez(root / name, allow_pickle=True, **names)
    restate((root / name).parent)

    with pytest.raises(ArtefactError, match="cannot be read"):
        read_wholly((root / name).parent)
    assert not (tmp_path / "sprung").exists()


def test_a_bare_pickle_is_refused(head: Path, tmp_path: Path) -> None:
    (head / "head.npz").write_bytes(pickle.dumps(Trap(tmp_path / "sprung")))
    restate(head)

    with pytest.raises(ArtefactError, match="cannot be read"):
        read_head_wholly(head)
    assert not (tmp_path / "sprung").exists()


@pytest.mark.parametrize("name", ["heads/first/head.npz", "backbones/bones/weights.npz", "backbones/bones/golden.npz"])
@pytest.mark.parametrize("kept", [0.0, 0.5, 0.99])
def test_a_truncated_archive_is_refused(root: Path, name: str, kept: float) -> None:
    data = (root / name).read_bytes()
    (root / name).write_bytes(data[: int(len(data) * kept)])
    restate((root / name).parent)

    with pytest.raises(ArtefactError, match="cannot be read"):
        read_wholly((root / name).parent)


def rewrite_head(head: Path, **arrays: Any) -> None:
    with np.load(head / "head.npz") as found:
        arrays = {**found, **arrays}
    np.savez(head / "head.npz", **{name: array for name, array in arrays.items() if array is not None})
    restate(head)


@pytest.mark.parametrize(
    ("arrays", "reason"),
    [
        ({"weights": np.full((2048, 4), np.nan, np.float32)}, "not finite"),
        ({"bias": np.array([0, np.inf, 0, 0], np.float32)}, "not finite"),
        ({"weights": np.zeros((2048, 5), np.float32)}, "4 labels, but weights"),
        ({"weights": np.zeros(2048, np.float32)}, "4 labels, but weights"),
        ({"weights": np.array([["?"] * 4] * 2048)}, "could not convert"),
        ({"bias": np.zeros(3, np.float32)}, "bias"),
        ({"bias": None}, "bias"),
    ],
)
def test_weights_that_do_not_fit_are_refused(head: Path, arrays: dict[str, Any], reason: str) -> None:
    rewrite_head(head, **arrays)

    with pytest.raises(ArtefactError, match=reason):
        read_head_wholly(head)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"labels": list(LABELS[:3])}, "3 labels, but weights"),
        ({"labels": [*LABELS[:3], "beagle"]}, "unique"),
        ({"labels": ["beagle", "borzoi", "pug", "whippet"]}, "contain not_a_dog"),
        ({"labels": [*LABELS[1:], "unicorn"]}, "no breeds of the catalogue: unicorn"),
        ({"labels": "dogs"}, "labels"),
        ({"labels": None}, "NoneType"),
        ({"calibration": {"temperature": 0}}, "impossible calibration"),
        ({"calibration": {"temperature": "1"}}, "cannot be read"),
        ({"calibration": {"not_a_dog_above": 1.5}}, "impossible calibration"),
        ({"calibration": {"heat": 1}}, "heat"),
        ({"selfcheck": {"golden_top1": "good"}}, "good"),
        ({"selfcheck": 1}, "cannot be read"),
    ],
)
def test_a_head_with_an_impossible_manifest_is_refused(head: Path, changes: dict[str, Any], reason: str) -> None:
    restate(head, **changes)

    with pytest.raises(ArtefactError, match=reason):
        read_head_wholly(head)


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"preprocessing": {}}, "missing"),
        ({"preprocessing": {**Preprocessing().to_dict(), "rule": "stretch"}}, "stretch"),
        ({"preprocessing": {**Preprocessing().to_dict(), "input_px": 0}}, "input_px=0"),
        ({"preprocessing": 3}, "cannot be read"),
        ({"selfcheck_features": [1.0] * 2047}, "2048 features a photo, not 2047"),
        ({"selfcheck_features": []}, "a number a feature"),
        ({"selfcheck_features": 1.0}, "a number a feature"),
        ({"selfcheck_features": ["?"] * 2048}, "cannot be read"),
    ],
)
def test_a_backbone_with_an_impossible_manifest_is_refused(
    backbone: Path, changes: dict[str, Any], reason: str
) -> None:
    restate(backbone, **changes)

    with pytest.raises(ArtefactError, match=reason):
        read_backbone_wholly(backbone)


def without_a_layer(convs: dict[str, PackedConv]) -> None:
    del convs["conv3_block2_2_conv"]


def with_a_foreign_layer(convs: dict[str, PackedConv]) -> None:
    convs["conv6_conv"] = convs["conv1_conv"]


def with_a_misshapen_layer(convs: dict[str, PackedConv]) -> None:
    convs["conv1_conv"] = convs["conv2_block1_1_conv"]


@pytest.mark.parametrize(
    ("change", "layer"),
    [
        (without_a_layer, "conv3_block2_2_conv"),
        (with_a_foreign_layer, "conv6_conv"),
        (with_a_misshapen_layer, "conv1_conv"),
    ],
)
def test_weights_of_another_network_are_refused(
    backbone: Path, change: Callable[[dict[str, PackedConv]], None], layer: str
) -> None:
    convs = read_packed_weights(backbone / "weights.npz")
    change(convs)
    write_packed_weights(backbone / "weights.npz", convs)
    restate(backbone)

    with pytest.raises(ArtefactError, match=f"not resnet50: {layer}"):
        read_backbone_wholly(backbone)


def test_backbone_weights_that_are_not_finite_are_refused(backbone: Path) -> None:
    with np.load(backbone / "weights.npz") as found:
        arrays = dict(found)
    arrays["conv1_conv/scale"] = np.full(64, np.nan, np.float32)
    np.savez_compressed(backbone / "weights.npz", allow_pickle=False, **arrays)
    restate(backbone)

    with pytest.raises(ArtefactError, match="not finite"):
        read_backbone_wholly(backbone)


@pytest.mark.parametrize("labels", [["beagle"] * 3, ["beagle"] * 5])
def test_golden_features_and_labels_of_unequal_number_are_refused(backbone: Path, labels: list[str]) -> None:
    write_labelled_features(backbone / "golden.npz", np.ones((4, 2048)), np.array(labels))
    restate(backbone)

    with pytest.raises(ArtefactError, match="do not belong together"):
        read_backbone_wholly(backbone)


@given(data=st.data())
@settings(max_examples=60)
def test_any_flipped_bit_is_refused_or_harmless(whole: Path, data: st.DataObject) -> None:
    path = data.draw(st.sampled_from(sorted((whole / "heads" / "second").glob("*.*"))))
    original = path.read_bytes()
    flipped = bytearray(original)
    flipped[data.draw(st.integers(0, len(original) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    path.write_bytes(flipped)
    artefact = None
    try:
        artefact = read_head_wholly(path.parent)
    except ArtefactError:
        event("refused")
    finally:
        path.write_bytes(original)

    if artefact is not None:  # a date or a note may read otherwise: nothing states the hash of the manifest
        assert path.name == MANIFEST
        assert artefact.head().weights.sum() == pytest.approx(EACH * 4 * 0.02)


@given(data=st.data())
@settings(max_examples=150)
def test_any_value_in_a_manifest_is_refused_or_harmless(whole: Path, data: st.DataObject) -> None:
    folder = data.draw(st.sampled_from([whole / "heads" / "second", whole / "backbones" / "bones"]))
    path = folder / MANIFEST
    original = path.read_text(encoding="utf-8")
    manifest = json.loads(original)
    key = data.draw(st.sampled_from(sorted(manifest)))
    inner = data.draw(st.sampled_from(["", *manifest[key]])) if isinstance(manifest[key], dict) else ""
    target, key = (manifest[key], inner) if inner else (manifest, key)
    target[key] = data.draw(JSON)
    path.write_text(json.dumps(manifest), encoding="utf-8")
    try:
        if folder.parent.name == "heads":
            read_head_wholly(folder)
        else:
            read_backbone_wholly(folder, arrays=False)
    except ArtefactError:
        event("refused")
    finally:
        path.write_text(original, encoding="utf-8")


@given(seed=st.integers(0, 2**32), peak=st.floats(1e-3, 1e3))
@settings(max_examples=20)
def test_stored_features_lose_at_most_a_five_hundredth_of_their_peak(
    tmp_path_factory: pytest.TempPathFactory, seed: int, peak: float
) -> None:
    rng = np.random.default_rng(seed)
    features = (rng.random((3, 2048)) * peak * rng.random((3, 1))).astype(np.float32)
    features[0, :5] = 0
    path = tmp_path_factory.mktemp("features") / "some.npz"

    write_labelled_features(path, features, np.array(["pug", "beagle", "pug"]))
    found, labels = read_labelled_features(path)

    assert labels.tolist() == ["pug", "beagle", "pug"]
    assert (np.abs(found - features) <= features.std(axis=0) / 7.9 + features.max(axis=0) / 509).all()
    assert (found[0, :5] == 0).all()


def test_features_below_zero_are_kept_as_well(tmp_path: Path) -> None:
    features = np.random.default_rng(1).normal(size=(4, 64)).astype(np.float32)

    write_labelled_features(tmp_path / "some.npz", features, np.array(["pug"] * 4))
    found, _ = read_labelled_features(tmp_path / "some.npz")

    assert (np.abs(found - features) <= features.std(axis=0) / 7.9 + np.abs(features).max(axis=0) / 253).all()
