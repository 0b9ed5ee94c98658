"""Checks of many users in one go: what would happen, how far it is, and how to stop it."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Page, Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from users import rounds
from users.directory import Directory
from users.forms import UserSearchForm
from users.forms.search import READY
from users.methods import METHODS
from users.models import CheckRound, Installation, RoundMember
from users.views.access import AuthenticatedRequest, StaffOnly, may_edit
from users.views.checks import wants_progress

RECENT = 5
PAGE_SIZE = 50
State = RoundMember.State
TABS = (State.FAILED, State.NO_SERVER, State.SKIPPED, State.PASSED, State.LEFT)
TROUBLE = (State.FAILED, State.NO_SERVER, State.SKIPPED)


class RoundView(StaffOnly):
    permissions = ("users.view_emailsettings", "users.change_emailsettings")


class CheckAllPage(RoundView):
    """What a check of the users that the list shows would do; a POST begins it."""

    def get(self, request: AuthenticatedRequest) -> HttpResponse:
        selection = _selection_of(request)
        recent = [(each, describe(each.selection)) for each in CheckRound.objects.order_by("-started_at")[:RECENT]]
        context = {"selection": selection, "at_a_time": rounds.AT_A_TIME, "recent": recent}
        return render(request, "users/check_all.html", context | {"filters": describe(selection.filters)})

    def post(self, request: AuthenticatedRequest) -> HttpResponse:
        selection = _selection_of(request)
        if not selection.checked:
            messages.warning(request, _("There is nothing to check for these users."))
            return redirect(request.get_full_path())
        started, is_new = rounds.start(selection)
        if not is_new:
            messages.info(request, _("These users are being checked already: here is how far it is."))
        return redirect(started)


class RoundPage(RoundView):
    """How far a round is; a script gets this as a piece of the page."""

    def get(self, request: AuthenticatedRequest, uid: UUID) -> HttpResponse:
        watched = get_object_or_404(CheckRound.objects.select_related("started_by"), uid=uid)
        progress = rounds.Progress(watched)
        servers = list(watched.servers.all())
        shown = _shown_state(request.GET.get("show", ""), progress)
        context = {
            "round": watched,
            "progress": progress,
            "filters": describe(watched.selection),
            "again": urlencode(watched.selection),
            "is_idle": watched.is_under_way and progress.is_idle,
            "servers": [(METHODS[each.method], each.failure) for each in servers if each.is_out],
            "pauses": [(METHODS[each.method], each.not_before) for each in servers if each.is_resting],
            "tabs": [(State(state), progress.counts[state]) for state in TABS if progress.counts[state]],
            "shown": shown,
            "reasons": [reason for reason in progress.reasons if reason.state == shown and reason.problem],
            "page": _page_of(watched, shown, progress.counts[shown], request),
        }
        return render(request, "users/_round.html" if wants_progress(request) else "users/round.html", context)


class StopRound(RoundView):
    """Ends a round early."""

    def post(self, request: AuthenticatedRequest, uid: UUID) -> HttpResponse:
        stopped = get_object_or_404(CheckRound, uid=uid)
        rounds.stop(stopped)
        return redirect(stopped)


def describe(filters: dict[str, str]) -> list[str]:
    """What a list was filtered by, in words."""
    words = [_("found by “%(words)s”") % {"words": filters["q"]}] if "q" in filters else []
    method = METHODS.get(filters.get("method", ""))
    ready = [str(READY[filters["ready"]])] if filters.get("ready") in READY else []
    return [*words, *([method.label] if method else []), *ready]


def _selection_of(request: AuthenticatedRequest) -> rounds.Selection:
    directory = Directory(Installation.load(), **UserSearchForm(request.GET).chosen)
    return rounds.Selection(directory, request.user)


def _shown_state(wanted: str, progress: rounds.Progress) -> str:
    """The state whose users are listed: the one that is asked for, or the first in which something is wrong."""
    if wanted in TABS:
        return wanted
    return next((state for state in TROUBLE if progress.counts[state]), State.FAILED)


def _page_of(watched: CheckRound, state: str, number: int, request: AuthenticatedRequest) -> Page[Any]:
    """One page of these users, with whether the viewer may open them."""
    members = watched.members.filter(state=state).order_by("pk").select_related("user")
    paginator = Paginator(members, PAGE_SIZE)
    # It is known already, and not to be counted again.
    paginator.__dict__["count"] = number
    page: Page[Any] = paginator.get_page(request.GET.get("page", ""))
    page.object_list = [(member, may_edit(request.user, member.user)) for member in page.object_list]
    return page
