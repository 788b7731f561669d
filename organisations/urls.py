"""Addresses of organisations. What people were once sent must work for ever: add, never change."""

from django.urls import path

from core import resolver
from organisations import endorse_views, views

resolver.home("organisation", of="slug", under=("organisations",))
resolver.home("organisation", of="organisation", under=("statements",))

urlpatterns = [
    path("organisations/<slug:slug>/", views.organisation, name="organisation"),
    path("logos/<uuid:uuid>.webp", views.logo, name="logo"),
    path("manage/<str:token>/details/", endorse_views.details, name="endorsement_details"),
    path("statements/<slug:slug>/endorse/", endorse_views.endorse, name="endorse"),
    path("statements/<slug:slug>/endorse/form/", endorse_views.endorse_form, name="endorse_form"),
    path("statements/<slug:slug>/endorse/check-email/", endorse_views.check_email, name="endorse_check_email"),
    path("statements/<slug:slug>/endorse/thanks/", endorse_views.thanks, name="endorse_thanks"),
    path("statements/<slug:slug>/motion/", views.motion_page, name="motion"),
    path("statements/<slug:slug>/motion.txt", views.motion_file, {"form": "txt"}, name="motion_txt"),
    path("statements/<slug:slug>/motion.docx", views.motion_file, {"form": "docx"}, name="motion_docx"),
    path("statements/<slug:slug>/motion.pdf", views.motion_file, {"form": "pdf"}, name="motion_pdf"),
    path("statements/<slug:slug>/organisations/", views.statement_organisations, name="statement_organisations"),
    path(
        "statements/<slug:slug>/organisations/<slug:organisation>.png",
        views.endorsement_image,
        name="endorsement_image",
    ),
    path(
        "statements/<slug:slug>/organisations/<slug:organisation>.pdf",
        views.endorsement_poster,
        name="endorsement_poster",
    ),
]
