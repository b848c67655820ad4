from .views import _v

sign_in = mailbox = _v
