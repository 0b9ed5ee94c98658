"""Every address of the site, and what each kind of person is answered there: the table of ``test_permissions.py``."""

from __future__ import annotations

from dataclasses import dataclass

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
ANONYMOUS, OWNER, OTHER, STAFF_WITHOUT, STAFF, SUPERUSER = (
    "anonymous",
    "the user",
    "another user",
    "staff without permissions",
    "staff with permissions",
    "superuser",
)

# --- What may be answered, method by method (see METHODS); what is posted here is empty -------------------------------

FORM = "200 200 200 405 405 405 200"
CONFLICT = "200 200 409 405 405 405 200"
"""An empty form is a valid one here, but for its version."""
LOOK = "200 200 405 405 405 405 200"
BUTTON = "405 405 302 405 405 405 405"
DELETE = "200 200 302 405 405 405 200"
SIGN_OUT = "405 405 302 405 405 405 200"
DJANGO_FORM = "200 200 200 200 405 405 200"
"""Django's own forms take PUT for POST."""
READ = "200 200 405 405 405 405 405"
PREVIEW = "200 200 200 405 405 405 405"
ANSWER = "405 405 200 405 405 405 405"
NOTHING_PASTED = "405 405 422 405 405 405 405"
AWAY = "302 302 302 302 302 302 302"
NO = "403 403 403 403 403 403 403"
NOTHING = "404 404 404 404 404 404 404"
ADMIN = "200 200 200 200 200 200 200"
"""The admin takes everything but POST for GET, and asks again where a form is empty."""
ADMIN_LOOK = "200 200 403 200 200 200 200"
ADMIN_SAVE = "200 200 302 200 200 200 200"
ADMIN_NOTHING_FOUND = "403 403 405 405 405 405 200"


@dataclass(frozen=True)
class Row:
    """One address: what people get, in the order of the roles."""

    anonymous: str
    user: str
    other: str
    staff_without: str
    staff: str
    superuser: str

    def answers(self) -> dict[str, str]:
        return {
            ANONYMOUS: self.anonymous,
            OWNER: self.user,
            OTHER: self.other,
            STAFF_WITHOUT: self.staff_without,
            STAFF: self.staff,
            SUPERUSER: self.superuser,
        }


def everybody(answer: str, *, user: str = "") -> Row:
    """For everybody who is signed in; `user` is the answer for the one who has settings already."""
    return Row(AWAY, user or answer, answer, answer, answer, answer)


def of_the_owner(answer: str) -> Row:
    """For nobody but the one whose it is, not even for administrators."""
    return Row(AWAY, answer, *[looked_for(answer)] * 4)


def looked_for(answer: str) -> str:
    """The same where there is nothing to be found."""
    return " ".join(
        "404" if status in {"200", "302"} and method != "OPTIONS" else status
        for method, status in zip(METHODS, answer.split(), strict=True)
    )


def staff(answer: str) -> Row:
    return Row(AWAY, NO, NO, NO, answer, answer)


def superuser(answer: str) -> Row:
    return Row(AWAY, NO, NO, NO, NO, answer)


def admin(*, without: str = NO, staff: str, superuser: str) -> Row:
    """In the admin, those who are no staff are sent to its sign-in page."""
    return Row(AWAY, AWAY, AWAY, without, staff, superuser)


def admin_model(name: str, **answers: Row) -> dict[str, Row]:
    return {f"admin:{name}_{page}": row for page, row in answers.items()}


