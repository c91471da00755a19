"""Shapes shown: words as one-hot, the shape of everything on the way, the weights, the states of each word."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from seqgen.draw.human import figure, plural
from seqgen.draw.panels import Exhibit, Heat, Panel, Table
from seqgen.explain.exhibits.seen import Record, Seen, about, exact
from seqgen.explain.shapes import Lab, lab_of, layer_parameters
from seqgen.explain.step import LETTERS, PARTS
from seqgen.weights import GATES, Cell

# Columns of numbers in a table, and words whose states are written as numbers; of more there is a map alone.
MOST_COLUMNS, MOST_TABLES = 12, 4
# Words in the map, and units of each.
WORDS_DRAWN, UNITS_DRAWN = 12, 8

_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")


def see(words: Sequence[str], *, cell: Cell, hidden: int, embedding: int, layers: int, seed: int, time_first: bool) -> Seen:
    """Read words with a network that has learnt nothing. Raises ConfigError for words that cannot be read together."""
    lab = lab_of(words, cell=cell, hidden=hidden, embedding=embedding, layers=layers, seed=seed)
    return exhibit_of(lab, time_first), record_of(lab, time_first)


def exhibit_of(lab: Lab, time_first: bool) -> Exhibit:
    """The panels, from the letters to the last state, and what they mean."""
    words, length, width, hidden = sizes(lab)
    first, last = (_shape(ordered(words, length, size, time_first=time_first)) for size in (width, hidden))
    title = f"{_name(lab)} {'time first' if time_first else 'batch first'}: {first} -> {last}"
    panels = [_letters(lab), _way(lab, time_first), *_weights(lab), *_states(lab)]
    return Exhibit(title, panels, _sentences(lab, time_first), about("", " ".join(lab.words)))


def sizes(lab: Lab) -> tuple[int, int, int, int]:
    """Words, letters of each, width of the input, hidden."""
    return (*lab.ids.shape, lab.shape.input_size, lab.shape.hidden)


def ordered(words: int, length: int, width: int, *, time_first: bool) -> tuple[int, int, int]:
    """The shape of an array of all words."""
    return (length, words, width) if time_first else (words, length, width)


def _shape(sides: Sequence[int]) -> str:
    return f"({', '.join(map(str, sides))}{',' * (len(sides) == 1)})"


def _name(lab: Lab) -> str:
    return f"{lab.shape.cell.upper()}," if lab.shape.layers == 1 else f"{lab.shape.layers} layers of {lab.shape.cell.upper()},"


def _letters(lab: Lab) -> Table:
    """The first word letter by letter: number and vector."""
    word, vectors = lab.words[0], lab.inputs[0]  # [T, E]
    numbers = [str(number) for number in lab.ids[0].tolist()]
    if lab.shape.embedding:
        some = min(vectors.shape[1], MOST_COLUMNS)
        head = ["letter", "its number", *(f"{place}" for place in range(some))]
        rows = [(letter, number, *(f"{value:.2f}" for value in vector[:some]))
                for letter, number, vector in zip(word, numbers, vectors, strict=True)]  # fmt: skip
        more = "" if some == vectors.shape[1] else f", the first {some} of {vectors.shape[1]} numbers"
        return Table(f"{word!r} as rows of the embedding{more}", head, rows)
    if len(lab.letters) <= MOST_COLUMNS:
        rows = [(letter, number, *(f"{value:.0f}" for value in vector))
                for letter, number, vector in zip(word, numbers, vectors, strict=True)]  # fmt: skip
        return Table(f"{word!r} as one-hot: a 1 at the letter's number", ("letter", "its number", *lab.letters), rows)
    rows = [(letter, number, f"a 1 at place {number}, counted from 0, {len(lab.letters) - 1} zeros")
            for letter, number in zip(word, numbers, strict=True)]  # fmt: skip
    return Table(f"{word!r} as one-hot", ("letter", "its number", "vector"), rows)


def _way(lab: Lab, time_first: bool) -> Table:
    """What shape everything has on the way, in the order in which it is made."""
    words, length, width, hidden = sizes(lab)
    gates, layers, name = GATES[lab.shape.cell], lab.shape.layers, "embedding" if lab.shape.embedding else "one-hot"

    def whole(size: int) -> str:
        return _shape(ordered(words, length, size, time_first=time_first))

    rows = [
        ("letters as numbers", _shape((length, words) if time_first else (words, length)), "a number for each letter"),
        (f"input: {name}", whole(width), "a vector for each letter"),
        ("one step reads", _shape((words, width)), "one letter of each word"),
    ]
    for layer in range(layers):
        into = width if layer == 0 else hidden
        of = "" if layers == 1 else f" of layer {layer + 1}"
        times = f"{gates} x {hidden} rows" if gates > 1 else f"{hidden} rows"
        rows += [
            (f"W{of}", _shape((gates * hidden, into)), f"{times}, a column for each input"),
            (f"U{of}", _shape((gates * hidden, hidden)), f"{times}, a column for each unit"),
            (f"b and d{of}", _shape((gates * hidden,)), "each: the biases of the two"),
        ]
    rows += [
        ("state after a step", _shape((words, hidden)), "a state for each word"),
        ("output", whole(hidden), "the last layer's states at all steps" if layers > 1 else "the states at all steps"),
        ("last state h", _shape((layers, words, hidden)), "layers, batch, hidden"),
    ]
    if lab.c is not None:
        rows.append(("last memory c", _shape((layers, words, hidden)), "the same, of the memory"))
    return Table("Shapes on the way", ("what", "shape", "why"), rows)


def _weights(lab: Lab) -> Iterator[Panel]:
    """The numbers of the first layer, as a table where they fit into one."""
    into, back = lab.weights["rnn.weight_ih_l0"], lab.weights["rnn.weight_hh_l0"]  # [G * H, E], [G * H, H]
    of = "" if lab.shape.layers == 1 else " of layer 1"
    names = [str(place) for place in range(lab.shape.embedding)] or lab.letters
    units = [str(unit) for unit in range(lab.shape.hidden)]
    rows = [f"{LETTERS[part]} {unit}" for part in PARTS[lab.shape.cell] for unit in units]
    for name, matrix, columns, across in (("W", into, names, "input"), ("U", back, units, "unit before")):
        title = f"{name}{of}, the same at each step"
        if len(columns) <= MOST_COLUMNS and len(rows) <= 2 * MOST_COLUMNS:
            numbers = [(row, *(f"{value:.2f}" for value in line)) for row, line in zip(rows, matrix, strict=True)]
            yield Table(title, ("", *columns), numbers)
        else:
            some, wide = slice(4 * MOST_COLUMNS), slice(5 * MOST_COLUMNS)
            cut = len(rows) > 4 * MOST_COLUMNS or len(columns) > 5 * MOST_COLUMNS
            labels = [column[-1] for column in columns][wide]
            yield Heat(title + (", a part of it" if cut else ""), matrix[some, wide], rows[some], labels, across, "unit",
                       "weight", low=-1.0, high=float(f"{lab.shape.hidden**-0.5:.2g}"))  # fmt: skip


def _states(lab: Lab) -> Iterator[Panel]:
    """The last layer's states of each word: as numbers where there are few, and a map of all steps."""
    words, length, _, hidden = sizes(lab)
    states, memories = lab.h[-1], None if lab.c is None else lab.c[-1]  # [B, T, H]
    if words <= MOST_TABLES and hidden * (1 if memories is None else 2) <= MOST_COLUMNS // 2:
        for number, word in enumerate(lab.words):
            head = ["step", "letter", *(f"h{unit}" for unit in range(hidden))]
            columns = [states[number]]
            if memories is not None:
                head += [f"c{unit}" for unit in range(hidden)]
                columns.append(memories[number])
            rows = [
                (str(step + 1), letter, *(figure(float(value)) for column in columns for value in column[step]))
                for step, letter in enumerate(word)
            ]
            yield Table(f"States of {word!r}", head, rows)
    drawn, units = min(words, WORDS_DRAWN), min(hidden, UNITS_DRAWN)
    rows_of = [f"{word} h{unit}" for word in lab.words[:drawn] for unit in range(units)]
    values = states[:drawn, :, :units].transpose(0, 2, 1).reshape(drawn * units, length)  # [B, T, H] -> [B * H, T]
    some = "" if (drawn, units) == (words, hidden) else f": {plural(drawn, 'word')}, {plural(units, 'unit')} of each"
    steps = [str((step + 1) % 10) for step in range(length)]
    yield Heat(f"Hidden states, step by step{some}", values, rows_of, steps, "step (its last digit)" if length > 9 else "step",
               "word and unit", "h", low=-1.0)  # fmt: skip


