"""Places over the API: personal values masked when read, taken in clear when written."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError as DjangoValidationError
from rest_framework import serializers

from accounts.scoped_api import ScopedViewSet
from community.models import Building, Community, House
from guomi.fields import EncryptedField
from guomi.forms import ERASE


class MaskedSerializer(serializers.ModelSerializer):
    """Encrypted fields leave masked. Saving runs the model's own rules, so that every door refuses the same."""

    def get_fields(self) -> dict[str, serializers.Field]:
        """A related record can be named only by who sees it."""
        fields, request = super().get_fields(), self.context.get("request")
        for field in fields.values():
            rows = getattr(field, "queryset", None)
            if rows is not None and hasattr(rows, "visible_to") and request is not None:
                field.queryset = rows.visible_to(request.user)
        return fields

    def to_representation(self, instance: Any) -> dict[str, Any]:
        data = super().to_representation(instance)
        for field in instance._meta.concrete_fields:
            if isinstance(field, EncryptedField) and field.name in data:
                data[field.name] = getattr(instance, f"{field.name}_masked")()
        return data

    def to_internal_value(self, data: Any) -> dict[str, Any]:
        """A sealed value left empty, or sent back as the mask it was shown as, stays as it is stored; "-" empties it."""
        if self.instance is None or not isinstance(data, Mapping):
            return super().to_internal_value(data)
        sealed = {one.name: one for one in self.Meta.model._meta.concrete_fields if isinstance(one, EncryptedField)}
        sent, kept = {name: data[name] for name in data}, {}
        for name in sealed.keys() & sent.keys():
            value = sent[name].strip() if isinstance(sent[name], str) else sent[name]
            if value in ERASE and sealed[name].blank:
                kept[name] = None if sealed[name].null else ""
            elif value in ("", None, getattr(self.instance, f"{name}_masked")()):
                kept[name] = getattr(self.instance, name)
        for name in kept:
            del sent[name]
            self.fields[name].required = False
        return super().to_internal_value(sent) | kept

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        instance = self.Meta.model(**attrs) if self.instance is None else self.instance
        for name, value in attrs.items():
            setattr(instance, name, value)
        try:
            instance.full_clean(exclude=["community"] if self.Meta.model is House else None)
        except DjangoValidationError as error:
            raise serializers.ValidationError(error.message_dict) from error
        return attrs


class CommunitySerializer(MaskedSerializer):
    class Meta:
        model = Community
        fields = ("id", "name", "registration_code", "kind", "mode", "level", "tier", "address")


class BuildingSerializer(MaskedSerializer):
    class Meta:
        model = Building
        fields = ("id", "community", "number", "name", "floors")


class HouseSerializer(MaskedSerializer):
    class Meta:
        model = House
        fields = (
            "id", "community", "building", "unit", "floor", "room", "address_code", "address_name", "owner_name",
            "owner_number", "owner_phone", "owner_address", "certificate_number", "rooms", "area", "category", "nature",
            "use", "group_rental", "lease_status", "remark",
        )  # fmt: skip
        read_only_fields = ("community",)


class CommunityViewSet(ScopedViewSet):
    queryset, serializer_class = Community.objects.all(), CommunitySerializer
    view_verb, change_verb = "view_place", "edit_place"
    community_of = staticmethod(lambda community: community.pk)


class BuildingViewSet(ScopedViewSet):
    queryset, serializer_class = Building.objects.all(), BuildingSerializer
    view_verb = "view_place"
    add_verb = change_verb = delete_verb = "edit_place"


class HouseViewSet(ScopedViewSet):
    audited = True
    queryset, serializer_class = House.objects.with_label(), HouseSerializer
    view_verb = "view_place"
    add_verb = change_verb = delete_verb = "edit_place"
    community_of = staticmethod(lambda house: house.building.community_id)


ROUTES = [("communities", CommunityViewSet), ("buildings", BuildingViewSet), ("houses", HouseViewSet)]
