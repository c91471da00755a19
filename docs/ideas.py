"""The ideas of the lecture, one by one: the command that shows each in both tours, its picture, a test that holds the numbers,
and the place in the code. `python docs/run_tour.py --update` runs the commands and makes docs/lecture.md of this table."""

from __future__ import annotations

from typing import NamedTuple


class Idea(NamedTuple):
    """`command` is how a command of both tours begins; `test` and `code` are a file and a name in it; `section` is that of
    both tours."""

    idea: str
    command: str
    picture: str
    test: str
    code: str
    section: int


_STATE = "seqgen explain state -m checkpoints/tiny-english-rnn"
_SHAPES = "seqgen explain shapes hello eolll lleel"
_GRADIENTS = "seqgen explain gradients corpora/english.txt --steps 100"
_AT = 'seqgen explain gates -m checkpoints/tiny-english "The door was open." --at'
_GRU = 'seqgen explain gates -m checkpoints/tiny-english-gru "The door was open." --at'
_PAIR = 'seqgen explain attention -m checkpoints/tiny-english-french "The old sailor sees 3 boats."'
_STEPS, _CROSS, _GRID = f"{_PAIR} --steps --word sees", f"{_PAIR} --steps --word bateaux", f"{_PAIR} --grid"
_LAYERS = "seqgen explain layers"
_IT = 'seqgen explain attention -m checkpoints/tiny-english-french "The animal'
_TORCH_STEP = "tests/explain/test_step.py:test_a_step_is_that_of_torch"
_TORCH_STEPS = "tests/explain/test_steps.py:test_every_number_is_torchs"
_FORGETS = "tests/explain/test_state.py:test_a_unit_forgets_by_its_weight"

