"""Addresses as staff see them in lists."""

from django import template

from core import addresses

register = template.Library()
register.filter("masked", addresses.masked)
