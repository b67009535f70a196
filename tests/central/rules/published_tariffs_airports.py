"""Airports: what their boards say a stay costs."""

from __future__ import annotations

from tests.central.rules.published_tariffs import Board, Case, steps

DAILY = {"restart": "24h"}

LOK_SABHA = "answer of the Minister of Civil Aviation V. Ravi in the Lok Sabha on parking charges at airports, undated"
DELHI_MLCP = Board(
    "Delhi T3 multi-level car park",
    "The Federal, 7 Sep 2024: Rs 120 for 30 minutes, Rs 600 a day after five hours, nine days Rs 4,889 plus Rs 880 GST;"
    " the steps between and the three hours beyond nine days are our own worked example of that total",
    (steps("30m 120, 1h 170, 2h 270, 3h 370, 4h 470, 5h 570, 24h 600"),),
    DAILY,
)
DELHI_GENERAL = Board(
    "Delhi T3 general",
    LOK_SABHA,
    (steps("30m 50, 2h 100, 3h 150, 4h 200, 5h 250, 6h 300, 7h 350, 8h 400, 24h 600"),),
    DAILY,
)
DELHI_PREMIUM = Board(
    "Delhi T3 premium",
    LOK_SABHA,
    (steps("30m 70, 2h 140, 3h 210, 4h 280, 5h 350, 6h 420, 7h 490, 8h 560, 24h 900"),),
    DAILY,
)
DELHI_T1 = Board("Delhi T1 general", LOK_SABHA, (steps("30m 40, 2h 80", (40, "1h")),))
DELHI_FLY = Board(
    "Delhi T3 Park N Fly",
    "Bangalore Aviation, post 1105, about 2010: days 1 to 4 cost Rs 500, 900, 1,200, 1,500",
    (steps("1d 500, 2d 900", (300, "1d")),),
)
DELHI_LANE = Board(
    "Delhi T1C pick-up lane",
    "Hindustan Times, 8 May 2013 (indiantollways.com): 5 minutes free, Rs 100 for 5 more, then Rs 50 for each 5",
    (steps("10m 100", (50, "5m")),),
    {"free": {"minutes": 5}},
)
MUMBAI_GENERAL = Board(
    "Mumbai general",
    LOK_SABHA,
    (steps("30m 40, 2h 80, 3h 120, 4h 160, 5h 200, 6h 240, 7h 280, 8h 320, 24h 500"),),
    DAILY,
)
MUMBAI_PREMIUM = Board(
    "Mumbai premium",
    LOK_SABHA,
    (steps("30m 60, 2h 130, 3h 190, 4h 250, 5h 310, 6h 370, 7h 430, 8h 490, 24h 750"),),
    DAILY,
)
BENGALURU = Board(
    "Bengaluru airport",
    "The News Minute, article 162322, about 2022: Rs 100 for 30 minutes, then Rs 50 an hour; 45 minutes cost Rs 150",
    (steps("30m 100", (50, "1h")),),
)
BENGALURU_BUDGET = Board(
    "Bengaluru airport budget parking",
    "Deccan Herald, Metrolife 717009, undated: Rs 100 for two hours, Rs 50 for every additional hour",
    (steps("2h 100", (50, "1h")),),
)
BENGALURU_LANE = Board(
    "Bengaluru airport pick-up lane",
    "Madhyamam, article 1473327, undated: 8 minutes free, Rs 150 for 5 more, Rs 300 for another 5",
    (steps("13m 150, 18m 300", (300, "5m")),),
    {"free": {"minutes": 8}},
)
HYDERABAD = Board(
    "Hyderabad airport",
    "hyderabadairportassistance.com, undated",
    (
        steps("30m 50, 1h 100, 2h 150", (50, "1h"), "car"),
        steps("2h 30", (10, "1h"), "bike", "scooty"),
        steps("2h 200", (100, "1h"), "bus"),
    ),
    {
        "restart": "24h",
        "limits": [
            {"vehicle_classes": ["car"], "rolling_24h_paise": 300_00, "lost_ticket_paise": 350_00},
            {"vehicle_classes": ["bike", "scooty"], "rolling_24h_paise": 100_00, "lost_ticket_paise": 150_00},
            {"vehicle_classes": ["bus"], "rolling_24h_paise": 1000_00, "lost_ticket_paise": 1050_00},
        ],
    },
)
CHENNAI = Board(
    "Chennai airport",
    "The New Indian Express, 29 Sep 2018",
    (
        steps("30m 40, 2h 100", (20, "1h"), "car"),
        steps("30m 20, 2h 25", (10, "1h"), "bike"),
        steps("30m 50, 2h 110", (20, "1h"), "bus", "truck"),
    ),
)
AAI = "three times the two-hour rate beyond seven hours, for every 24 hours or part"
KOLKATA = Board(
    "Kolkata airport",
    f"nscbiairport.com, Nov 2024, the first half hour from eair.in, undated: Rs 20 an hour after two hours, {AAI}",
    (
        steps("30m 40, 2h 100, 3h 120, 4h 140, 5h 160, 6h 180, 7h 200, 24h 300", (300, "1d"), "car"),
        steps("30m 20, 2h 25, 3h 35, 4h 45, 5h 55, 6h 65, 7h 75", (75, "1d"), "bike"),
        steps("30m 50, 2h 110, 3h 130, 4h 150, 5h 170, 6h 190, 7h 210, 24h 330", (330, "1d"), "bus", "truck"),
    ),
)
MANGALURU = Board(
    "Mangaluru airport",
    "The Hindu, article 28789178, about Aug 2019: Rs 10 an hour after two hours up to seven, two-wheelers Rs 5",
    (
        steps("30m 20, 2h 55", (10, "1h"), "car"),
        steps("30m 20, 2h 60", (10, "1h"), "van"),
        steps("30m 10, 2h 15", (5, "1h"), "bike"),
        steps("30m 30, 2h 70", (10, "1h"), "bus", "truck"),
    ),
)
VADODARA = Board(
    "Vadodara airport",
    "ourvadodara.com, on the policy in force from 5 April, undated",
    (
        steps("30m 30, 2h 60, 3h 70, 4h 80, 5h 90, 6h 100, 7h 110, 24h 180", (180, "1d"), "car"),
        steps("30m 10, 2h 15, 3h 20, 4h 25, 5h 30, 6h 35, 7h 40, 24h 120", (120, "1d"), "bike"),
    ),
)
AHMEDABAD = Board(
    "Ahmedabad airport",
    "DNA, 18 Jul 2017 (aviationindia.net): 10 minutes free, Rs 85 for 2 hours, Rs 20 an hour until 7, then Rs 340",
    (steps("2h 85, 3h 105, 4h 125, 5h 145, 6h 165, 7h 185, 24h 340", (340, "1d")),),
    {"free": {"minutes": 10}},
)

