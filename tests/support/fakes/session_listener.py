"""A front end of a session that keeps what it is told."""

from __future__ import annotations


class RecordingListener:
    """Implements `SessionListener`."""

    def __init__(self):
        self.statuses = []
        self.speeches = []
        self.captions = []
        self.stats = {}
        self.usage = {}
        self.notices = []
        self.new_hosts = 0
        self.options = 0
        self.page_messages = []
        self.sent = []
        self.listening = []
        self.transcript = []

    def on_listening(self, update):
        self.listening.append((update.mode, update.hearing))

    def on_heard(self, transcript):
        self.transcript = transcript

    def on_status(self, status):
        self.statuses.append(status)

    def on_speech(self, speech, update):
        self.speeches.append((speech.id, update.state))

    def on_caption(self, caption):
        self.captions.append(caption.text)

    def on_stats(self, stats):
        self.stats = stats

    def on_usage(self, usage):
        self.usage = usage

    def on_notice(self, notice):
        self.notices.append(notice.text)

    def on_options(self):
        self.options += 1

    def on_new_host(self):
        self.new_hosts += 1

    def on_page_message(self, message):
        self.page_messages.append(message)

    def send_to_pages(self, message, buffers=()):
        self.sent.append(message)
