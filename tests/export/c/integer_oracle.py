"""The answers of a header in integers, a row at a time in integers of any size."""

import numpy as np

MISSING = -(2**31)


def fixed_point(network, numbers):
    """Return rows of float32 in the fixed point of their columns."""
    scaled = np.rint(np.ldexp(numbers.astype(float), network.value_bits.astype(int)))
    whole = np.clip(np.nan_to_num(scaled), -(2**31) + 1, 2**31 - 1)
    return np.where(np.isnan(numbers), MISSING, whole).astype(np.int32)


def predict(network, student, rows):
    """Return places and probabilities in 32768ths; -1 and zeros without an answer."""
    places, probabilities = [], []
    for row in rows.tolist():
        logits = _logits(network, student.input_code, row)
        if logits is None:
            places.append(-1)
            probabilities.append([0] * len(student.classes_))
            continue
        if len(logits) == 1:
            logits = [0, *logits]
        best = max(logits)
        places.append(logits.index(best))
        powers = [_power(best - logit) for logit in logits]
        probabilities.append(
            [(p * 2**15 + sum(powers) // 2) // sum(powers) for p in powers]
        )
    return np.array(places), np.array(probabilities)


def predict_labels(network, student, rows):
    """Return places, indicators and probabilities in 32768ths of sets of labels."""
    places, found = [], []
    for row in rows.tolist():
        logits = _logits(network, student.input_code, row)
        places.append(-1 if logits is None else 0)
        if logits is None:
            found.append([[0] * student.output.n_units] * 2)
            continue
        probabilities = []
        for logit in logits:
            power = _power(abs(logit))
            share = power if logit < 0 else 2**15
            total = 2**15 + power
            probabilities.append((share * 2**15 + total // 2) // total)
        found.append([[int(logit > 0) for logit in logits], probabilities])
    found = np.array(found)
    return np.array(places), found[:, 0], found[:, 1]


def predict_numbers(network, student, rows):
    """Return places, and numbers in their fixed point."""
    places, numbers = [], []
    ends = [network.last.mean, network.last.low, network.last.high]
    for row in rows.tolist():
        steps = _logits(network, student.input_code, row)
        places.append(-1 if steps is None else 0)
        if steps is None:
            numbers.append([0] * student.output.n_units)
            continue
        answer = [
            min(max(mean + step, low), high)
            for step, mean, low, high in zip(
                steps, *(e.tolist() for e in ends), strict=True
            )
        ]
        numbers.append(sorted(answer) if student.output.are_sorted else answer)
    return np.array(places), np.array(numbers)


def _logits(network, code, row):
    sums = _first_layer(network, code, row)
    if sums is None:
        return None
    _check(sums, network.largest_sums[0])
    for layer, requantization in enumerate(network.requantizations):
        values = [_activate(requantization, j, total) for j, total in enumerate(sums)]
        weights = network.weights[layer].astype(object)
        sums = (np.array(values, dtype=object) @ weights).tolist()
        biases = network.biases[layer + 1].tolist()
        sums = [total + bias for total, bias in zip(sums, biases, strict=True)]
        _check(sums, network.largest_sums[layer + 1])
    shifts = np.broadcast_to(network.last.shift, len(sums)).tolist()
    scaled = [
        (abs(total) * int(factor) + 2 ** (shift - 1)) >> shift
        for total, factor, shift in zip(
            sums, network.last.multiplier, shifts, strict=True
        )
    ]
    return [s if total >= 0 else -s for s, total in zip(scaled, sums, strict=True)]


def _check(sums, largest):
    assert max(map(abs, sums)) <= largest < 2**31


def _first_layer(network, code, row):
    sums = [int(bias) for bias in network.biases[0]]
    is_sum_of_curves = len(network.biases) == len(sums) == 1
    linear = network.linear
    for i, feature in enumerate(linear.features):
        if row[feature] == MISSING and not network.takes_missing:
            return None
        if row[feature] != MISSING:
            low, high = int(linear.low[i]), int(linear.high[i])
            distance = (min(max(row[feature], low), high) - low) >> int(
                linear.reduction[i]
            )
            step = distance * int(linear.slope[i])
            assert step < 2**32
            _add(
                sums,
                int(linear.start[i]) + (step >> int(linear.shift[i])),
                linear.weights[i],
            )
    if code is None or network.table is None:
        return sums
    table, first_knot, start = network.table, 0, 0
    for feature, knots in zip(code.knotted, code.knots, strict=True):
        bins = knots.size - 1
        whole = table.knots[first_knot : first_knot + bins + 1].tolist()
        if row[feature] == MISSING:
            _add(
                sums,
                int(table.multiplier[start + bins + 1]),
                table.rows[start + bins + 1],
            )
        else:
            value = min(max(row[feature], whole[0]), whole[-1])
            place = sum(value >= knot for knot in whole[1:-1])
            distance = (value - whole[place]) >> int(
                table.reduction[first_knot + place]
            )
            product = distance * int(table.reciprocal[first_knot + place])
            assert product < 2**32
            fraction = product >> 19
            assert 0 <= fraction <= 4096
            here = start + place
            if is_sum_of_curves:
                lower, upper = (
                    int(table.multiplier[at]) * int(table.rows[at, 0])
                    for at in (here, here + 1)
                )
                step = abs(upper - lower) * fraction // 4096
                sums[0] += lower + (step if upper > lower else -step)
            else:
                for at, share in ((here, 4096 - fraction), (here + 1, fraction)):
                    factor = share * int(table.multiplier[at])
                    assert factor < 2**31 - 2048
                    _add(sums, (factor + 2048) >> 12, table.rows[at])
        first_knot += bins + 1
        start += bins + 2
    for feature, levels in zip(code.categorical, code.levels, strict=True):
        place = len(levels) + 1 if row[feature] == MISSING else row[feature]
        if not 0 <= place <= len(levels) + 1:
            return None
        _add(sums, int(table.multiplier[start + place]), table.rows[start + place])
        start += len(levels) + 2
    return sums


def _add(sums, factor, weights):
    for j, weight in enumerate(weights.tolist()):
        sums[j] += factor * weight


def _activate(requantization, j, total):
    factor = int(requantization.multiplier[j])
    shift = requantization.shift
    if requantization.table is None:
        return min(255, (max(total, 0) * factor + 2 ** (shift - 1)) >> shift)
    place = min(max(total - int(requantization.origin[j]), 0) * factor >> shift, 2**15)
    table = [*requantization.table.tolist(), 0]
    here, rest = place // 256, place % 256
    return (table[here] * (256 - rest) + table[here + 1] * rest + 2**15) >> 16


def _power(x):
    whole, rest = x >> 12, x & 4095
    powers = [round(2 ** (15 - i / 64)) for i in range(65)]
    place, rest = rest >> 6, rest & 63
    power = (powers[place] * (64 - rest) + powers[place + 1] * rest) >> 6
    return power >> whole if whole < 16 else 0
