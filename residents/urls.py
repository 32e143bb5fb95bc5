"""Addresses of residents."""

from django.urls import path

from accounts.pictures import picture
from residents.desk import intake, lookups, views
from residents.households import picking
from residents.households import views as households
from residents.likeness import views as likeness
from residents.readers import views as readers
from residents.rights import views as rights
from residents.verification import views as verification
from residents.worklists import views as work

app_name = "residents"
urlpatterns = [
    path("collect/", views.collect, name="collect"),
    path("collect/mine/", views.mine, name="mine"),
    path("collect/worker.js", views.worker, name="worker"),
    path("collect/houses/", lookups.find_houses, name="find_houses"),
    path("collect/pack/", lookups.pack, name="pack"),
    path("collect/pack/houses/", lookups.pack_houses, name="pack_houses"),
    path("collect/check/", lookups.check_number, name="check_number"),
    path("collect/household/<uuid:pk>/", lookups.household, name="household_facts"),
    path("collect/person/<uuid:pk>/", lookups.person, name="person_facts"),
    path("collect/parts/have/", intake.have_parts, name="have_parts"),
    path("collect/parts/", intake.keep_part, name="keep_part"),
    path("collect/submit/", intake.take_in, name="take_in"),
    path("collect/progress/", intake.progress, name="progress"),
    path("collect/reader/", readers.reader, name="reader"),
    path("collect/reader/anju_reader.py", readers.reader_program, name="reader_program"),
    path("collect/faces/look/", verification.look, name="face_look"),
    path("collect/faces/check/", verification.check, name="face_check"),
    path("collect/checks/", verification.waiting, name="face_checks"),
    path("collect/checks/<uuid:pk>/", verification.review, name="face_review"),
    path("collect/work/", work.overview, name="work"),
    path("collect/work/<slug:code>/", work.worklist, name="worklist"),
    path("collect/grid/", picking.buildings, name="grid_buildings"),
    path("collect/grid/<int:pk>/", picking.building, name="grid"),
    path("pictures/<slug:model>/<uuid:pk>/<slug:field>/", picture, name="picture"),
    path("houses/", households.buildings, name="buildings"),
    path("houses/buildings/<int:pk>/", households.building, name="building"),
    path("houses/<uuid:pk>/", households.household, name="household"),
    path("houses/<uuid:pk>/sheet/", households.one_sheet, name="sheet"),
    path("houses/buildings/<int:pk>/sheets/", households.building_sheets, name="building_sheets"),
    path("houses/move-out/<uuid:pk>/", households.move_out, name="move_out"),
    path("houses/lease/<uuid:pk>/", households.change_lease, name="change_lease"),
    path("rights/", rights.worklist, name="rights"),
    path("rights/people/<uuid:pk>/", rights.sheet, name="rights_person"),
    path("rights/people/<uuid:pk>/cases/", rights.take_case, name="rights_take"),
    path("rights/people/<uuid:pk>/consents/", rights.give_consent, name="rights_give"),
    path("rights/people/<uuid:pk>/consents/withdraw/", rights.withdraw_consent, name="rights_withdraw"),
    path("rights/people/<uuid:pk>/lift/", rights.lift_restriction, name="rights_lift"),
    path("rights/cases/<uuid:pk>/", rights.show_case, name="rights_case"),
    path("rights/cases/<uuid:pk>/meet/", rights.meet_case, name="rights_meet"),
    path("rights/cases/<uuid:pk>/refuse/", rights.refuse_case, name="rights_refuse"),
    path("rights/cases/<uuid:pk>/export/", rights.export, name="rights_export"),
    path("collect/likeness/", likeness.look, name="likeness"),
    path("people/duplicates/", likeness.duplicates, name="duplicates"),
    path("people/duplicates/<uuid:pk>/", likeness.of_person, name="person_duplicates"),
    path("people/compare/<uuid:kept>/<uuid:gone>/", likeness.compare, name="compare"),
    path("people/compare/<uuid:kept>/<uuid:gone>/differ/", likeness.differ, name="differ"),
    path("people/merges/", likeness.merges, name="merges"),
    path("people/merges/<uuid:pk>/undo/", likeness.undo, name="unmerge"),
]
