"""What goes up of people, of who lives where, and of vehicles: B.2.2, B.4.2, B.5.2."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db import models
from django.db.models import F, Prefetch
from django.utils.translation import gettext_lazy as _

from residents.models import Person, Residency, Vehicle, Worker
from residents.rights import optional
from uploads.offers import Offer, offer
from uploads.reports import Context, Incomplete, Report, register, subject_key, upper_ids

# Names in the record of the fields that a community has to switch on.
OPTIONAL = {
    "education_code": "education", "marital_status_code": "marital_status", "occupation": "occupation",
    "occupation_category_code": "occupation_category", "military_service_code": "military_service",
    "political_status_code": "political_status", "ethnicity_code": "ethnicity",
}  # fmt: skip
RESTRICTED = [("person", "此人的信息已限制处理,不上报")]


def _gaps(row: Any, needed: Iterable[tuple[str, str, str]]) -> None:
    """Raise Incomplete for what is empty: (attribute, English field, Chinese reason)."""
    if gaps := [(field, reason) for attribute, field, reason in needed if not getattr(row, attribute)]:
        raise Incomplete(gaps)


@register
class PersonReport(Report):
    """人员信息数据同步. Where one lives, and as what, comes from the oldest open residency."""

    name = "person"
    interface = "B.2.2"
    model = Person
    title = _("人员")
    upper_id = "person_id"
    pulled = "B.2.1"
    touched_by = ("residencies", "residencies__house")

    def queryset(self) -> models.QuerySet:
        present = Residency.objects.filter(moved_out__isnull=True).order_by("created_at", "pk")
        homes = present.select_related("house__community", "house__building", "house__unit")
        return Person.objects.prefetch_related(Prefetch("residencies", queryset=homes, to_attr="homes"))

    def record(self, person: Person, context: Context) -> dict[str, Any]:
        if person.restricted_at:
            raise Incomplete(RESTRICTED)
        _gaps(
            person,
            (
                ("name", "name", "姓名为空"),
                ("document_number", "document_number", "证件号码为空"),
                ("phone", "phone", "联系电话为空,请补填本人或家属电话"),
            ),
        )
        home = person.homes[0] if person.homes else None
        off = self._off(context)
        record = {
            "name": person.name,
            "document_number": person.document_number,
            "document_type_code": person.document_type,
            "person_type_code": person.person_type,
            "former_name": person.former_name,
            "english_name": person.english_name,
            "sex_code": person.sex,
            "ethnicity_code": person.ethnicity,
            "phone": person.phone,
            "birth_date": person.birth_date,
            "household_register_address": person.registered_address,
            "residence_address_code": home.house.address_code if home else "",
            "residence_address": home.house.address_text if home else "",
            "education_code": person.education,
            "marital_status_code": person.marital_status,
            "occupation": person.occupation,
            "occupation_category_code": person.occupation_category,
            "military_service_code": person.military_service,
            "political_status_code": person.political_status,
            "resident_type_code": home.occupant_type if home else "",
            "remark": person.remark,
            "photo_base64": person.photo.read_clear() if person.photo else None,
            "workplace": person.workplace,
            "document_issuer": person.document_issuer,
            "document_validity": person.document_validity,
            "is_elderly_living_alone": person.lives_alone_elder,
        }
        return {name: value for name, value in record.items() if OPTIONAL.get(name) not in off}

    @staticmethod
    def _off(context: Context) -> frozenset[str]:
        """Sensitive optional fields the community has not switched on: looked up once a batch."""
        if "optional" not in context.memo:
            context.memo["optional"] = optional.off(context.community_id)
        return context.memo["optional"]


@register
class ResidencyReport(Report):
    """人房关系信息数据同步. There is no unbinding: a tenant who moved out goes up again with the lease ended (quirk G-37)."""

    name = "residency"
    interface = "B.4.2"
    model = Residency
    title = _("居住关系")
    community = "house__community"
    upper_id = "relation_id"
    pulled = "B.4.1"
    touched_by = ("house",)
    after = ("house", "person")

    def queryset(self) -> models.QuerySet:
        return Residency.objects.select_related("house").annotate(restricted=F("person__restricted_at"))

    def match(self, community_id: int, records: Sequence[Mapping[str, Any]]) -> list[Any]:
        """B.4.1 gives no id of the relation: by the person's id and the house's address code."""
        people = upper_ids("person", community_id, [str(record.get("person_id", "")) for record in records])
        homes = Residency.objects.filter(house__community=community_id, person__in=list(people.values()))
        known = {
            (subject_key(person), code): pk
            for pk, person, code in homes.order_by("-moved_out").values_list("pk", "person", "house__address_code")
        }
        return [
            known.get((people.get(str(record.get("person_id", ""))), record.get("address_code"))) for record in records
        ]

    def needs(self, residency: Residency) -> Iterable[tuple[str, Any]]:
        return [("house", residency.house_id), ("person", residency.person_id)]

    def record(self, residency: Residency, context: Context) -> dict[str, Any]:
        if residency.restricted:
            raise Incomplete(RESTRICTED)
        if residency.on_lease:
            _gaps(
                residency,
                (
                    ("lease_start", "lease_start", "租赁开始时间为空"),
                    ("lease_end", "lease_end", "租赁结束时间为空"),
                    ("lease_contract", "lease_contract_photo_base64", "租赁合同照片为空"),
                ),
            )
        return {
            "person_id": context.require("person", residency.person_id),
            "address_code": residency.house.address_code,
            "resident_type_code": residency.occupant_type,
            "lease_start": residency.lease_start,
            "lease_end": self._lease_end(residency),
            "lease_contract_photo_base64": residency.lease_contract.read_clear() if residency.lease_contract else None,
            "tenant_family": residency.tenant_family,
        }

    def _lease_end(self, residency: Residency) -> Any:
        """The lease's end; the day of moving out when that came first and the lease had begun."""
        end, left = residency.lease_end, residency.moved_out
        if end is None or left is None or left >= end.date() or left <= residency.lease_start.date():
            return end
        return end.replace(year=left.year, month=left.month, day=left.day)