ADMIN_STAFF = admin(staff=ADMIN, superuser=ADMIN)
ADMIN_SUPERUSER = admin(staff=NO, superuser=ADMIN)
ADMIN_NOBODY = admin(staff=NO, superuser=NO)
ADMIN_EVERY_STAFF = admin(without=ADMIN, staff=ADMIN, superuser=ADMIN)
ATTEMPTS = {
    "changelist": ADMIN_SUPERUSER,
    "add": ADMIN_NOBODY,
    "change": admin(staff=NO, superuser=ADMIN_SAVE),
    "delete": ADMIN_SUPERUSER,
    "history": ADMIN_SUPERUSER,
}
TASKS = {
    "changelist": ADMIN_SUPERUSER,
    "add": ADMIN_NOBODY,
    "change": admin(staff=NO, superuser=ADMIN_LOOK),
    "delete": ADMIN_NOBODY,
    "history": ADMIN_SUPERUSER,
}
SINGLE_ROW = {
    "changelist": admin(staff=NO, superuser=AWAY),
    "add": ADMIN_NOBODY,
    "change": ADMIN_SUPERUSER,
    "delete": ADMIN_NOBODY,
    "history": ADMIN_SUPERUSER,
}
LOOK_ONLY = {
    "changelist": ADMIN_STAFF,
    "add": ADMIN_NOBODY,
    "change": admin(staff=ADMIN_LOOK, superuser=ADMIN_LOOK),
    "delete": ADMIN_STAFF,
    "history": ADMIN_STAFF,
}

