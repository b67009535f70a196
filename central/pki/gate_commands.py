"""The command that adds a barrier: with a token to type in by hand, or with a code to enrol by."""

from __future__ import annotations

import argparse
import json

from central import admin, keys
from central.actions import enrolment, gates
from central.actions.errors import Refused
from central.pki.authority import fingerprint_of, load_certificate, pki_folder
from central.settings import Settings
from central.store.schema import Gate


def gate_add(args: argparse.Namespace, settings: Settings) -> None:
    """A new gate with its token; with --code, new or known, one that enrols itself and gets its token then."""
    site, gate_id = _gate(args)
    if args.code:
        _gate_code(args, settings, site, gate_id)
        return
    public_key = keys.signer(settings).public
    with admin.ready(settings).begin() as session:
        gate, token = gates.add_gate(
            session, site, gate_id, admin.now(), admin.who(), lane=_lane(args), name=args.name or ""
        )
    told = {
        "site": gate.site_id,
        "gate": gate.id,
        "lane": gate.lane,
        "name": gate.name,
        "token": token,
        "public_key": public_key,
        "mqtt_url": settings.mqtt.url,
        "images_url": settings.public_url,
    }
    if args.json:
        print(json.dumps(told))
        return
    print(f"gate {gate.site_id}/{gate.id} added. Its token is shown this once; put it in the gate's token_file (0600):")
    print(f"  {token}")
    print("In its edge.toml:")
    print(f'  [central] public_keys = ["{public_key}"], images_url = "{settings.public_url}"')
    print(f'  [mqtt] url = "{settings.mqtt.url}", and a username and password_file that the broker knows')


def _gate_code(args: argparse.Namespace, settings: Settings, site: str, gate_id: str) -> None:
    fingerprint = fingerprint_of(load_certificate(pki_folder(settings)))
    broker = args.broker or settings.mqtt.url
    profile = args.profile or (3 if broker.startswith("mqtts:") else 1)
    with admin.ready(settings).begin() as session:
        gate = session.get(Gate, (site, gate_id))
        if gate is None:
            gate, _ = gates.add_gate(
                session, site, gate_id, admin.now(), admin.who(), lane=_lane(args), name=args.name or ""
            )
        code = enrolment.make_code(
            session, settings, gate, admin.now(), admin.who(), profile=profile, broker_url=broker
        )
        name = f"{gate.site_id}/{gate.id}"
    if args.json:
        told = {"site": site, "gate": gate_id, "code": code, "url": settings.public_url, "ca_sha256": fingerprint}
        print(json.dumps({**told, "profile": profile, "broker_url": broker}))
        return
    hours = int(enrolment.CODE_LASTS.total_seconds()) // 3600
    print(f"On the gate:  ./parkmeter enroll --central {settings.public_url} --gate {name}")
    print(f"  code        {code}   (once, within {hours} hours; shown this once)")
    print(f"  central CA  SHA-256 {fingerprint}")
    print(f"It joins the broker at {broker} (profile {profile}); give the broker its new files: broker-files FOLDER")


def _gate(args: argparse.Namespace) -> tuple[str, str]:
    """The gate meant by SITE GATE, or by SITE/GATE in one word."""
    site, slash, gate = args.site.partition("/")
    if bool(slash) == bool(args.gate):
        raise Refused(f"gate {args.site!r}: expected SITE GATE or SITE/GATE")
    return site, gate or args.gate


def _lane(args: argparse.Namespace) -> str:
    if args.lane is None:
        raise Refused("a new gate: expected --lane entry or --lane exit")
    return args.lane
