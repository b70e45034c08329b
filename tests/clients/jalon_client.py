"""A client in another language: knows no Jalon proto, asks the server for them by reflection."""

import json
import os
import subprocess
import time
import uuid

import grpc
from google.protobuf import descriptor_pool, message_factory
from google.rpc import error_details_pb2, status_pb2
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import (
    ProtoReflectionDescriptorDatabase,
)


# A connection of its own (channels of one process share them, and some tests break theirs), quick
# to find a server again that was restarted.
CHANNEL = [("grpc.use_local_subchannel_pool", 1), ("grpc.initial_reconnect_backoff_ms", 100),
           ("grpc.min_reconnect_backoff_ms", 1000), ("grpc.max_reconnect_backoff_ms", 1000)]


def uuid7(unix_ms=None):
    """A request id: UUIDv7, 16 bytes."""
    unix_ms = int(time.time() * 1000) if unix_ms is None else unix_ms
    data = bytearray(unix_ms.to_bytes(6, "big") + os.urandom(10))
    data[6] = 0x70 | data[6] & 0x0F
    data[8] = 0x80 | data[8] & 0x3F
    return bytes(data)


class Answer:
    """What a call came to: `ok` and `response`, or the status with its details unpacked."""

    def __init__(self, response=None, error=None, pool=None):
        self.ok = error is None
        self.response = response
        self.code = None if error is None else error.code()
        self.message = "" if error is None else error.details()
        self.reason, self.metadata, self.refusals, self.violations = "", {}, [], []
        self.localized, self.more, self.detail_bytes = "", 0, b""
        if error is not None:
            self._unpack(error, pool)

    def _unpack(self, error, pool):
        for key, value in error.trailing_metadata() or ():
            if key == "grpc-status-details-bin":
                self.detail_bytes = value
        status = status_pb2.Status.FromString(self.detail_bytes)
        for packed in status.details:
            name = packed.TypeName()
            if name == "google.rpc.ErrorInfo":
                info = error_details_pb2.ErrorInfo.FromString(packed.value)
                self.reason, self.metadata = info.reason, dict(info.metadata)
            elif name == "google.rpc.BadRequest":
                bad = error_details_pb2.BadRequest.FromString(packed.value)
                self.violations = list(bad.field_violations)
            elif name == "google.rpc.LocalizedMessage":
                words = error_details_pb2.LocalizedMessage.FromString(packed.value)
                self.localized = words.message
            elif name == "jalon.refusal.v1.RefusalDetail":
                detail = pool(name).FromString(packed.value)
                self.refusals, self.more = list(detail.refusals), detail.more


class Client:
    """Calls any method by its service and name."""

    def __init__(self, address):
        self.channel = grpc.insecure_channel(address, options=CHANNEL)
        database = ProtoReflectionDescriptorDatabase(self.channel)
        self._services = database.get_services
        self._pool = descriptor_pool.DescriptorPool(database)

    def close(self):
        """Ends the stream of reflection too, for which a server that ends would wait."""
        self.channel.close()

    def message(self, name):
        return message_factory.GetMessageClass(self._pool.FindMessageTypeByName(name))

    def methods(self):
        """Every method of every service of ours, in order."""
        names = sorted(name for name in self._services() if name.startswith("jalon."))
        return [m for name in names for m in self._pool.FindServiceByName(name).methods]

    def method(self, path):
        service, name = path.rsplit("/", 1)
        return self._pool.FindServiceByName(service).methods_by_name[name]

    def raw(self, path, data, token=None, timeout=5, language="en", metadata=()):
        """Sends bytes as they are."""
        method = self.method(path)
        kind = message_factory.GetMessageClass(method.output_type)
        headers = [("accept-language", language), *metadata]
        if token is not None:
            headers.append(("authorization", "Bearer " + token))
        try:
            if method.server_streaming:  # what it begins with is its answer
                stream = self.channel.unary_stream("/" + path)(
                    data, timeout=timeout, metadata=headers
                )
                response = next(stream)
                stream.cancel()
            else:
                call = self.channel.unary_unary("/" + path)
                response = call(data, timeout=timeout, metadata=headers)
        except grpc.RpcError as error:
            return Answer(error=error, pool=self.message)
        return Answer(response=kind.FromString(response))

    def request(self, path, command, request_id=None, header=None):
        """The request message of a command, filled from a dict (bytes as they are)."""
        request = message_factory.GetMessageClass(self.method(path).input_type)()
        fill(request.header, {"request_id": request_id or uuid7(), **(header or {})})
        fill(request.command, command)
        request.command.SetInParent()
        return request

    def command(self, path, command, token=None, **more):
        request_id, header = more.pop("request_id", None), more.pop("header", None)
        request = self.request(path, command, request_id, header)
        return self.raw(path, request.SerializeToString(), token, **more)

    def query(self, path, fields, token=None, **more):
        request = message_factory.GetMessageClass(self.method(path).input_type)()
        fill(request, fields)
        return self.raw(path, request.SerializeToString(), token, **more)


