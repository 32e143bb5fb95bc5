"""One record of every kind in a community, and the addresses that name them."""

import uuid
from datetime import date
from types import SimpleNamespace
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.utils import timezone

from accounts.signin import tokens
from analysis.models import StrangerArchive, VehicleArchive
from audit import log
from audit.models import Folder
from community.models import Gate, Import, MeterReading, Organisation
from demo.drawings import portrait
from devices.models import Device, PersonPassage, VehiclePassage
from guomi import sm2
from residents.likeness.merging import merge
from residents.models import Case, Consent, FaceCheck, OptionalField, Person, Vehicle, Worker
from residents.rights.models import Kind, Notice
from tests import cast
from tests.uploads.test_loaded import EXAMPLE
from tests.workbooks.books import book
from uploads.models import Due, LoadedInterface, Receipt, UpperPlatform, UpperRecord


class Objects:
    """Everything a place holds, by the admin's name of the model: "residents_person"."""

    def __init__(self, place: cast.Place) -> None:
        community, now = place.community, timezone.now()
        self.place, self.community = place, community
        notice = Notice.objects.current(Kind.REGISTER, community.pk)
        gate = Gate.objects.create(community=community, name="东门")
        firm = Organisation.objects.create(community=community, name="安居物业")
        device = Device.objects.create(community=community, code=f"D-{community.pk}", name="相机", type="4", gate=gate)
        vehicle = Vehicle.objects.create(community=community, plate=f"津A{community.pk:05}", owner_name="王秀英")
        who = {"person": place.resident, "subject": place.resident.pk}
        passing = {"community": community, "device": device, "direction": "1", "at": now}
        self.by_name: dict[str, Any] = {
            "community_community": community, "community_building": place.building, "community_house": place.house,
            "community_gate": gate, "community_organisation": firm,
            "community_meterreading": MeterReading.objects.create(house=place.house, month=date(2026, 1, 1)),
            "community_post": place.staff["guard"].posts.get(),
            "residents_person": place.resident, "residents_residency": place.residency, "residents_vehicle": vehicle,
            "residents_worker": Worker.objects.create(person=place.resident, organisation=firm),
            "residents_consent": Consent.objects.create(community=community, notice=notice, given_at=now, **who),
            "residents_facecheck": FaceCheck.objects.create(
                community=community, person=place.resident, client_key=uuid.uuid4(), outcome="below", review="open",
                checked_at=now, checked_by=place.staff["operator"],
            ),
            "residents_notice": Notice.objects.create(
                community=community, kind=Kind.FACE, title="告知", text="告知内容", purpose="门禁", means="比对"
            ),
            "residents_optionalfield": OptionalField.objects.create(
                community=community, field="education", basis="单独同意"
            ),
            "devices_device": device,
            "devices_personpassage": PersonPassage.objects.create(
                person=place.resident, open_method="1", open_status="1", occupant_type="2", **passing
            ),
            "devices_vehiclepassage": VehiclePassage.objects.create(plate=vehicle.plate, vehicle=vehicle, **passing),
            "analysis_strangerarchive": StrangerArchive.objects.create(
                community=community, first_passage_at=now, photo1=portrait(7, "1")
            ),
            "analysis_vehiclearchive": VehicleArchive.objects.create(
                community=community, plate="津B00001", first_passage_at=now
            ),
            "uploads_upperplatform": UpperPlatform.objects.create(
                community_id=community.pk, registration_code=community.registration_code, base_url="http://127.0.0.1:9",
                client_id="c", username="u", password="p", public_key="04" + sm2.generate().public.hex(),
            ),
            "uploads_due": Due.objects.filter(community_id=community.pk).first(),
            "uploads_receipt": Receipt.objects.create(
                report="person", subject_id=place.resident.pk.hex, community_id=community.pk, revision=1,
                outcome="delivered", at=now,
            ),
            "uploads_upperrecord": UpperRecord.objects.create(
                community_id=community.pk, clause="B.2.1", key="1", record={}, seen_at=now, changed_at=now
            ),
            "audit_entry": log.write("view", target=place.resident, community_id=community.pk, request=self.visit()),
        }  # fmt: skip
        self.case = Case.objects.create(
            community=community, wish="export", received_on=date(2026, 1, 1), due_on=date(2026, 2, 1), **who
        )
        self.run = Import(community=community, file_name="x.xlsx", made_by=place.staff["manager"])
        self.run.keep(book(人员=[["姓名", "证件号码"], ["王", "123"]]))
        self.run.state = Import.State.WRONG
        self.run.save()
        self.other, gone = (
            Person.objects.create(community=community, name="钱七", document_type="414", document_number=f"Q{number}")
            for number in (1, 2)
        )
        self.merge = merge(self.other, gone, user=place.staff["manager"], now=now)
        self.folder = Folder.objects.create(name="案卷", reason="询问", made_by_id=place.staff["police"].pk)
        self.of_the_installation()

    def visit(self) -> Any:
        """A request of a session of this community's."""
        return SimpleNamespace(session=SimpleNamespace(session_key=f"session-{self.community.pk}"), user=None)

    def of_the_installation(self) -> None:
        """What belongs to no community."""
        staff = self.place.staff["guard"]
        self.by_name["accounts_user"] = staff
        self.by_name["accounts_apitoken"] = (
            staff.api_tokens.first() or tokens.make(staff, "对接", ["read"], 9, timezone.now())[0]
        )
        self.by_name["uploads_loadedinterface"] = LoadedInterface.objects.first() or LoadedInterface.objects.create(
            clause="X.1", title="单位", offer="organisation", descriptor=EXAMPLE.read_text()
        )

    def arguments(self, route: str) -> list[Any]:
        """The parts of the address of a route that name this community's records."""
        inner = route.partition(":")[2]
        for name, row in self.by_name.items():
            if inner.startswith(f"{name}_"):
                if inner.endswith("simple_history"):
                    return [row.pk, row.history.first().pk]
                return [] if inner.endswith(("_changelist", "_add")) else [row.pk]
        return self._of_pages(route)

    def _of_pages(self, route: str) -> list[Any]:
        person, community = self.place.resident, self.community
        api = {
            "communities": community.pk, "buildings": self.place.building.pk, "houses": self.place.house.pk,
            "people": person.pk, "residencies": self.place.residency.pk, "vehicles": self.by_name["residents_vehicle"].pk,
            "devices": self.by_name["devices_device"].pk, "person-passages": self.by_name["devices_personpassage"].pk,
            "vehicle-passages": self.by_name["devices_vehiclepassage"].pk,
        }  # fmt: skip
        if route.endswith("-detail"):
            return [api[route.removesuffix("-detail")]]
        people = {
            "rights_person", "rights_take", "rights_give", "rights_withdraw", "rights_lift", "person_duplicates",
        }  # fmt: skip
        name = route.partition(":")[2]
        if route.startswith("residents:") and name in people:
            return [person.pk]
        if name in {"rights_case", "rights_meet", "rights_refuse", "rights_export"}:
            return [self.case.pk]
        run = [self.run.pk]
        if name in {"compare", "differ"}:
            return [person.pk, self.other.pk]
        entry, mark = self.by_name["audit_entry"], log.session_mark(self.visit())
        fixed = {
            "community:import": run, "community:import_marked": run, "community:import_undo": run,
            "audit:entry": [entry.pk], "audit:proof": [entry.pk], "audit:session": [mark],
            "audit:object": ["residents.person", person.pk], "audit:folder": [self.folder.pk],
            "audit:folder_export": [self.folder.pk],
            "residents:building": [self.place.building.pk], "residents:household": [self.place.house.pk],
            "residents:sheet": [self.place.house.pk], "residents:building_sheets": [self.place.building.pk],
            "residents:face_review": [self.by_name["residents_facecheck"].pk],
            "residents:move_out": [self.place.residency.pk], "residents:change_lease": [self.place.residency.pk],
            "residents:grid": [self.place.building.pk], "residents:worklist": ["no-photo"],
            "residents:unmerge": [self.merge.pk],
            "residents:household_facts": [self.place.house.pk], "residents:person_facts": [person.pk],
            "residents:picture": ["person", person.pk, "photo"],
            "uploads:examine": [self.by_name["uploads_upperplatform"].pk], "dashboard:table1_item": ["06"],
            "admin:auth_user_password_change": [self.by_name["accounts_user"].pk], "admin:app_list": ["residents"],
            "admin:view_on_site": [ContentType.objects.get_for_model(person).pk, person.pk],
        }  # fmt: skip
        return fixed.get(route, [])

    def query(self, route: str) -> dict[str, str]:
        """What an address needs to say which community is meant."""
        if route == "dashboard:table1_item":
            return {"community": str(self.community.pk)}
        return {}

    def form(self, route: str) -> dict[str, str]:
        """What a route must be told to be asked at all: the rest stays empty."""
        if route == "accounts:reveal":
            return {
                "model": "residents.person", "pk": str(self.place.resident.pk), "field": "phone", "reason": "visit",
                "note": "津公(和)受案字〔2026〕1234号",
            }  # fmt: skip
        if route == "residents:sheet":
            return {"reason": "visit", "note": "津公(和)受案字〔2026〕1234号"}
        if route == "community:export":
            return {"community": str(self.community.pk)}
        if route == "residents:rights_withdraw":
            return {"kind": "face"}
        return {}
