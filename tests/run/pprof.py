"""Reads heap profiles in pprof's format (gzip-compressed protobuf, profile.proto) as far as comparing two
of them needs. Standard library only."""
import collections
import gzip
import re


def _varint(data, at):
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, at
        shift += 7


def _fields(data):
    """Yields (number, value) of a message: integers, or bytes for what has a length."""
    at = 0
    while at < len(data):
        key, at = _varint(data, at)
        kind = key & 7
        if kind == 0:
            value, at = _varint(data, at)
        elif kind == 2:
            length, at = _varint(data, at)
            if at + length > len(data):
                raise ValueError("truncated field")
            value, at = data[at:at + length], at + length
        elif kind == 1:
            value, at = data[at:at + 8], at + 8
        elif kind == 5:
            value, at = data[at:at + 4], at + 4
        else:
            raise ValueError(f"wire type {kind}")
        yield key >> 3, value


def _signed(value):
    return value - (1 << 64) if value >= 1 << 63 else value


def _integers(value):
    """A repeated integer: one of it, or a packed run."""
    if isinstance(value, int):
        return [_signed(value)]
    result, at = [], 0
    while at < len(value):
        one, at = _varint(value, at)
        result.append(_signed(one))
    return result


def _message(data, repeated=()):
    result = collections.defaultdict(list)
    for number, value in _fields(data):
        if number in repeated:
            result[number] += _integers(value)
        else:
            result[number].append(value)
    return result


def _one(message, number, default=0):
    return message[number][-1] if message[number] else default


Frame = collections.namedtuple("Frame", "function file line")
Sample = collections.namedtuple("Sample", "stack values labels")  # stack: leaf first


class Profile:
    def __init__(self, data):
        if data[:2] == b"\x1f\x8b":
            data = gzip.decompress(data)
        top = _message(data)
        self.strings = [s.decode() for s in top[6]]
        self.types = [self._value_type(t) for t in top[1]]
        self.period_type = self._value_type(_one(top, 11, b""))
        self.period = _signed(_one(top, 12))
        self.time_nanos = _signed(_one(top, 9))
        self.default_type = self.strings[_one(top, 14)]
        self.mappings = [_message(m) for m in top[3]]
        self._functions = {_one(f, 1): f for f in map(_message, top[5])}
        self._locations = {_one(l, 1): l for l in map(_message, top[4])}
        self.samples = [self._sample(s) for s in top[2]]

    def _value_type(self, data):
        message = _message(data)
        return self.strings[_one(message, 1)], self.strings[_one(message, 2)]

    def _frames(self, location_id):
        """The logical frames of one address, the innermost inlined one first."""
        for line in self._locations[location_id][4]:
            line = _message(line)
            function = self._functions[_one(line, 1)]
            yield Frame(self.strings[_one(function, 2)], self.strings[_one(function, 4)],
                        _signed(_one(line, 2)))

    def _sample(self, data):
        message = _message(data, repeated=(1, 2))
        labels = {}
        for label in map(_message, message[3]):
            labels[self.strings[_one(label, 1)]] = (_signed(_one(label, 3)) if label[3]
                                                    else self.strings[_one(label, 2)])
        stack = [frame for location in message[1] for frame in self._frames(location)]
        return Sample(tuple(stack), tuple(message[2]), labels)

    def index(self, name):
        return [t[0] for t in self.types].index(name)


def read(path):
    with open(path, "rb") as file:
        return Profile(file.read())


def short_name(function):
    """main.Map[go.shape.int,...] and main.Map[...] are one function."""
    previous = None
    while previous != function:
        previous, function = function, re.sub(r"\[[^\[\]]*\]", "<>", function)
    return function.replace("<>", "[...]")


def visible(stack):
    """The stack from the first frame that is not of the runtime, which heap profiles begin with."""
    for i, frame in enumerate(stack):
        if not frame.function.startswith("runtime."):
            return stack[i:]
    return stack


def by_stack(profile, leave_out=(), leave_out_roots=()):
    """Sums the values of samples that have the stack and the object size in common; without samples that
    have one of these prefixes in a function of their stack, or in the outermost one."""
    result = {}
    for sample in profile.samples:
        functions = [f.function for f in sample.stack]
        if any(f.startswith(leave_out) for f in functions) or functions and functions[-1].startswith(leave_out_roots):
            continue
        key = (tuple((short_name(f.function), f.file.rsplit("/", 1)[-1], f.line) for f in visible(sample.stack)),
               sample.labels.get("bytes", 0))
        old = result.get(key, (0,) * len(sample.values))
        result[key] = tuple(a + b for a, b in zip(old, sample.values))
    return result


def by_function(profile, value):
    """The values of one type, summed by the first function that is not of the runtime."""
    index = profile.index(value)
    result = collections.Counter()
    for sample in profile.samples:
        if sample.stack:
            result[short_name(visible(sample.stack)[0].function)] += sample.values[index]
    return result