def fill(message, fields):
    """Sets fields from a dict: nested dicts for messages, lists for repeated fields."""
    for name, value in fields.items():
        field = message.DESCRIPTOR.fields_by_name[name]
        if isinstance(value, list):
            for item in value:
                if isinstance(item, dict):
                    fill(getattr(message, name).add(), item)
                else:
                    getattr(message, name).append(item)
        elif isinstance(value, dict):
            getattr(message, name).SetInParent()
            fill(getattr(message, name), value)
        elif isinstance(value, str) and field.enum_type is not None:
            setattr(message, name, field.enum_type.values_by_name[value].number)
        else:
            setattr(message, name, value)


class Server:
    """A `jalon serve` of its own, on a fresh folder and a free port."""

    def __init__(self, program, folder, *options):
        self.program, self.data = program, os.path.join(folder, "data")
        self.out = open(os.path.join(folder, "server.out"), "ab")
        self.address = f"127.0.0.1:{free_port()}"
        self.options = options
        self.start()

    def start(self):
        """On the same folder and port; again after kill()."""
        self.process = subprocess.Popen(
            [self.program, "serve", "--data", self.data, "--listen", self.address, *self.options],
            stdout=self.out,
            stderr=subprocess.STDOUT,
        )
        self._wait_until_serving()

    def kill(self):
        self.process.kill()
        self.process.wait()

    def _wait_until_serving(self):
        channel = grpc.insecure_channel(self.address, options=CHANNEL)
        stub = health_pb2_grpc.HealthStub(channel)
        end = time.monotonic() + 60
        while time.monotonic() < end and self.process.poll() is None:
            try:
                reply = stub.Check(health_pb2.HealthCheckRequest(), timeout=1)
                if reply.status == health_pb2.HealthCheckResponse.SERVING:
                    channel.close()
                    return
            except grpc.RpcError:
                pass
            time.sleep(0.05)
        self.kill()  # nobody gets hold of it any more
        raise RuntimeError(f"the server did not serve; see {self.out.name}")

    def jalon(self, *words):
        """Runs the command line; returns what it printed."""
        done = subprocess.run(
            [self.program, *words], capture_output=True, text=True, check=True, timeout=30
        )
        return done.stdout.strip()

    def token(self, role, school=b"", person=b"", company=b"", *words):
        ids = []
        for option, value in (("--school", school), ("--person", person), ("--company", company)):
            if value:
                ids += [option, value.hex()]
        return self.jalon("token", "issue", "--data", self.data, "--role", role, *ids, *words)

    def head(self):
        """How far the log is: (partition, seq) of each one that holds anything."""
        text = self.jalon("log", "status", "--data", self.data, "--output", "json")
        return sorted((p.get("partition", 0), p.get("head", {}).get("position", {}).get("seq", 0))
                      for p in json.loads(text).get("partitions", []))

    def stop(self):
        self.process.terminate()
        code = self.process.wait(timeout=30)
        self.out.close()
        return code


def free_port():
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def school_id(code):
    import hashlib

    return hashlib.sha256(b"jalon.school.v1\n" + code.strip().upper().encode()).digest()[:16]


def uuid4():
    return uuid.uuid4().bytes
