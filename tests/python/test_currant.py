#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The library as Python sees it through introspection: publish, follow, queue get, errors.

Prints TAP. GI_TYPELIB_PATH and LD_LIBRARY_PATH have to find the library that is meant.
"""

import sys
import threading
import unittest

try:
    import gi
except ImportError:
    print("1..0 # SKIP PyGObject is not installed")
    sys.exit(77)

gi.require_version("Currant", "1.0")

from gi.repository import Currant, Gio, GLib, GObject  # noqa: E402


class Publishing(unittest.TestCase):
    def setUp(self):
        self.bus = Currant.Bus.new()
        self.seen = []

    def take(self, message, *data):
        self.seen.append((message.get_id(), message.get_args().unpack()))

    def test_follow_and_publish(self):
        self.bus.follow("*:log", self.take)
        taken = self.bus.publish("a:log", GLib.Variant("(is)", (1, "x")), None)
        self.assertEqual(taken, 1)
        self.assertEqual(self.bus.publish("a:other", None, None), 0)
        self.assertEqual(self.seen, [("a:log", (1, "x"))])

    def test_kwargs(self):
        kwargs = []
        self.bus.follow("a:x", lambda message, *data: kwargs.append(message.get_kwargs().unpack()))
        self.bus.publish("a:x", None, GLib.Variant("a{sv}", {"n": GLib.Variant("i", 5)}))
        self.assertEqual(kwargs, [{"n": 5}])

    def test_publish_value(self):
        values = []
        self.bus.follow("a:x", lambda message, *data: values.append(message.get_value()))
        self.bus.publish_value("a:x", 42)
        self.assertEqual(values, [42])

    def test_stop(self):
        follower = self.bus.follow("a:x", self.take)
        self.assertTrue(follower.is_active())
        follower.stop()
        self.assertFalse(follower.is_active())
        self.assertEqual(self.bus.publish("a:x", None, None), 0)
        self.assertEqual(self.seen, [])

    def test_follower_with_settings(self):
        follower = Currant.Follower.new(Currant.Pattern.new("a:{x,y}"), self.take)
        follower.set_delivery(Currant.Delivery.QUEUED)
        follower.set_limit(1)
        self.bus.add_follower(follower)
        self.bus.publish("a:y", None, None)
        self.bus.publish("a:x", None, None)
        self.assertEqual(self.seen, [])
        while GLib.MainContext.default().iteration(False):
            pass
        self.assertEqual(self.seen, [("a:y", ())])
        self.assertFalse(follower.is_active())

    def test_topic(self):
        topic = self.bus.get_topic("s:r")
        self.assertFalse(topic.has_followers())
        self.bus.follow("s:*", self.take)
        self.assertTrue(topic.has_followers())
        self.assertEqual(topic.publish_variant(GLib.Variant("(d)", (0.5,)), None), 1)
        self.assertEqual(self.seen, [("s:r", (0.5,))])

    def test_stats(self):
        self.bus.follow("a:x", self.take)
        self.bus.publish("a:x", None, None)
        stats = self.bus.get_stats().unpack()
        self.assertEqual(stats["published"], 1)
        self.assertEqual(stats["delivered"], 1)
        self.assertEqual(stats["followers"], 1)

    def test_default_bus(self):
        self.assertIs(Currant.Bus.get_default(), Currant.Bus.get_default())


class Values(unittest.TestCase):
    def test_identifier(self):
        identifier = Currant.Identifier.new("a@ns:b")
        self.assertEqual(identifier.get_name(), "a")
        self.assertEqual(identifier.get_action(), "b")
        self.assertEqual(identifier.get_namespace(), "ns")
        self.assertEqual(identifier.to_string(), "a@ns:b")

    def test_pattern(self):
        pattern = Currant.Pattern.new("app.*:{b,a}")
        self.assertEqual(pattern.to_string(), "app.*:{a,b}")
        self.assertTrue(pattern.matches(Currant.Identifier.new("app.x:a")))
        self.assertFalse(pattern.matches(Currant.Identifier.new("app.x:c")))
        self.assertTrue(Currant.Pattern.new("app*:*").covers(pattern))

    def test_errors(self):
        for text in ("", "a:", "a*b:c", "a\n:b"):
            with self.assertRaises(GLib.Error) as caught:
                Currant.Identifier.new(text)
            error = caught.exception
            self.assertTrue(error.matches(Currant.error_quark(), Currant.Error.INVALID_IDENTIFIER))
            self.assertIn("at byte", error.message)
        with self.assertRaises(GLib.Error):
            Currant.Pattern.new("a:{b")
        with self.assertRaises(GLib.Error):
            Currant.Bus.new().get_topic(":x")


class Queues(unittest.TestCase):
    def setUp(self):
        self.bus = Currant.Bus.new()
        self.queue = Currant.Queue.new(self.bus, "task:*", Currant.QueueKind.SHARED)

    def publish(self, number):
        self.bus.publish("task:do", GLib.Variant("(i)", (number,)), None)

    def test_get(self):
        self.publish(1)
        self.publish(2)
        self.assertEqual(self.queue.get_length(), 2)
        self.assertEqual(self.queue.get(-1, None).get_args().unpack(), (1,))
        self.assertEqual(self.queue.try_get().get_args().unpack(), (2,))
        self.assertIsNone(self.queue.try_get())

    def test_timed_out(self):
        with self.assertRaises(GLib.Error) as caught:
            self.queue.get(0, None)
        self.assertTrue(caught.exception.matches(Currant.error_quark(), Currant.Error.TIMED_OUT))

    def test_cancelled(self):
        cancellable = Gio.Cancellable()
        cancellable.cancel()
        with self.assertRaises(GLib.Error) as caught:
            self.queue.get(-1, cancellable)
        self.assertTrue(caught.exception.matches(Gio.io_error_quark(), Gio.IOErrorEnum.CANCELLED))

    def test_closed(self):
        self.publish(1)
        self.queue.close()
        self.assertEqual(self.queue.get(-1, None).get_args().unpack(), (1,))
        with self.assertRaises(GLib.Error) as caught:
            self.queue.get(-1, None)
        self.assertTrue(caught.exception.matches(Currant.error_quark(), Currant.Error.CLOSED))

    def test_get_in_a_thread(self):
        got = []

        def take():
            got.append(self.queue.get(30000000, None))

        thread = threading.Thread(target=take, daemon=True)
        thread.start()
        self.publish(7)
        thread.join(30)
        self.assertEqual(got[0].get_args().unpack(), (7,))

    def test_get_async(self):
        got = []
        loop = GLib.MainLoop()

        def on_got(queue, result):
            got.append(queue.get_finish(result))
            loop.quit()

        self.queue.get_async(None, on_got)
        self.publish(8)
        loop.run()
        self.assertEqual(got[0].get_args().unpack(), (8,))


class Owners(unittest.TestCase):
    def test_follow_object(self):
        class Owner(GObject.Object):
            pass

        bus = Currant.Bus.new()
        seen = []
        owner = Owner()
        bus.follow("a:x", lambda message, *data: seen.append(1))
        bus.publish("a:x", None, None)
        self.assertEqual(seen, [1])
        del owner


class TapResult(unittest.TestResult):
    """Says each result as a line of TAP."""

    count = 0

    def say(self, word, test, more=""):
        self.count += 1
        print(f"{word} {self.count} {test.id()}{more}", flush=True)

    def addSuccess(self, test):
        super().addSuccess(test)
        self.say("ok", test)

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        self.say("ok", test, f" # SKIP {reason}")

    def fail(self, test, error):
        for line in self._exc_info_to_string(error, test).splitlines():
            print("#", line)
        self.say("not ok", test)

    def addFailure(self, test, error):
        super().addFailure(test, error)
        self.fail(test, error)

    def addError(self, test, error):
        super().addError(test, error)
        self.fail(test, error)


def main():
    suite = unittest.defaultTestLoader.loadTestsFromModule(sys.modules["__main__"])
    result = TapResult()
    print(f"1..{suite.countTestCases()}", flush=True)
    suite.run(result)
    return 0 if result.wasSuccessful() else 1


if __name__ == "__main__":
    sys.exit(main())
