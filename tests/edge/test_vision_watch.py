"""One visit as vision sees it: what is told to the gate, once each, and which picture is kept."""

from __future__ import annotations

import numpy as np

from edge.rules.plate.plate import PlateRead
from edge.vision.frame import Frame
from edge.vision.messages import Read, Voted
from edge.vision.watch import AcceptRule, VisitWatch, foremost


def read(text: str, probability: float = 0.95, height: float = 20.0, evidence: float = 5.0) -> PlateRead:
    box = ((0, 0), (100, 0), (100, height), (0, height))
    return PlateRead(
        text, (0.95,) * len(text), box, 1.0, text, "civil", probability, False, evidence, ((text, probability),)
    )


def frame(at: float = 1.0) -> Frame:
    return Frame(np.zeros((4, 4, 3), np.uint8), at)


def watch(kept: list | None = None, rule: AcceptRule | None = None) -> VisitWatch:
    kept = [] if kept is None else kept

    def keep(image) -> str:
        kept.append(image)
        return f"picture-{len(kept)}"

    return VisitWatch("v1", "rapidocr", keep, rule or AcceptRule())


def test_the_vote_is_told_once_and_later_frames_cannot_flip_it():
    visit = watch()
    assert [type(told) for told in visit.add(frame(), [read("MH12AB1234")])] == [Read]
    assert [type(told) for told in visit.add(frame(), [read("MH12AB1234")])] == [Read, Voted]
    assert visit.decided and visit.add(frame(), [read("KA05HS4495", 0.99)]) == [] and visit.end() == []


def test_a_visit_that_ends_undecided_tells_how_far_it_got():
    visit = watch()
    visit.add(frame(), [read("MH12AB1234")])
    (vote,) = visit.end()
    assert (vote.text, vote.frames, vote.accepted) == ("MH12AB1234", 1, False)


def test_only_the_clearest_frames_picture_is_kept_and_only_with_the_vote():
    kept: list = []
    visit = watch(kept, AcceptRule(agree=4))
    for shade, probability in enumerate((0.9, 0.95, 0.96, 0.91)):
        assert not kept
        picture = np.full((4, 4, 3), shade, np.uint8)
        told = visit.add(Frame(picture, 1.0), [read("MH12AB1234", probability)])
    assert told[-1].image == "picture-1" and [picture[0, 0, 0] for picture in kept] == [1]


def test_no_plate_in_view_is_no_event_but_its_last_frame_is_kept_at_the_end():
    kept: list = []
    visit = watch(kept)
    assert visit.add(frame(7.0), []) == [] and not kept
    (vote,) = visit.end()
    assert (vote.text, vote.accepted, vote.image, vote.seen_at) == ("", False, "picture-1", 7.0)


def test_a_visit_that_saw_no_frame_at_all_ends_without_a_picture():
    (vote,) = watch().end()
    assert vote.image == "" and vote.per_char == () and vote.box == ()


def test_the_site_says_how_many_frames_must_agree_and_how_surely():
    strict = watch(rule=AcceptRule(accept=0.9, agree=3))
    assert not any(isinstance(told, Voted) for _ in range(2) for told in strict.add(frame(), [read("MH12AB1234")]))
    assert isinstance(strict.add(frame(), [read("MH12AB1234")])[-1], Voted)


def test_of_several_plates_the_nearest_counts_and_of_those_the_surest():
    near, far = read("MH12AB1234", height=30.0), read("KA05HS4495", height=12.0)
    unsure = read("DL3CAY2231", 0.4, height=35.0)
    assert foremost([far, unsure, near]) is near
    assert foremost([far, unsure]) is unsure
    assert foremost([read("TOYOTA", evidence=-2.0)]) is None


def test_the_picture_that_goes_with_the_vote_is_known_before_the_frame_that_decides():
    begun: list = []
    visit = VisitWatch("v1", "rapidocr", lambda image: "picture", AcceptRule(), begun.append)
    first, second = frame(1.0), frame(2.0)
    visit.add(first, [read("MH12AB1234", 0.95)])
    assert [image is first.image for image in begun] == [True]
    visit.add(second, [read("MH12AB1234", 0.96)])
    assert len(begun) == 1 and visit.decided
