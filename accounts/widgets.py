"""Inputs for encrypted fields in the admin's own dress."""

from unfold.widgets import UnfoldAdminTextInputWidget

from guomi.forms import MaskedInputMixin


class MaskedTextInput(MaskedInputMixin, UnfoldAdminTextInputWidget):
    """Looks like every other input of the form; the stored value is there as a mask only."""