def _sentences(lab: Lab, time_first: bool) -> list[str]:
    """Where each number came from, and what is the same."""
    words, length, width, hidden = sizes(lab)
    given = "word was given" if words == 1 else "words were given"
    letters = "letter" if length == 1 else "letters"
    letter = f"{_counted(len(lab.letters))} different {'letter' if len(lab.letters) == 1 else 'letters'}"
    said = [
        f"batch {words}: {_counted(words)} {given}. length {length}: {'it' if words == 1 else 'each'} has {_counted(length)} "
        f"{letters}. Nobody has told the network either; both are read from the input.",
        f"width {width}: --embedding {width} says how many numbers stand for a letter; the table has a row for each of "
        f"{letter}."
        if lab.shape.embedding
        else f"width {width}: {letter} occur ({' '.join(lab.letters)}), and one-hot has a place for each.",
        f"hidden {hidden}: --hidden, chosen freely{'' if lab.shape.embedding else ', and the only size that is'}.",
        _orders(words, length, width, time_first),
        *_one_network(lab),
    ]
    return [*said, _last(lab)]


def _counted(number: int) -> str:
    """Three, or 13."""
    return _NUMBERS[number] if number < len(_NUMBERS) else str(number)


def _orders(words: int, length: int, width: int, time_first: bool) -> str:
    batch, time = (_shape(ordered(words, length, width, time_first=first)) for first in (False, True))
    here, there = (time, batch) if time_first else (batch, time)
    names = ("time first", "batch first") if time_first else ("batch first", "time first")
    how = {
        "batch first": "one word after another",
        "time first": "all first letters, then all second ones: what torch.nn.RNN expects without batch_first=True",
    }
    leave = "without --time-first" if time_first else "--time-first"
    return f"Here {names[0]}, {here}: {how[names[0]]}. {leave}: {there}, {how[names[1]]}. The same numbers in another order."


