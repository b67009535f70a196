"""The forms of people who log in, checked where they come in. Each carries its CSRF token."""

from __future__ import annotations

from flask_babel import get_locale
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import EmailField, PasswordField, SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Email, InputRequired, Length, StopValidation, ValidationError

from central.actions.errors import Refused
from central.actions.people_contacts import normal_contact
from central.rules.people import ATTENDANT, DRIVER, SHORTEST_PASSWORD
from central.web import passwords

_MISSING = _l("This is needed.")
_CONTACT = _l("E-mail or mobile number")
LANGUAGES = (SelectChoice("en", _l("English")), SelectChoice("hi", _l("Hindi")))


def _contact_is_one(_form: FlaskForm, field: StringField) -> None:
    try:
        normal_contact(field.data or "")
    except Refused as error:
        raise ValidationError(str(error)) from error


class LoginForm(FlaskForm):
    email = StringField(_CONTACT, [InputRequired(_MISSING), Length(max=254)])
    password = PasswordField(_l("Password"), [InputRequired(_MISSING), Length(max=1000)])


class CodeForm(FlaskForm):
    code = StringField(_l("Code"), [InputRequired(_MISSING), Length(max=40)])


class ContactForm(FlaskForm):
    contact = StringField(_CONTACT, [InputRequired(_MISSING), Length(max=254), _contact_is_one])


class ProfileForm(FlaskForm):
    name = StringField(_l("Your name"), [InputRequired(_MISSING), Length(min=2, max=80)])
    language = SelectField(_l("Language"), choices=LANGUAGES)


class NewPassword(FlaskForm):
    """A password that is chosen; `shortest` is that of the role it is for."""

    password = PasswordField(_l("Password"), [InputRequired(_MISSING)])
    again = PasswordField(_l("Password once more"), [InputRequired(_MISSING)])
    shortest = SHORTEST_PASSWORD[DRIVER]

    def known(self) -> tuple[str, ...]:
        """What a stranger knows of its person."""
        fields = (self._fields.get(name) for name in ("name", "email", "contact"))
        return tuple(field.data or "" for field in fields if field is not None)

    def validate_password(self, field: PasswordField) -> None:
        try:
            passwords.check(field.data or "", *self.known(), shortest=self.shortest)
        except passwords.WeakPassword as error:
            raise StopValidation(_l("Choose another password: %(why)s.", why=str(error))) from error

    def validate_again(self, field: PasswordField) -> None:
        if field.data != self.password.data:
            raise ValidationError(_l("The two passwords differ."))


class RegisterForm(NewPassword):
    """A driver."""

    name = StringField(_l("Your name"), [InputRequired(_MISSING), Length(min=2, max=80)])
    contact = StringField(_CONTACT, [InputRequired(_MISSING), Length(max=254), _contact_is_one])
    language = SelectField(_l("Language"), choices=LANGUAGES, default=lambda: str(get_locale()))


class ResetForm(NewPassword):
    code = StringField(_l("Code"), [InputRequired(_MISSING), Length(max=40)])


class ChangePasswordForm(NewPassword):
    current = PasswordField(_l("Your password now"), [InputRequired(_MISSING), Length(max=1000)])


class ChangeContactForm(ContactForm):
    current = PasswordField(_l("Your password"), [InputRequired(_MISSING), Length(max=1000)])


class InvitedForm(NewPassword):
    """A member of staff who was invited."""

    name = StringField(_l("Your name"), [InputRequired(_MISSING), Length(min=2, max=80)])
    shortest = SHORTEST_PASSWORD[ATTENDANT]


class SetupForm(InvitedForm):
    """The first administrator."""

    email = EmailField(
        _l("E-mail"),
        [InputRequired(_MISSING), Length(max=254), Email(_l("This is not an e-mail address; expected NAME@DOMAIN."))],
    )
