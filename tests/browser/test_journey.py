"""The main job in two browsers without scripts: send, be received, be opened byte for byte, read the reply."""

from pathlib import Path

from tests.browser.opening import digest, stock_open, svs_open
from tests.browser.visitor import UPLOAD_SECONDS, Visitor
from tests.browser.window import Browser, until
from tests.stack.people import JournalistClient
from tests.stack.system import System

MESSAGE = "Please look at block 000123.\nThank you – merci."
REPLY = "<b>Thank you.</b>\nWhich page?"


def test_a_message_and_a_large_file_are_received_opened_and_answered(
    browser: Browser, system: System, journalist: JournalistClient, large_file: Path, tmp_path: Path
) -> None:
    known = {source["id"] for source in journalist.sources()}
    with browser.fresh() as window:
        codename = send_all(Visitor(window, system.source_url), large_file)
    [source] = [source for source in journalist.sources() if source["id"] not in known]
    check_downloads(system, journalist, source["id"], large_file, tmp_path)
    assert journalist.reply(source["id"], REPLY).status_code == 201
    with browser.fresh() as window:
        read_and_delete_reply(Visitor(window, system.source_url), codename)


def send_all(source: Visitor, file: Path) -> str:
    """With progress on the way; the codename at the end."""
    source.open_form()
    source.send(MESSAGE, [file])
    source.wait_for_status("% received")
    assert source.headings("answer") == []
    source.wait_for_answer("Received")
    lines = source.wait_for_status("Received and stored")
    assert sum("% received" in line for line in lines) >= 2
    source.go_on()
    codename = source.note_codename()
    assert len(codename.split()) == 8
    return codename


def check_downloads(system: System, journalist: JournalistClient, source_id: str, sent: Path, directory: Path) -> None:
    """Both ways to open give what was sent; the receipts hold."""
    message, file = [journalist.download(item["id"], directory) for item in journalist.items(source_id)]
    said = svs_open(system, [message, file], directory / "opened")
    assert all(line in said for line in MESSAGE.splitlines())
    assert digest(directory / "opened" / sent.name) == digest(sent)

    manifest, content = stock_open(system, message, directory / "stock-message")
    assert (manifest["kind"], content.read_text()) == ("message", MESSAGE)
    manifest, content = stock_open(system, file, directory / "stock-file")
    assert (manifest["name"], digest(content)) == (sent.name, digest(sent))


def read_and_delete_reply(source: Visitor, codename: str) -> None:
    """Another day, a browser that knows nothing."""
    source.log_in(codename)
    source.wait_for_heading("Replies")
    assert source.replies() == [REPLY]

    source.press("article.reply button")
    until(lambda: "There is no reply yet" in source.text("main"), "the reply is gone")
    source.press('form[action="/logout"] button')
    source.wait_for_heading("You are logged out")
    source.open("/inbox")
    source.wait_for_heading("Come back with your codename")


def test_what_is_wrong_with_a_codename_is_said(visitor: Visitor) -> None:
    visitor.open_form()
    visitor.send("One line.")
    visitor.wait_for_answer("Received", UPLOAD_SECONDS)
    visitor.go_on()
    words = visitor.note_codename().split()

    visitor.press('form[action="/logout"] button')
    visitor.wait_for_heading("You are logged out")
    visitor.log_in(" ".join([words[-1], *words[:-1]]))
    visitor.wait_for_fault("Nobody has this codename")
    visitor.log_in(" ".join([*words[:2], "zzyzxq", *words[3:]]))
    visitor.wait_for_fault("Word number 3 is not one we use")
    visitor.log_in(" ".join(words[:7]))
    visitor.wait_for_fault("Those are 7 words")
