"""Metro and railway stations, streets, malls and hospitals: what their boards say a stay costs."""

from __future__ import annotations

from tests.central.rules.published_tariffs import Board, Case, caps, hourly, steps, surcharge

SATURDAY, EVENING = "2026-09-05T10:00", "2026-09-01T20:00"

DELHI_METRO = Board(
    "Delhi Metro",
    "DNA, 26 Apr 2018: cars Rs 30, 50, 60 up to 6, 12 and more hours, Rs 60 more at night (0 to 5 h)",
    (
        surcharge(60, "car", name="Night", from_="00:00", to="05:00"),
        surcharge(30, "bike", name="Night, two-wheeler", from_="00:00", to="05:00"),
        steps("6h 30, 12h 50, 24h 60", (60, "1d"), "car"),
        steps("6h 15, 12h 25, 24h 30", (30, "1d"), "bike"),
    ),
)
DELHI_METRO_2013 = Board(
    "Delhi Metro, 2013",
    "Face n Facts, 9 Feb 2013: cars Rs 20, 30, 40; two-wheelers Rs 10, and (Aaj Tak, 8 Feb 2013) 15, 20",
    (
        steps("6h 20, 12h 30, 24h 40", (40, "1d"), "car"),
        steps("6h 10, 12h 15, 24h 20", (20, "1d"), "bike"),
    ),
)
NAMMA_METRO = Board(
    "Namma Metro, Mysore Road",
    "Deccan Chronicle, 31 Jul 2016",
    (
        steps("4h 30", (10, "1h"), "car"),
        steps("4h 15", (5, "1h"), "bike"),
        steps("4h 75", (25, "1h"), "van", name="light commercial vehicle"),
        hourly(1, "cycle"),
    ),
    {"restart": "midnight", "limits": caps("calendar_day_paise", car=60, bike=30, van=150, cycle=10)},
)
NEW_DELHI_STATION = Board(
    "New Delhi railway station",
    "Hindustan Times, 27 Dec 2025, private vehicles: up to 8 minutes free, 15 Rs 50, 30 Rs 150, 60 Rs 200",
    (steps("15m 50, 30m 150, 1h 200", (200, "1h")),),
    {"free": {"minutes": 8}},
)
NEW_DELHI_STATION_2021 = Board(
    "New Delhi railway station, 2021",
    "NewsBytes, 5 Dec 2021, quoting the Railway Minister in the Rajya Sabha; commercial vehicles Rs 30 at once",
    (
        steps("15m 50, 30m 200", (200, "30m"), "car"),
        steps("8m 30, 15m 50, 30m 200", (200, "30m"), "auto", name="commercial"),
    ),
)
SECUNDERABAD = Board(
    "Secunderabad railway station, front",
    "The Hindu, 6 Aug 2019: cars Rs 47 for two hours, then Rs 24 an hour",
    (steps("2h 47", (24, "1h")),),
)
MUZAFFARPUR = Board(
    "Muzaffarpur Junction",
    "muzaffarpurwow.com, rates from 1 September, undated",
    (
        steps("2h 25, 6h 30", (30, "6h"), "car"),
        steps("2h 15, 6h 20", (20, "6h"), "auto"),
        steps("2h 10, 6h 15", (15, "6h"), "bike", "scooty"),
        steps("2h 5, 6h 5", (5, "6h"), "cycle"),
    ),
)
NDMC = Board(
    "NDMC, surface parking",
    "New Delhi Times, 14 Nov 2023: cars Rs 20 an hour, at most Rs 100 a day; two-wheelers Rs 10, at most Rs 50",
    (hourly(20, "car"), hourly(10, "bike")),
    {"restart": "midnight", "limits": caps("calendar_day_paise", car=100, bike=50)},
)
CONNAUGHT_PLACE = Board(
    "NDMC, Connaught Place until 2017",
    "The Financial Express, 26 Jun 2017: Rs 20 an hour for five hours, Rs 100 beyond, also for three or four days",
    (hourly(20),),
    {"limits": [{"session_paise": 100_00}]},
)
NDMC_WINTER = Board(
    "NDMC, doubled against smog",
    "Hindustan Times, 12 Dec 2023: Rs 40 an hour, two-wheelers Rs 20",
    (hourly(40, "car"), hourly(20, "bike")),
)
CHENNAI = Board(
    "Greater Chennai Corporation",
    "The Hindu, 26 Nov 2023: Rs 20 an hour, two-wheelers Rs 5",
    (hourly(20, "car"), hourly(5, "bike")),
)
PONDY_BAZAAR = Board(
    "Greater Chennai Corporation, Pondy Bazaar",
    "The Hindu, 26 Nov 2023: Rs 60 an hour, two-wheelers Rs 15",
    (hourly(60, "car"), hourly(15, "bike")),
)
BENGALURU_A = Board(
    "Bengaluru (BBMP), zone A",
    "The New Indian Express, 19 Sep 2020: Rs 30 an hour, two-wheelers Rs 15",
    (hourly(30, "car"), hourly(15, "bike")),
)
BENGALURU_C = Board(
    "Bengaluru (BBMP), zone C",
    "The New Indian Express, 19 Sep 2020: Rs 15 an hour, two-wheelers Rs 5",
    (hourly(15, "car"), hourly(5, "bike")),
)
BENGALURU_HALVES = Board(
    "Bengaluru (BBMP), package A as recommended",
    "Deccan Herald, content 357832, Sep 2013: Rs 30 an hour, half of it for half an hour; bicycles free",
    (
        {"name": "cycle", "components": [], "when": {"vehicle_classes": ["cycle"]}},
        steps("30m 15, 1h 30", (30, "1h"), "car"),
    ),
)
BENGALURU_NORTH = Board(
    "Bengaluru North City Corporation",
    "Deccan Herald, 22 Jan 2026: Rs 30 an hour and a day pass of Rs 150, two-wheelers Rs 15 and Rs 75",
    (hourly(30, "car"), hourly(15, "bike")),
    {"restart": "midnight", "limits": caps("calendar_day_paise", car=150, bike=75)},
)
PUNE_A = Board("Pune (PMC), zone A", "Sakal Times, 21 Mar 2018: Rs 10 and 2", (hourly(10, "car"), hourly(2, "bike")))
PUNE_C = Board("Pune (PMC), zone C", "Sakal Times, 21 Mar 2018: Rs 20 and 4", (hourly(20, "car"), hourly(4, "bike")))
ELANTE = Board(
    "Elante Mall, Chandigarh",
    "Hindustan Times, 16 Apr 2018: Rs 30, then Rs 10 an hour, Rs 20 at the weekend; five hours Rs 70 and Rs 110",
    (
        steps("1h 30", (20, "1h"), name="Weekend", weekdays=["sat", "sun"]),
        steps("1h 30", (10, "1h"), name="Weekday"),
    ),
)
TELANGANA = Board(
    "A mall in Telangana",
    "Government order Ms. 63 of 20 Mar 2018 (Tutorialspoint, 2018): 30 minutes free; Rs 30 an hour is our example",
    (hourly(30),),
    {"free": {"minutes": 30}},
)
AIIMS = Board(
    "AIIMS Delhi, main entrance",
    "Hindustan Times, 8 May 2013 (indiantollways.com): Rs 100 for four hours, Rs 15 for every hour more",
    (steps("4h 100", (15, "1h")),),
)
PGIMER = Board(
    "PGIMER Chandigarh",
    "link4din.com, undated: commissioned rate Rs 10 for eight hours, Rs 25 for twenty-four",
    (steps("8h 10, 24h 25", (25, "1d")),),
)