def _one_network(lab: Lab) -> Iterator[str]:
    """What is used again and again, and what it is."""
    _, length, _, _ = sizes(lab)
    one, layers = layer_parameters(lab.shape, 0), lab.shape.layers
    counts = [layer_parameters(lab.shape, index) for index in range(layers)]
    total = f"{one:,} parameters" if layers == 1 else f"{' + '.join(f'{count:,}' for count in counts)} parameters"
    steps = "at the one step" if length == 1 else f"at each of the {_counted(length)} steps"
    table = f" (and {lab.weights['embedding.weight'].size:,} in the embedding)" if lab.shape.embedding else ""
    yield f"The same W and U, with two biases {total}{table}, are used {steps} and for each word: a longer word adds none."
    if lab.shape.cell == "lstm":
        yield (
            "An LSTM hands on two vectors from step to step, h and c; only h is its output. Its W and U have four parts: the "
            "gates i, f and o, and what is new, g."
        )
    if lab.shape.cell == "gru":
        yield "A GRU's W and U have three parts: the gates r and z, and what is new, n."
    if layers > 1:
        yield "Each layer above the first reads the outputs of the one below, and has W and U of its own."


def _last(lab: Lab) -> str:
    """The last output and the last state are one."""
    last = lab.h[-1, :, -1]  # [B, H]
    shown = ""
    if lab.shape.hidden <= MOST_COLUMNS // 3:
        shown = f": {lab.words[0]!r} ends at ({', '.join(figure(float(value)) for value in last[0])}) in both"
    above = " of the last layer" if lab.shape.layers > 1 else ""
    return f"The output at the last step is the last state h{above}{shown}. It is all that the network keeps of a word."


def record_of(lab: Lab, time_first: bool) -> Record:
    """The numbers, in the order that was asked for; the letters' numbers rather than one-hot vectors, which they stand for."""
    words, length, width, hidden = sizes(lab)
    steps = lab.h[-1] if not time_first else lab.h[-1].transpose(1, 0, 2)  # [B, T, H] or [T, B, H]
    return {
        "words": list(lab.words),
        "letters": list(lab.letters),
        "ids": (lab.ids.T if time_first else lab.ids).tolist(),
        "cell": lab.shape.cell,
        "layers": lab.shape.layers,
        "time_first": time_first,
        "batch": words,
        "length": length,
        "width": width,
        "hidden": hidden,
        "input_shape": list(ordered(words, length, width, time_first=time_first)),
        "output_shape": list(steps.shape),
        "state_shape": [lab.shape.layers, words, hidden],
        "parameters": lab.parameters,
        "weights": {name: exact(array) for name, array in lab.weights.items()},
        "output": exact(steps),
        "h": exact(lab.h[:, :, -1]),
        "c": None if lab.c is None else exact(lab.c[:, :, -1]),
    }