TABLE: dict[str, Row] = {
    "home": everybody(AWAY),
    "users:profile": everybody(FORM, user=CONFLICT),
    "users:signature": everybody(CONFLICT),
    "users:test-message": everybody(BUTTON),
    "users:signature-preview": everybody(PREVIEW),
    "users:signature-paste": everybody(NOTHING_PASTED),
    "users:signature-measurement": everybody(ANSWER),
    "users:signature-files": everybody(READ),
    "users:signature-clipboard": everybody(READ),
    "users:signature-image": Row(AWAY, READ, looked_for(READ), looked_for(READ), READ, READ),
    "users:test-draft": everybody("302 302 405 405 405 405 405", user=READ),
    "users:check": Row(AWAY, READ, looked_for(READ), looked_for(READ), READ, READ),
    "users:messages": everybody(READ),
    "users:compose": everybody("302 302 405 405 405 405 405"),
    "users:message": of_the_owner(READ),
    "users:message-edit": of_the_owner("302 302 302 405 405 405 200"),
    "users:message-draft": of_the_owner("404 404 405 405 405 405 405"),
    "users:message-look": of_the_owner(BUTTON),
    "users:entra-connect": everybody(BUTTON),
    "users:entra-callback": everybody("302 405 405 405 405 405 405"),
    "users:entra-disconnect": everybody(BUTTON),
    "users:activities": everybody(LOOK),
    "users:activity-add": everybody(FORM),
    "users:activity": of_the_owner(FORM),
    "users:activity-delete": of_the_owner(DELETE),
    "users:activity-file": of_the_owner("200 200 405 405 405 405 405"),
    "users:activity-export": of_the_owner("405 405 302 405 405 405 405"),
    "users:user-activity-export": Row(AWAY, NO, NO, NO, *["405 405 302 405 405 405 405"] * 2),
    "users:feed-make": everybody("405 405 403 405 405 405 405"),
    "users:feed-end": everybody(BUTTON),
    "users:feed": Row(*["404 404 405 405 405 405 405"] * 6),
    "users:user-activities": staff(LOOK),
    "users:user-activity-add": staff(FORM),
    "users:user-activity": staff(FORM),
    "users:user-activity-delete": staff(DELETE),
    "users:list": staff(LOOK),
    "users:check-all": staff("200 200 302 405 405 405 200"),
    "users:check-round": staff(LOOK),
    "users:check-round-stop": staff("405 405 302 405 405 405 200"),
    "users:add": staff(FORM),
    "users:edit": staff(FORM),
    "users:edit-signature": staff(CONFLICT),
    "users:edit-signature-preview": staff(PREVIEW),
    "users:edit-signature-files": staff(READ),
    "users:edit-signature-clipboard": staff(READ),
    "users:system": superuser(FORM),
    "users:entra": superuser(FORM),
    "users:entra-certificate": superuser(FORM),
    "users:entra-certificate-public": superuser("404 404 405 405 405 405 200"),
    "users:signature-templates": staff(LOOK),
    "users:signature-template-add": staff(FORM),
    "users:signature-template": staff(FORM),
    "users:signature-template-delete": staff(DELETE),
    "users:signature-template-preview": staff(PREVIEW),
    "users:signature-template-previews": staff(PREVIEW),
    "login": Row(DJANGO_FORM, AWAY, AWAY, AWAY, AWAY, AWAY),
    "logout": everybody(SIGN_OUT),
    "password_change": everybody(DJANGO_FORM),
    "password_change_done": everybody(LOOK),
    "healthz": Row(READ, READ, READ, READ, READ, READ),
    "admin:index": ADMIN_EVERY_STAFF,
    "admin:login": Row(DJANGO_FORM, DJANGO_FORM, DJANGO_FORM, *(["302 200 200 200 405 405 200"] * 3)),
    "admin:logout": admin(without=SIGN_OUT, staff=SIGN_OUT, superuser=SIGN_OUT),
    "admin:password_change": admin(without=DJANGO_FORM, staff=DJANGO_FORM, superuser=DJANGO_FORM),
    "admin:password_change_done": admin(without=LOOK, staff=LOOK, superuser=LOOK),
    "admin:autocomplete": admin(without=ADMIN_NOTHING_FOUND, staff=ADMIN_NOTHING_FOUND, superuser=ADMIN_NOTHING_FOUND),
    "admin:jsi18n": admin(without=LOOK, staff=LOOK, superuser=LOOK),
    "admin:view_on_site": admin(without=AWAY, staff=AWAY, superuser=AWAY),
    "admin:app_list": admin(without=NOTHING, staff=ADMIN, superuser=ADMIN),
    "admin:(?P<url>.*)$": admin(without=NOTHING, staff=NOTHING, superuser=NOTHING),
    "admin:auth_user_password_change": ADMIN_STAFF,
    **admin_model(
        "users_user",
        changelist=ADMIN_STAFF,
        add=ADMIN_STAFF,
        change=ADMIN_STAFF,
        delete=ADMIN_STAFF,
        history=ADMIN_STAFF,
    ),
    **admin_model(
        "users_emailsettings",
        changelist=ADMIN_STAFF,
        add=ADMIN_NOBODY,
        change=ADMIN_STAFF,
        delete=ADMIN_STAFF,
        history=ADMIN_STAFF,
    ),
    **admin_model("users_systemsettings", **SINGLE_ROW),
    **admin_model("users_entraappregistration", **SINGLE_ROW),
    **admin_model(
        "users_signaturetemplate",
        changelist=ADMIN_STAFF,
        add=ADMIN_STAFF,
        change=ADMIN_STAFF,
        delete=ADMIN_STAFF,
        history=ADMIN_STAFF,
    ),
    **admin_model(
        "users_activity",
        changelist=ADMIN_STAFF,
        add=ADMIN_NOBODY,
        change=ADMIN_STAFF,
        delete=ADMIN_STAFF,
        history=ADMIN_STAFF,
    ),
    **admin_model("users_calendarfeed", **LOOK_ONLY),
    **admin_model("users_activityexport", **LOOK_ONLY),
    **admin_model("users_exportqueue", **LOOK_ONLY),
    **admin_model("users_signatureimage", **LOOK_ONLY),
    **admin_model("users_microsoftconnection", **LOOK_ONLY),
    **admin_model("users_outgoingmessage", **LOOK_ONLY),
    **admin_model("users_outgoingattachment", **LOOK_ONLY),
    **admin_model(
        "auth_group",
        changelist=ADMIN_SUPERUSER,
        add=ADMIN_SUPERUSER,
        change=ADMIN_SUPERUSER,
        delete=ADMIN_SUPERUSER,
        history=ADMIN_SUPERUSER,
    ),
    **admin_model("django_tasks_database_dbtaskresult", **TASKS),
    **admin_model("axes_accessattempt", **ATTEMPTS),
    **admin_model("axes_accesslog", **ATTEMPTS),
    **admin_model("axes_accessfailurelog", **ATTEMPTS),
}

KEYLESS = {
    "users:add",
    "users:activity-add",
    "users:check-all",
    "users:feed-make",
    "users:feed-end",
    "users:signature-template-add",
}
"""Addresses that begin like those of a row, and have none."""

OLD_ADMIN_ADDRESS = "admin:<path:object_id>/"
"""The admin's short form of every model's change page: it leads to the long one, which is in the table."""