CITY = [
    Case(DELHI_METRO, "6h", 30),
    Case(DELHI_METRO, "12h", 50),
    Case(DELHI_METRO, "13h", 60),
    Case(DELHI_METRO, "6h", 15, "bike"),
    Case(DELHI_METRO, "11h", 50 + 60, stated=False, entered=EVENING),
    Case(DELHI_METRO, "13h", 60 + 60, stated=False, entered=EVENING),
    Case(DELHI_METRO, "4h", 15, "bike", entered=EVENING),
    Case(DELHI_METRO, "5h", 15 + 30, "bike", stated=False, entered=EVENING),
    Case(DELHI_METRO_2013, "6h", 20),
    Case(DELHI_METRO_2013, "7h", 15, "bike"),
    Case(NAMMA_METRO, "4h", 30),
    Case(NAMMA_METRO, "5h", 40, stated=False),
    Case(NAMMA_METRO, "12h", 60),
    Case(NAMMA_METRO, "5h", 20, "bike", stated=False),
    Case(NAMMA_METRO, "13h", 150, "van"),
    Case(NAMMA_METRO, "13h", 10, "cycle"),
    Case(NEW_DELHI_STATION, "8m", 0),
    Case(NEW_DELHI_STATION, "9m", 50),
    Case(NEW_DELHI_STATION, "30m", 150),
    Case(NEW_DELHI_STATION, "31m", 200),
    Case(NEW_DELHI_STATION_2021, "8m", 30, "auto"),
    Case(NEW_DELHI_STATION_2021, "30m", 200, "auto"),
    Case(SECUNDERABAD, "2h", 47),
    Case(SECUNDERABAD, "4h", 95, stated=False),
    Case(MUZAFFARPUR, "2h", 25),
    Case(MUZAFFARPUR, "5h", 20, "auto"),
    Case(MUZAFFARPUR, "3h", 15, "scooty"),
    Case(NDMC, "3h", 60, stated=False),
    Case(NDMC, "9h", 100),
    Case(NDMC, "9h", 50, "bike"),
    Case(CONNAUGHT_PLACE, "5h", 100),
    Case(CONNAUGHT_PLACE, "4d", 100),
    Case(NDMC_WINTER, "2h", 80, stated=False),
    Case(CHENNAI, "1h", 20),
    Case(CHENNAI, "4h 10m", 25, "bike", stated=False),
    Case(PONDY_BAZAAR, "1h", 60),
    Case(PONDY_BAZAAR, "2h", 30, "bike", stated=False),
    Case(BENGALURU_A, "1h", 30),
    Case(BENGALURU_C, "1h", 5, "bike"),
    Case(BENGALURU_HALVES, "30m", 15),
    Case(BENGALURU_HALVES, "5h", 0, "cycle"),
    Case(BENGALURU_NORTH, "10h", 150),
    Case(PUNE_A, "1h", 10),
    Case(PUNE_C, "3h", 12, "bike", stated=False),
    Case(ELANTE, "5h", 70),
    Case(ELANTE, "5h", 110, entered=SATURDAY),
    Case(TELANGANA, "30m", 0),
    Case(TELANGANA, "31m", 30, stated=False),
    Case(AIIMS, "10m", 100),
    Case(AIIMS, "6h", 130, stated=False),
    Case(PGIMER, "8h", 10),
    Case(PGIMER, "24h", 25),
]
