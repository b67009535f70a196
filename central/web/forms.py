"""The forms of staff, checked where they come in. Each carries its CSRF token."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import EmailField, PasswordField, StringField
from wtforms.validators import Email, InputRequired, Length, StopValidation, ValidationError

from central.web import passwords

_MISSING = _l("This is needed.")


class LoginForm(FlaskForm):
    email = EmailField(_l("E-mail"), [InputRequired(_MISSING), Length(max=254)])
    password = PasswordField(_l("Password"), [InputRequired(_MISSING), Length(max=1000)])


class SetupForm(FlaskForm):
    """The first administrator."""

    name = StringField(_l("Your name"), [InputRequired(_MISSING), Length(max=80)])
    email = EmailField(
        _l("E-mail"),
        [InputRequired(_MISSING), Length(max=254), Email(_l("This is not an e-mail address; expected NAME@DOMAIN."))],
    )
    password = PasswordField(_l("Password"), [InputRequired(_MISSING)])
    again = PasswordField(_l("Password once more"), [InputRequired(_MISSING)])

    def validate_password(self, field: PasswordField) -> None:
        try:
            passwords.check(field.data or "", self.email.data or "", self.name.data or "")
        except passwords.WeakPassword as error:
            raise StopValidation(_l("Choose another password: %(why)s.", why=str(error))) from error

    def validate_again(self, field: PasswordField) -> None:
        if field.data != self.password.data:
            raise ValidationError(_l("The two passwords differ."))
