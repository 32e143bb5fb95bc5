"""Addresses of residents."""

from django.urls import path

from accounts.pictures import picture
from residents.desk import views
from residents.households import picking
from residents.households import views as households
from residents.rights import views as rights
from residents.worklists import views as work

app_name = "residents"
urlpatterns = [
    path("collect/", views.collect, name="collect"),
    path("collect/mine/", views.mine, name="mine"),
    path("collect/houses/", views.find_houses, name="find_houses"),
    path("collect/check/", views.check_number, name="check_number"),
    path("collect/progress/<uuid:pk>/", views.progress, name="progress"),
    path("collect/work/", work.overview, name="work"),
    path("collect/work/<slug:code>/", work.worklist, name="worklist"),
    path("collect/grid/", picking.buildings, name="grid_buildings"),
    path("collect/grid/<int:pk>/", picking.building, name="grid"),
    path("pictures/<slug:model>/<uuid:pk>/<slug:field>/", picture, name="picture"),
    path("houses/", households.buildings, name="buildings"),
    path("houses/buildings/<int:pk>/", households.building, name="building"),
    path("houses/<uuid:pk>/", households.household, name="household"),
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
]
