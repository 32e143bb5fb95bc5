"""Addresses of audit."""

from django.urls import path

from audit import views
from audit.review import views as review

app_name = "audit"
urlpatterns = [
    path("", review.show, name="timeline"),
    path("sessions/<slug:mark>/", review.story, name="session"),
    path("objects/<str:label>/<str:pk>/", review.about, name="object"),
    path("entries/<int:pk>/", review.entry, name="entry"),
    path("entries/<int:pk>/proof/", review.proof, name="proof"),
    path("unusual/", review.flagged, name="unusual"),
    path("state/", review.state, name="state"),
    path("state/verify/", review.verify, name="verify"),
    path("folders/", review.folders, name="folders"),
    path("folders/<int:pk>/", review.folder, name="folder"),
    path("folders/<int:pk>/export/", review.export_folder, name="folder_export"),
    path("export/", review.export, name="export"),
    path("heads/", views.heads, name="heads"),
]
