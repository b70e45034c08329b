"""Reads the public feed of Jalon: CloudEvents on Kafka, decoded by the published descriptors.

Knows nothing of Jalon but proto/FEED.md: take it along, it is meant to be copied.
"""

import hashlib
import time

import confluent_kafka
from google.protobuf import descriptor_pb2, descriptor_pool, json_format, message_factory

ROOT = "jalon.feed.v1.FeedEvent"


class Contract:
    """The published descriptors, as `jalon feed descriptors FILE` writes them."""

    def __init__(self, path):
        with open(path, "rb") as file:
            data = file.read()
        pool = descriptor_pool.DescriptorPool()
        for one in descriptor_pb2.FileDescriptorSet.FromString(data).file:
            pool.Add(one)
        self.edition = hashlib.sha256(data).hexdigest()[:8]
        self.event = message_factory.GetMessageClass(pool.FindMessageTypeByName(ROOT))
        body = self.event.DESCRIPTOR.fields_by_name["body"].message_type
        self.events = [field.name for field in body.oneofs_by_name["event"].fields]

    def decode(self, value):
        return self.event.FromString(value)


def attributes_of(message):
    """The CloudEvent's attributes, by name; the data is message.value()."""
    headers = {name: value.decode() for name, value in message.headers() or []}
    if headers.get("ce_specversion") != "1.0" or "ce_type" not in headers:
        raise ValueError(f"offset {message.offset()}: no CloudEvent in binary mode")
    return {name[3:]: value for name, value in headers.items() if name.startswith("ce_")}


def as_dict(event):
    """The event as plain values; ids become hexadecimal."""
    plain = json_format.MessageToDict(
        event, preserving_proto_field_name=True, use_integers_for_enums=False)
    return _hex(plain, event)


def is_many(field):
    return field.label == field.LABEL_REPEATED


def _hex(plain, message):
    for field, value in message.ListFields():
        if field.type == field.TYPE_BYTES:
            plain[field.name] = (
                [one.hex() for one in value] if is_many(field) else value.hex())
        elif field.type == field.TYPE_MESSAGE and is_many(field):
            for one, inner in zip(plain[field.name], value):
                _hex(one, inner)
        elif field.type == field.TYPE_MESSAGE:
            _hex(plain[field.name], value)
    return plain


class Feed:
    """Every partition of the topic, from the places given on (partition -> offset).

    No consumer group: where to go on is kept with what was landed, in one transaction, so that
    neither can be lost without the other.
    """

    def __init__(self, brokers, topic, places=None):
        self._consumer = confluent_kafka.Consumer({
            "bootstrap.servers": brokers,
            "group.id": "unused",
            "enable.auto.commit": False,
            "auto.offset.reset": "error",
            "enable.partition.eof": False,
            "fetch.wait.max.ms": 50,
        })
        self._topic = topic
        found = self._consumer.list_topics(topic, timeout=10).topics[topic]
        if found.error is not None:
            raise ValueError(f"{topic}: {found.error}")
        self._partitions = sorted(found.partitions)
        places = places or {}
        self._consumer.assign([
            confluent_kafka.TopicPartition(topic, partition, places.get(partition, 0))
            for partition in self._partitions])

    def ends(self):
        """The offset after the last event of each partition, now."""
        return {partition: self._end(partition) for partition in self._partitions}

    def _end(self, partition):
        """Asks again while the partition's leader is being chosen."""
        last = time.monotonic() + 10
        while True:
            try:
                place = confluent_kafka.TopicPartition(self._topic, partition)
                return self._consumer.get_watermark_offsets(place, timeout=10)[1]
            except confluent_kafka.KafkaException as error:
                if not error.args[0].retriable() or time.monotonic() > last:
                    raise
                time.sleep(0.1)

    def read(self, most=5000, seconds=0.5):
        """The next messages; none if none came in time."""
        messages = self._consumer.consume(most, timeout=seconds)
        for message in messages:
            if message.error() is not None:
                raise confluent_kafka.KafkaException(message.error())
        return messages

    def close(self):
        self._consumer.close()