@register
class VehicleReport(Report):
    """车辆信息数据同步."""

    name = "vehicle"
    interface = "B.5.2"
    model = Vehicle
    title = _("车辆")
    upper_id = "vehicle_id"
    pulled = "B.5.1"

    def queryset(self) -> models.QuerySet:
        return Vehicle.objects.annotate(restricted=F("owner__restricted_at"))

    def record(self, vehicle: Vehicle, context: Context) -> dict[str, Any]:
        if vehicle.restricted:
            raise Incomplete(RESTRICTED)
        _gaps(
            vehicle,
            (
                ("owner_name", "owner_name", "车主姓名为空"),
                ("owner_number", "owner_document_number", "车主证件号码为空"),
                ("owner_phone", "owner_phone", "车主联系方式为空"),
            ),
        )
        return {
            "plate_number": vehicle.plate,
            "plate_color_code": vehicle.plate_colour,
            "vehicle_brand_code": vehicle.brand,
            "vehicle_type_code": vehicle.type,
            "vehicle_color_code": vehicle.colour,
            "owner_name": vehicle.owner_name,
            "owner_document_number": vehicle.owner_number,
            "owner_phone": vehicle.owner_phone,
            "remark": vehicle.remark,
            "photo_base64": vehicle.photo.read_clear() if vehicle.photo else None,
        }


@offer
class WorkerOffer(Offer):
    """小区从业人员信息: who works here now."""

    name = "worker"
    item = "12"
    model = Worker
    title = _("小区从业人员信息")
    community = "organisation__community"
    touched_by = ("person", "organisation")
    verb = "view_people"
    personal = frozenset({"name", "document_number", "phone"})
    keys = {
        "name": _("姓名"), "document_number": _("证件号码"), "phone": _("联系电话"), "organisation": _("单位"),
        "title": _("岗位"), "started": _("入职日期"),
    }  # fmt: skip

    def queryset(self) -> models.QuerySet:
        return Worker.objects.filter(ended=None).select_related("person", "organisation")

    def values(self, worker: Worker) -> dict[str, Any]:
        person = worker.person
        if person.restricted_at:
            raise Incomplete(RESTRICTED)
        return {
            "name": person.name, "document_number": person.document_number, "phone": person.phone,
            "organisation": worker.organisation.name, "title": worker.title, "started": worker.started,
        }  # fmt: skip

    def shown(self, worker: Worker) -> dict[str, Any]:
        return {
            "name": worker.person.name_masked(), "organisation": worker.organisation.name, "title": worker.title,
            "started": worker.started.isoformat() if worker.started else "",
        }  # fmt: skip
