"""What the lane display says, per screen and language, and how amounts and times are written. Pure."""

from __future__ import annotations

from datetime import datetime

from edge.rules.access import Reason
from edge.rules.display import Display, Screen

#   screen            language  headline, and the line under it
WORDS: dict[Screen, dict[str, tuple[str, str]]] = {
    Screen.WELCOME: {
        "en": ("Welcome", "Please drive up to the barrier"),
        "hi": ("स्वागत है", "कृपया बैरियर तक आएँ"),
    },
    Screen.READING: {
        "en": ("One moment", "Your number plate is being read"),
        "hi": ("एक क्षण", "आपकी नंबर प्लेट पढ़ी जा रही है"),
    },
    Screen.WAIT: {
        "en": ("One moment", "Your parking time is being worked out"),
        "hi": ("एक क्षण", "आपका पार्किंग समय जोड़ा जा रहा है"),
    },
    Screen.TICKET: {
        "en": ("Please drive in", "Scan to keep your ticket and pay by phone"),
        "hi": ("कृपया अंदर जाएँ", "टिकट रखने और फ़ोन से भुगतान के लिए स्कैन करें"),
    },
    Screen.GO: {
        "en": ("Thank you", "Please drive out, and have a safe journey"),
        "hi": ("धन्यवाद", "कृपया बाहर जाएँ, आपकी यात्रा शुभ हो"),
    },
    Screen.PAY: {
        "en": ("Please pay", "Scan with your phone's camera and pay by UPI"),
        "hi": ("कृपया भुगतान करें", "फ़ोन के कैमरे से स्कैन करें और UPI से भुगतान करें"),
    },
    Screen.BUTTON: {
        "en": ("Press the button", "The barrier will open"),
        "hi": ("बटन दबाएँ", "बैरियर खुल जाएगा"),
    },
    Screen.REFUSED: {
        "en": ("Entry is not possible", "Press the button to talk to us"),
        "hi": ("प्रवेश संभव नहीं है", "हमसे बात करने के लिए बटन दबाएँ"),
    },
    Screen.HELP: {
        "en": ("We will help you", "Press the button to call us"),
        "hi": ("हम आपकी सहायता करेंगे", "हमें बुलाने के लिए बटन दबाएँ"),
    },
    Screen.HELD: {
        "en": ("Please drive on", "The barrier is open"),
        "hi": ("कृपया आगे बढ़ें", "बैरियर खुला है"),
    },
    Screen.FAREWELL: {
        "en": ("Goodbye", "Have a safe journey"),
        "hi": ("फिर मिलेंगे", "आपकी यात्रा शुभ हो"),
    },
    Screen.FIRE: {
        "en": ("Please leave now", "Fire alarm: the barrier is open"),
        "hi": ("कृपया तुरंत बाहर जाएँ", "आग का अलार्म: बैरियर खुला है"),
    },
    Screen.OUT_OF_ORDER: {
        "en": ("Out of order", "Press the button and we will help you"),
        "hi": ("बैरियर खराब है", "बटन दबाएँ, हम आपकी सहायता करेंगे"),
    },
    Screen.STOPPED: {
        "en": ("Please wait", "The barrier has been stopped"),
        "hi": ("कृपया प्रतीक्षा करें", "बैरियर रोक दिया गया है"),
    },
}

REASONS: dict[Reason, dict[str, str]] = {
    Reason.FULL: {"en": "The car park is full", "hi": "पार्किंग भर गई है"},
    Reason.OUTSIDE_HOURS: {"en": "The car park is closed now", "hi": "पार्किंग अभी बंद है"},
    Reason.NO_PASS: {"en": "Pass holders only", "hi": "केवल पास धारकों के लिए"},
    Reason.UNREAD: {"en": "Your plate could not be read", "hi": "आपकी नंबर प्लेट पढ़ी नहीं जा सकी"},
    Reason.NO_STAY: {"en": "Your entry was not found", "hi": "आपका प्रवेश नहीं मिला"},
    Reason.ALREADY_INSIDE: {"en": "This plate is inside already", "hi": "यह नंबर प्लेट पहले से अंदर है"},
    Reason.NO_ANSWER: {"en": "We can't reach the pay desk", "hi": "भुगतान केंद्र से संपर्क नहीं हो पा रहा है"},
}

# asked at the display, where others may read along: not why, only that a person will help
HELP = {"en": "Need help? Press the button", "hi": "सहायता चाहिए? बटन दबाएँ"}
SCAN = {"en": "Or scan and enter your ticket code", "hi": "या स्कैन करें और टिकट कोड डालें"}
PAID = {"en": "Paid, thank you", "hi": "भुगतान हो गया, धन्यवाद"}
CALLED = {"en": "Help has been called", "hi": "सहायता बुला ली गई है"}


def lines(shown: Display, language: str) -> tuple[str, str]:
    """Headline and the line under it for a screen in a language."""
    headline, line = WORDS[shown.screen][language]
    if shown.screen in (Screen.HELP, Screen.REFUSED) and shown.reason in REASONS:
        headline = REASONS[shown.reason][language]
    if shown.paid and shown.screen is Screen.GO:
        headline = PAID[language]
    if shown.screen in (Screen.HELP, Screen.REFUSED, Screen.OUT_OF_ORDER) and shown.called:
        line = CALLED[language]
    return headline, line


def hint(shown: Display, language: str) -> str:
    """The small line that tells a waiting driver what else there is, "" where the screen says so itself."""
    if shown.screen is Screen.HELP and shown.pay_url:
        return SCAN[language]
    if shown.screen not in (Screen.PAY, Screen.WAIT):
        return ""
    return (CALLED if shown.called else HELP)[language]


def rupees(paise: int) -> str:
    """An amount as people in India write it: Rs 1,23,456.50 as "₹1,23,456.50", whole rupees without paise."""
    whole, rest = divmod(paise, 100)
    digits = str(whole)
    head, tail = digits[:-3], digits[-3:]
    groups = [head[max(0, end - 2) : end] for end in range(len(head), 0, -2)][::-1]
    return "₹" + ",".join([*groups, tail]) + (f".{rest:02d}" if rest else "")


def stayed(entered_at: datetime | None, stopped_at: datetime | None) -> str:
    """How long a stay lasted: "2 h 05 min", "3 d 4 h", "" when it is not known."""
    if entered_at is None or stopped_at is None or stopped_at < entered_at:
        return ""
    minutes = int((stopped_at - entered_at).total_seconds() // 60)
    days, minutes = divmod(minutes, 1440)
    hours, minutes = divmod(minutes, 60)
    if days:
        return f"{days} d {hours} h"
    return f"{hours} h {minutes:02d} min" if hours else f"{minutes} min"


def spaced(plate: str) -> str:
    """A plate for reading: letters and digits in groups, "MH12AB1234" as "MH 12 AB 1234"."""
    out = ""
    for before, char in zip(" " + plate, plate, strict=False):
        out += (" " if before != " " and before.isdigit() is not char.isdigit() else "") + char
    return out
