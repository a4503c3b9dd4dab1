"""Secrets at rest: sealed to their place, opened by whoever has the key, which may change."""

import secrets
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from khata.app.sealing import (
    FILE,
    Place,
    Sealer,
    SealingKeyUnusable,
    Unsealable,
    key_id,
    open_sealer,
)

SECRET = b"50100123456789"
HERE = Place("payout_accounts", "wal_1", "account_number")
OLD, NEW = bytes(range(32)), bytes(range(1, 33))


def test_what_was_sealed_comes_back() -> None:
    sealer = Sealer([NEW])
    sealed = sealer.seal(SECRET, HERE)
    assert sealer.unseal(sealed, HERE) == SECRET
    assert SECRET not in sealed
    assert sealer.unseal(sealer.seal(b"", HERE), HERE) == b""


def test_the_same_secret_is_never_sealed_alike() -> None:
    sealer = Sealer([NEW])
    assert len({sealer.seal(SECRET, HERE) for _ in range(50)}) == 50


@pytest.mark.parametrize("place", range(1 + 8 + 12 + len(SECRET) + 16))
def test_a_change_of_any_byte_shows(place: int) -> None:
    sealer = Sealer([NEW, OLD])
    sealed = bytearray(sealer.seal(SECRET, HERE))
    sealed[place] ^= 1
    with pytest.raises(Unsealable):
        sealer.unseal(bytes(sealed), HERE)


@pytest.mark.parametrize("length", [0, 1, 8, 9, 20, 21, 36, 50])
def test_what_is_cut_off_shows(length: int) -> None:
    sealer = Sealer([NEW])
    with pytest.raises(Unsealable):
        sealer.unseal(sealer.seal(SECRET, HERE)[:length], HERE)


@pytest.mark.parametrize(
    "elsewhere",
    [
        HERE._replace(table="payment_methods"),
        HERE._replace(row_id="wal_2"),
        HERE._replace(field="ifsc"),
        Place("payout_accounts", "wal_1,account", "number"),
    ],
)
def test_it_is_good_in_its_own_place_only(elsewhere: Place) -> None:
    sealer = Sealer([NEW])
    sealed = sealer.seal(SECRET, HERE)
    with pytest.raises(Unsealable, match="is not what was sealed there") as failure:
        sealer.unseal(sealed, elsewhere)
    assert SECRET.decode() not in str(failure.value)


def test_keys_change_and_the_old_ones_still_open() -> None:
    before = Sealer([OLD])
    sealed = before.seal(SECRET, HERE)
    after = Sealer([NEW, OLD])
    assert after.unseal(sealed, HERE) == SECRET
    assert not after.is_sealed_by_newest(sealed)
    anew = after.seal(SECRET, HERE)
    assert after.is_sealed_by_newest(anew)
    for sealer in (before, Sealer([bytes(32)])):
        with pytest.raises(Unsealable, match="No key here opens"):
            sealer.unseal(anew, HERE)


def test_an_old_keys_name_does_not_pass_for_the_new_ones() -> None:
    sealer = Sealer([NEW, OLD])
    sealed = sealer.seal(SECRET, HERE)
    renamed = sealed[:1] + key_id(OLD) + sealed[9:]
    with pytest.raises(Unsealable):
        sealer.unseal(renamed, HERE)


def test_a_digest_tells_the_same_text_again_for_one_purpose() -> None:
    digest = Sealer([OLD]).digest("asha@upi", "vpa")
    assert digest == Sealer([NEW, OLD]).digest("asha@upi", "vpa")
    assert len(digest) == 32
    others = [
        Sealer([NEW]).digest("asha@upi", "vpa"),
        Sealer([OLD]).digest("asha@upi", "card"),
        Sealer([OLD]).digest("ravi@upi", "vpa"),
    ]
    assert len({digest, *others}) == 4


def test_the_key_is_made_once_and_for_its_owner_only(tmp_path: Path) -> None:
    folder = tmp_path / "data"
    sealed = open_sealer(folder).seal(SECRET, HERE)
    assert open_sealer(folder).unseal(sealed, HERE) == SECRET
    assert stat.S_IMODE((folder / FILE).stat().st_mode) == 0o600
    assert [file.name for file in folder.iterdir()] == [FILE]


def test_of_many_who_make_it_at_once_the_first_ones_stays(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as threads:
        sealers = list(threads.map(open_sealer, [tmp_path] * 8))
    sealed = [sealer.seal(SECRET, HERE) for sealer in sealers]
    assert {open_sealer(tmp_path).unseal(each, HERE) for each in sealed} == {SECRET}


def test_a_new_key_goes_on_the_first_line(tmp_path: Path) -> None:
    sealed = open_sealer(tmp_path).seal(SECRET, HERE)
    file = tmp_path / FILE
    file.write_text(f"{secrets.token_hex(32)}\n{file.read_text()}")
    sealer = open_sealer(tmp_path)
    assert sealer.unseal(sealed, HERE) == SECRET
    assert not sealer.is_sealed_by_newest(sealed)


def test_the_setting_goes_before_the_file_and_makes_none(tmp_path: Path) -> None:
    sealed = Sealer([OLD]).seal(SECRET, HERE)
    sealer = open_sealer(tmp_path, f"{NEW.hex()}, {OLD.hex()}")
    assert sealer.unseal(sealed, HERE) == SECRET
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("text", ["", "\n", "00" * 31, "zz" * 32, "00" * 32 + "\nand a word"])
def test_a_damaged_key_is_explained_and_never_repeated(tmp_path: Path, text: str) -> None:
    (tmp_path / FILE).write_text(text)
    with pytest.raises(SealingKeyUnusable, match="Bring it back from a backup") as failure:
        open_sealer(tmp_path)
    assert "00" * 8 not in str(failure.value)


def test_a_folder_that_is_no_folder_is_explained(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SealingKeyUnusable, match="can't be used"):
        open_sealer(tmp_path / "file")
