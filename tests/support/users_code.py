"""What tests of users' code share: values of an avatar, its observers, and threads."""

import threading

import ipywidgets

from ipyavatar import Avatar

SOON_S = 20.0
OURS = sorted(set(Avatar.class_trait_names()) - set(ipywidgets.DOMWidget.class_trait_names()))


def values_of(avatar):
    """Its traits, but for those that every widget has."""
    return {name: getattr(avatar, name) for name in OURS}


def all_heard(avatar):
    """Wait until observers have been called of all that happened so far."""
    reached = threading.Event()
    avatar.session.callbacks.submit(reached.set)
    assert reached.wait(SOON_S)


def in_threads(number, call):
    """Call it in so many threads at once; what each returned or raised."""
    results, ready = [], threading.Barrier(number)

    def run():
        ready.wait(SOON_S)
        try:
            results.append(call())
        except Exception as error:
            results.append(error)

    threads = [threading.Thread(target=run) for _ in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(SOON_S)
    assert len(results) == number, "one of them hangs"
    return results