AIRPORTS = [
    Case(DELHI_MLCP, "30m", 120),
    Case(DELHI_MLCP, "1h", 170, stated=False),
    Case(DELHI_MLCP, "5h 1m", 600),
    Case(DELHI_MLCP, "9d 3h", 5770, stated=False),
    Case(DELHI_GENERAL, "30m", 50),
    Case(DELHI_GENERAL, "2h", 100),
    Case(DELHI_GENERAL, "8h", 400, stated=False),
    Case(DELHI_GENERAL, "24h", 600),
    Case(DELHI_GENERAL, "4d", 2400, stated=False),
    Case(DELHI_PREMIUM, "31m", 140),
    Case(DELHI_PREMIUM, "24h", 900),
    Case(DELHI_T1, "3h", 120, stated=False),
    Case(DELHI_FLY, "24h", 500),
    Case(DELHI_FLY, "2d", 900),
    Case(DELHI_FLY, "3d", 1200),
    Case(DELHI_FLY, "4d", 1500),
    Case(DELHI_LANE, "5m", 0),
    Case(DELHI_LANE, "10m", 100),
    Case(DELHI_LANE, "20m", 200, stated=False),
    Case(MUMBAI_GENERAL, "30m", 40),
    Case(MUMBAI_GENERAL, "8h 1m", 500),
    Case(MUMBAI_PREMIUM, "2h", 130),
    Case(MUMBAI_PREMIUM, "5h", 310, stated=False),
    Case(BENGALURU, "45m", 150),
    Case(BENGALURU, "2h 31m", 250, stated=False),
    Case(BENGALURU_BUDGET, "2h", 100),
    Case(BENGALURU_BUDGET, "6h", 300, stated=False),
    Case(BENGALURU_LANE, "8m", 0),
    Case(BENGALURU_LANE, "13m", 150),
    Case(BENGALURU_LANE, "18m", 300),
    Case(HYDERABAD, "30m", 50),
    Case(HYDERABAD, "2h", 150),
    Case(HYDERABAD, "24h", 300),
    Case(HYDERABAD, "2h", 30, "bike"),
    Case(HYDERABAD, "20h", 100, "bike"),
    Case(HYDERABAD, "3h", 300, "bus", stated=False),
    Case(HYDERABAD, "30m", 350, facts={"lost_ticket": True}),
    Case(CHENNAI, "30m", 40),
    Case(CHENNAI, "2h", 100),
    Case(CHENNAI, "2h", 25, "bike"),
    Case(CHENNAI, "31m", 110, "bus"),
    Case(KOLKATA, "2h", 100),
    Case(KOLKATA, "4h", 140, stated=False),
    Case(KOLKATA, "7h 1m", 300, stated=False),
    Case(KOLKATA, "26h", 600, stated=False),
    Case(KOLKATA, "2h", 25, "bike"),
    Case(MANGALURU, "30m", 20),
    Case(MANGALURU, "2h", 55),
    Case(MANGALURU, "5h", 85, stated=False),
    Case(MANGALURU, "4h", 25, "bike", stated=False),
    Case(VADODARA, "2h", 60),
    Case(VADODARA, "8h", 180),
    Case(VADODARA, "24h", 120, "bike"),
    Case(AHMEDABAD, "10m", 0),
    Case(AHMEDABAD, "2h", 85),
    Case(AHMEDABAD, "7h 30m", 340),
]
