"""Addresses of comments. What people were once sent must work for ever: add, never change."""

from django.urls import path

from comments import feeds, token_views, views

urlpatterns = [
    path("statements/<slug:slug>/comments/", views.thread, name="comments"),
    path("statements/<slug:slug>/comments/check-email/", token_views.check_email, name="comment_check_email"),
    path("statements/<slug:slug>/comments/feed/", feeds.atom, name="comment_feed"),
    path("statements/<slug:slug>/comments/<int:pk>/report/", views.report, name="comment_report"),
]
