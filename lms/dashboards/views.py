from django.http import HttpResponse


def _v(request):
    return HttpResponse("ok")


home = learn = details = choose_registration = notices = help_page = _v