IDEAS = (
    Idea("only the last r symbols", "seqgen explain context -m checkpoints/tour-", "context",
         "tests/explain/test_context.py:test_counts_are_those_of_the_training_text", "seqgen/markov/scorer.py:step", 1),
    Idea("a hidden state sums the past up", _STATE, "state", _FORGETS, "seqgen/explain/state.py:forgetting", 3),
    Idea("unrolled in time: the same W at each step", _SHAPES, "shapes",
         "tests/explain/test_shapes.py:test_a_longer_word_adds_no_parameters", "seqgen/explain/gates.py:_plain", 3),
    Idea("the sigmoid shrinks the past", _GRADIENTS, "gradients",
         "tests/explain/test_gradients.py:test_one_linear_unit_by_hand", "seqgen/explain/gradients.py:gradient_norms", 4),
    Idea("relu can make it explode", "seqgen explain gradients corpora/english.txt --scale 3", "exploding",
         "tests/explain/test_gradients.py:test_relu_explodes_where_its_matrix_is_larger",
         "seqgen/explain/gradients.py:explodes_at", 4),
    Idea("the cell state", 'seqgen explain gates -m checkpoints/tiny-english "IVY:', "gates",
         "tests/explain/test_gates.py:test_states_are_those_of_torch", "seqgen/explain/gates.py:_lstm", 5),
    Idea("the forget gate", _AT, "step", _TORCH_STEP, "seqgen/explain/gates.py:half_life", 5),
    Idea("the input gate", _AT, "step", _TORCH_STEP, "seqgen/explain/step.py:step_of", 5),
    Idea("the update of the cell", _AT, "step", "tests/explain/test_step.py:test_what_is_written_out_is_true",
         "seqgen/infer/cells.py:lstm", 5),
    Idea("the output gate", _AT, "step", _TORCH_STEP, "seqgen/explain/step.py:Step", 5),
    Idea("GRU: reset, update, no output gate", _GRU, "gru", _TORCH_STEP, "seqgen/infer/cells.py:gru", 5),
    Idea("RNN < GRU < LSTM: complexity, learning, resources", "seqgen compare short.txt", "compared",
         "tests/training/test_comparison.py:test_what_is_said_follows_from_the_figures",
         "seqgen/training/comparison/comparison.py:Comparison", 9),
    Idea("source and target of different lengths", 'echo "We made a boat." | seqgen translate', "attention",
         "tests/nn/test_transformer.py:test_padding_changes_nothing", "seqgen/nn/transformer.py:TransformerModel", 6),
    Idea("six stacked encoders and decoders with parameters of their own", _LAYERS, "layers",
         "tests/explain/test_stacked.py:test_each_layer_has_its_own", "seqgen/nn/transformer.py:EncoderLayer", 6),
    Idea("N words at once, N varies", _GRID, "heads", "tests/infer/test_transformer.py:test_nothing_is_a_sentence_too",
         "seqgen/infer/transformer.py:read", 6),
    Idea("self-attention mixes all words, the feed-forward part does not", _LAYERS, "layers",
         "tests/explain/test_stacked.py:test_attention_mixes_and_the_feed_forward_part_does_not",
         "seqgen/explain/layers.py:changes_of", 6),
    Idea("q, k, v, and why q and k have one size", _STEPS, "steps", _TORCH_STEPS, "seqgen/explain/steps.py:Computation", 6),
    Idea("scores are inner products", _STEPS, "steps", _TORCH_STEPS, "seqgen/infer/transformer.py:scaled_scores", 6),
    Idea("divided by the root of d", _STEPS, "steps", "tests/explain/test_stacked.py:test_the_size_is_the_papers",
         "seqgen/nn/attention.py:scaled_dot_product_attention", 6),
    Idea("softmax", _STEPS, "steps", "tests/infer/test_transformer.py:test_rows_sum_to_one_and_what_is_masked_is_zero",
         "seqgen/infer/transformer.py:attention_weights", 6),
    Idea("the weighted sum of the values", _STEPS, "steps", _TORCH_STEPS, "seqgen/explain/steps.py:gathered", 6),
    Idea("the same word among others becomes another vector", _LAYERS, "layers",
         "tests/explain/test_stacked.py:test_the_untrained_model_needs_no_run", "seqgen/explain/layers.py:Changes", 6),
    Idea("N x N memory against N steps", "seqgen explain memory", "memory",
         "tests/explain/test_costs.py:test_bytes_are_those_allocated", "seqgen/explain/costs.py:score_bytes", 8),
    Idea("several heads, concatenated, back to the model's width", _GRID, "heads",
         "tests/nn/test_transformer.py:test_many_heads_are_torchs", "seqgen/nn/attention.py:MultiHeadAttention", 6),
    Idea("positional encoding: orders are alike without it",
         'seqgen explain positions -m checkpoints/tiny-english-french "The girl sees the boy."', "positions",
         "tests/explain/test_positions.py:test_leaving_the_encoding_out_confuses_the_orders", "seqgen/weights.py:sinusoids", 7),
    Idea("the encoder hands keys and values on", _CROSS, "cross", _TORCH_STEPS, "seqgen/nn/attention.py:keys_and_values", 6),
    Idea("the mask", _CROSS, "cross", "tests/nn/test_transformer.py:test_a_decoder_never_sees_what_comes_later",
         "seqgen/infer/transformer.py:causal_mask", 6),
    Idea("encoder-decoder attention", _CROSS, "cross", _TORCH_STEPS, "seqgen/nn/transformer.py:DecoderLayer", 6),
    Idea("a symbol is drawn from the distribution, one at a time",
         'seqgen generate -m checkpoints/tiny-english -p "The old" -n 6', "surprise",
         "tests/decode/test_choices.py:test_what_is_drawn_from_is_what_is_drawn", "seqgen/decode/sampling.py:Sampling", 2),
    Idea("'it' looks at 'animal'", _IT, "it", "tests/explain/test_attention.py:test_what_a_word_looks_at",
         "seqgen/explain/attention.py:looks_of", 6),
    Idea("lab: one-hot, (3, 5, 4) to (3, 5, 2), batch first", _SHAPES, "shapes",
         "tests/explain/test_shapes.py:test_the_lab_as_it_is_taught", "seqgen/explain/shapes.py:lab_of", 3),
    Idea("lab: hihello and 'if you want you', epoch by epoch", "seqgen train hihello.txt", "state",
         "tests/training/test_exercise.py:test_the_exercise_is_watched_step_by_step",
         "seqgen/training/language/exercise.py:Exercise", 3),
)  # fmt: skip


def page(tours: dict[str, list[str]], seconds: dict[str, float]) -> str:
    """docs/lecture.md, of the commands of each tour and the seconds that each took. Raises KeyError for one that is in none."""
    lines = [
        "# The lecture, idea by idea",
        "",
        "Each idea, the command that shows it in both tours ([English](tour.md), [한국어](tour.ko.md)), and where to read on.",
        "`python docs/run_tour.py --update` ran the commands, and made this table of docs/ideas.py.",
        "",
        "| | idea | command | seconds | picture | test | code | section |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for number, row in enumerate(IDEAS, 1):
        whole = next(command for command in tours["docs/tour.md"] if command.startswith(row.command))
        shown = whole.replace("|", "\\|")
        test, code = row.test.split(":"), row.code.split(":")
        lines.append(
            f"| {number} | {row.idea} | `{shown}` | {seconds[whole]:.1f} | [{row.picture}](pictures/{row.picture}.svg) | "
            f"[{test[1]}](../{test[0]}) | [{code[1]}](../{code[0]}) | {row.section} |"
        )
    return "\n".join(lines) + "\n"
