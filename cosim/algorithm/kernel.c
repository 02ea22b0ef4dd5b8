/* Communication windows of components that are C functions: the rules of participant.py, transfer.py, outlet.py and
 * watch.py once more, operation by operation, so that results agree with theirs bit for bit. Change both together.
 *
 * Every field is 8 bytes wide; compiled.py declares the same structures. It works in place on the board and returns at
 * the first thing that needs a decision: a component that reports something, a condition that holds.
 */
#define _POSIX_C_SOURCE 199309L
#include <math.h>
#include <stdint.h>
#include <string.h>
#include <time.h>

#if defined(_WIN32)
#define EXPORT __declspec(dllexport)
#else
#define EXPORT __attribute__((visibility("default")))
#endif

#define RELATIVE_DEAD_BAND 1e-12 /* as in transfer.py */
#define VOLUME_ROUND_OFF 1e-12   /* as in watch.py */
#define WINDOWS_AHEAD 3          /* as in watch.py */

typedef void *Component;
typedef int (*Move2)(Component, const uint32_t *, size_t, void *);
typedef int (*Move3)(Component, const uint32_t *, size_t, void *, size_t);
typedef int (*Step2)(Component, double, double, int);
typedef int (*Step3)(Component, double, double, uint8_t, uint8_t *, uint8_t *, uint8_t *, double *);

enum Kind { DONE, HOLDS, LOOK, REDO, SET_INPUTS, SET_TUNABLES, STEP, GET, VALUE, BACKWARDS };
enum Type { F64, F32, I8, U8, I16, U16, I32, U32, I64, U64, BOOL8, BOOL32 };
enum Trigger { IS_POSITIVE, IS_NOT_NEGATIVE, IS_NEGATIVE, GREW, IS_DELIVERED };

typedef struct {
    int64_t type, n;
    void *set, *get;
    const uint32_t *references;
    void *buffer;
    const int64_t *positions; /* NULL: the whole array in order */
} Move;

typedef struct {
    double *totals, *delivered;
    int64_t n_totals, n_links;
    double *flow, *content;
    const double *factors; /* NULL: all 1 */
    double volume_factor;
    int64_t is_reversible;
    const double *sender_flow, *sender_temperature; /* the latter NULL where nothing is passed on */
    double *temperature;
    double temperature_factor, temperature_offset, last_flow, last_temperature;
} Transfer;

typedef struct {
    double *totals;
    int64_t n_totals;
    const double *flow;
    const double *outputs;
    const int64_t *copied; /* NULL: integrated */
    int64_t n_copied;
    const double *total_factors;
    int64_t is_liquid;
    const int64_t *contents;
    double *rate;
} Outlet;

typedef struct {
    double *booked;
    const double *flow;
    const double *inputs;
    const int64_t *contents;
    int64_t n_contents;
} Booking;

typedef struct {
    const int64_t *times;
    const double *values;
    int64_t n, is_linear;
    double *input;
} Drive;

typedef struct {
    /* What most windows need, in two lines of the cache: gathering and writing, */
    const int64_t *wire_sources;
    double *inputs;
    int64_t n_wires;
    int64_t is_changed; /* inputs: other than what the component has */
    Component component;
    Move2 set; /* of FMI 2, for inputs that are passed as they are, where nothing else is to be set; else NULL */
    const uint32_t *input_references;
    int64_t n_set;
    /* stepping and reading. */
    Step2 step; /* of FMI 2, without lag; else NULL */
    Move2 get;  /* of FMI 2, for outputs that are taken as they are, where nothing else is to be done; else NULL */
    const uint32_t *output_references;
    double *outputs;
    int64_t n_got, n_recorded, column;
    const double *factors; /* of wires; NULL where none has a factor or an offset */
    /* Everything else. */
    void *do_step;
    int64_t version, lag;
    int64_t is_tuned; /* tunables: other than what the component has */
    uint8_t *needs_event, *is_terminated, *is_early;
    double *reached;
    double *tunables;
    int64_t n_inputs, n_outputs, n_tunables;
    double *written_inputs, *written_tunables;
    int64_t has_written;
    Move *input_moves, *tunable_moves, *output_moves;
    int64_t n_input_moves, n_tunable_moves, n_output_moves;
    const double *wire_factors, *wire_offsets;
    Transfer *inflows;
    int64_t n_inflows;
    Outlet *updates;
    int64_t n_updates;
    Booking *bookings;
    int64_t n_bookings;
    Drive *drives;
    int64_t n_drives;
    int64_t n_writes; /* calls that wrote inputs or tunable parameters, since the run of windows began */
    double seconds;
} Participant;

typedef struct {
    const double *amount, *flow;
    double scale, factor;
} Inlet;

typedef struct {
    int64_t trigger;
    const double *left, *right; /* right NULL: nothing but the offset */
    double factor, offset, sign, before, now;
    const Inlet *inlets; /* of what is delivered, with its beginning as the offset and the volume as the factor */
    int64_t n_inlets;
} Watch;

typedef struct {
    double *board;
    Participant *participants;
    int64_t n_participants;
    Watch *watches;
    int64_t n_watches;
    int64_t is_simultaneous, time, size;
    double *samples; /* a row of all components' samples for each window */
    int64_t width;   /* of a row */
    int64_t is_continued; /* nothing was touched since the last call */
    int64_t timed;        /* the window in which components are timed, or -1 */
    int64_t has_more; /* to gather than wires */
    /* results */
    int64_t n_done, participant, which, status;
    double now; /* [s], at the beginning of the window */
} Plan;

static double now(void)
{
#if defined(_WIN32)
    return (double)clock() / CLOCKS_PER_SEC;
#else
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
#endif
}

static int is_refused(int status)
{
    return status != 0 && status != 1; /* OK, Warning */
}

static int call_move(const Participant *p, void *function, const Move *move, void *buffer)
{
    if (p->version == 2)
        return ((Move2)function)(p->component, move->references, (size_t)move->n, buffer);
    return ((Move3)function)(p->component, move->references, (size_t)move->n, buffer, (size_t)move->n);
}

#define PUT_WHOLE(ctype, low, beyond)                                                                                 \
    {                                                                                                                 \
        double whole = rint(value);                                                                                   \
        if (!(whole >= low && whole < beyond))                                                                        \
            return 0;                                                                                                 \
        ((ctype *)move->buffer)[i] = (ctype)whole;                                                                    \
        break;                                                                                                        \
    }

/* For the few values of a component: a call of memcpy or memcmp would take longer than the work. */
static void copy(double *restrict to, const double *restrict from, int64_t n)
{
    for (int64_t i = 0; i < n; i++)
        to[i] = from[i];
}

static uint64_t bits(const double *value)
{
    uint64_t word;
    memcpy(&word, value, sizeof word);
    return word;
}

static int differ(const double *a, const double *b, int64_t n)
{
    uint64_t difference = 0;
    for (int64_t i = 0; i < n; i++)
        difference |= bits(a + i) ^ bits(b + i);
    return difference != 0;
}

/* Fill the buffer; 0 where a value does not fit, which the caller leaves to Python. */
static int convert(const Move *move, const double *values)
{
    for (int64_t i = 0; i < move->n; i++) {
        double value = values[move->positions ? move->positions[i] : i];
        switch (move->type) {
        case F64: ((double *)move->buffer)[i] = value; break;
        case F32:
            if (!(fabs(value) < 3e38))
                return 0;
            ((float *)move->buffer)[i] = (float)value;
            break;
        case I8: PUT_WHOLE(int8_t, -128.0, 128.0)
        case U8: PUT_WHOLE(uint8_t, 0.0, 256.0)
        case I16: PUT_WHOLE(int16_t, -32768.0, 32768.0)
        case U16: PUT_WHOLE(uint16_t, 0.0, 65536.0)
        case I32: PUT_WHOLE(int32_t, -2147483648.0, 2147483648.0)
        case U32: PUT_WHOLE(uint32_t, 0.0, 4294967296.0)
        case I64: PUT_WHOLE(int64_t, -9223372036854775808.0, 9223372036854775808.0)
        case U64: PUT_WHOLE(uint64_t, 0.0, 18446744073709551616.0)
        case BOOL8: ((uint8_t *)move->buffer)[i] = value != 0.0; break;
        case BOOL32: ((int32_t *)move->buffer)[i] = value != 0.0; break;
        }
    }
    return 1;
}

#define TAKE(ctype)                                                                                                   \
    value = (double)((const ctype *)move->buffer)[i];                                                                 \
    break

/* Pass on what was read; 0 where something is not a finite number: times zero, NaN and infinity are NaN. */
static int take(const Move *move, double *values)
{
    const double *buffer = move->buffer;
    double zero = 0.0;
    if (move->type == F64 && !move->positions) {
        for (int64_t i = 0, n = move->n; i < n; i++) {
            const double value = buffer[i];
            zero += value * 0.0;
            values[i] = value;
        }
        return zero == 0.0;
    }
    for (int64_t i = 0; i < move->n; i++) {
        double value = 0.0;
        switch (move->type) {
        case F64: TAKE(double);
        case F32: TAKE(float);
        case I8: TAKE(int8_t);
        case U8: TAKE(uint8_t);
        case I16: TAKE(int16_t);
        case U16: TAKE(uint16_t);
        case I32: TAKE(int32_t);
        case U32: TAKE(uint32_t);
        case I64: TAKE(int64_t);
        case U64: TAKE(uint64_t);
        case BOOL8: value = ((const uint8_t *)move->buffer)[i] != 0; break;
        case BOOL32: value = ((const int32_t *)move->buffer)[i] != 0; break;
        }
        zero += value * 0.0;
        values[move->positions ? move->positions[i] : i] = value;
    }
    return zero == 0.0;
}

/* Set an input, and note whether that changed it. */
static void assign(Participant *p, double *input, double value)
{
    p->is_changed |= bits(input) != bits(&value);
    *input = value;
}

/* Participant.gather_wires; tell whether an input has changed, which is mostly known from the first. */
static inline int gather_wires(const double *board, const Participant *p)
{
    const int64_t *sources = p->wire_sources;
    double *inputs = p->inputs;
    const int64_t n = p->n_wires;
    int64_t i = 0;
    uint64_t difference = 0;
    if (p->factors) {
        const double *factors = p->factors, *offsets = p->wire_offsets;
        for (; i < n && !difference; i++) {
            const double value = board[sources[i]] * factors[i] + offsets[i];
            difference = bits(inputs + i) ^ bits(&value);
            inputs[i] = value;
        }
        for (; i < n; i++)
            inputs[i] = board[sources[i]] * factors[i] + offsets[i];
        return difference != 0;
    }
    /* × 1 can be left out; not so + 0, which makes -0 a 0. */
    for (; i < n && !difference; i++) {
        const double value = board[sources[i]] + 0.0;
        difference = bits(inputs + i) ^ bits(&value);
        inputs[i] = value;
    }
    for (; i < n; i++)
        inputs[i] = board[sources[i]] + 0.0;
    return difference != 0;
}

/* Drive.at */
static double value_at(const Drive *d, int64_t time)
{
    int64_t low = -1, high = d->n;
    while (high - low > 1) {
        const int64_t middle = low + (high - low) / 2;
        if (d->times[middle] <= time)
            low = middle;
        else
            high = middle;
    }
    if (low < 0)
        return d->values[0];
    if (!d->is_linear || high == d->n)
        return d->values[low];
    const double share = (double)(time - d->times[low]) / (double)(d->times[high] - d->times[low]);
    return d->values[low] + share * (d->values[high] - d->values[low]);
}

/* Transfer._deliver_temperature */
static void deliver_temperature(Participant *p, Transfer *t)
{
    if (!t->temperature)
        return;
    double flow = fabs(*t->sender_flow), temperature = *t->sender_temperature;
    double weight = flow + t->last_flow, mean = temperature;
    if (weight > 0.0 && t->last_flow > 0.0)
        mean += (t->last_temperature - temperature) * (t->last_flow / weight);
    assign(p, t->temperature, t->temperature_factor * mean + t->temperature_offset);
    t->last_flow = flow;
    t->last_temperature = temperature;
}

/* Transfer.deliver; 0 where the stream flows backwards. */
static int deliver(Participant *p, Transfer *t, double seconds)
{
    double volume = t->totals[0] - t->delivered[0];
    double dead_band = RELATIVE_DEAD_BAND * fabs(t->totals[0]);
    if (volume > dead_band || (t->is_reversible && volume < -dead_band)) {
        assign(p, t->flow, volume * t->volume_factor / seconds);
        for (int64_t i = 0; i < t->n_links; i++) {
            double content = (t->totals[i + 1] - t->delivered[i + 1]) / volume;
            assign(p, &t->content[i], t->factors ? content * t->factors[i] : content);
        }
        memcpy(t->delivered, t->totals, (size_t)t->n_totals * sizeof(double));
        deliver_temperature(p, t);
        return 1;
    }
    if (volume < -dead_band)
        return 0;
    assign(p, t->flow, 0.0);
    t->last_flow = 0.0;
    return 1;
}

static int gather_streams(Plan *plan, Participant *p, double seconds)
{
    for (int64_t i = 0; i < p->n_inflows; i++)
        if (!deliver(p, &p->inflows[i], seconds)) {
            plan->which = i;
            return BACKWARDS;
        }
    return DONE;
}

/* FmuInstance.write: one family of functions after the other. */
static int put(Plan *plan, Participant *p, Move *moves, int64_t n, double *values, int refused)
{
    for (int64_t i = 0; i < n; i++) {
        Move *move = &moves[i];
        void *buffer = move->buffer;
        if (move->type == F64 && !move->positions)
            buffer = values;
        else if (!convert(move, values))
            return REDO;
        plan->status = call_move(p, move->set, move, buffer);
        if (is_refused((int)plan->status)) {
            plan->which = i;
            return refused;
        }
    }
    return DONE;
}

/* Participant.write; what was written is known from `is_changed`, and told to Python in the end. */
static int write_changed(Plan *plan, Participant *p)
{
    p->n_writes++;
    if (p->is_changed) {
        int kind = put(plan, p, p->input_moves, p->n_input_moves, p->inputs, SET_INPUTS);
        if (kind != DONE)
            return kind;
        p->is_changed = 0;
    }
    if (p->is_tuned) {
        int kind = put(plan, p, p->tunable_moves, p->n_tunable_moves, p->tunables, SET_TUNABLES);
        if (kind != DONE)
            return kind;
        p->is_tuned = 0;
    }
    return DONE;
}

static inline int write_inputs(Plan *plan, Participant *p)
{
    if (!p->set)
        return p->is_changed | p->is_tuned ? write_changed(plan, p) : DONE;
    if (p->is_changed) {
        p->n_writes++;
        const int status = p->set(p->component, p->input_references, (size_t)p->n_set, p->inputs);
        if (is_refused(status)) {
            plan->status = status;
            plan->which = 0;
            return SET_INPUTS;
        }
        p->is_changed = 0;
    }
    return DONE;
}

/* Fmi2Calls.step, Fmi3Calls.step: anything but a whole step is left to their judge. */
static int step_otherwise(Plan *plan, Participant *p, double seconds)
{
    double time = p->lag ? (double)(plan->time - p->lag) / 1e9 : plan->now, size = seconds;
    if (p->version == 2) {
        plan->status = ((Step2)p->do_step)(p->component, time, size, 1);
        return is_refused((int)plan->status) ? STEP : DONE;
    }
    *p->reached = time + size;
    *p->needs_event = *p->is_early = *p->is_terminated = 0;
    plan->status = ((Step3)p->do_step)(p->component, time, size, 1, p->needs_event, p->is_terminated, p->is_early,
                                      p->reached);
    int is_special = *p->needs_event || *p->is_early || *p->is_terminated;
    return is_refused((int)plan->status) || is_special ? STEP : DONE;
}

static inline int do_step(Plan *plan, Participant *p, double seconds)
{
    if (!p->step)
        return step_otherwise(plan, p, seconds);
    const int status = p->step(p->component, plan->now, seconds, 1);
    if (is_refused(status)) {
        plan->status = status;
        return STEP;
    }
    return DONE;
}

/* Participant.read */
static int read_outputs(Plan *plan, Participant *p)
{
    int is_usable = 1;
    for (int64_t i = 0; i < p->n_output_moves; i++) {
        Move *move = &p->output_moves[i];
        plan->status = call_move(p, move->get, move, move->buffer);
        if (is_refused((int)plan->status)) {
            plan->which = i;
            return GET;
        }
        is_usable &= take(move, p->outputs);
    }
    return is_usable ? DONE : VALUE;
}

/* Outlet.update */
static void update(Outlet *o, double seconds)
{
    if (o->copied) {
        double *totals = o->totals + o->n_totals - o->n_copied;
        for (int64_t i = 0; i < o->n_copied; i++)
            totals[i] = o->outputs[o->copied[i]] * o->total_factors[i];
        if (!o->is_liquid) {
            double sum = totals[0];
            for (int64_t i = 1; i < o->n_copied; i++)
                sum += totals[i];
            o->totals[0] = sum;
        }
        return;
    }
    double flow = *o->flow, half = 0.5 * seconds;
    for (int64_t i = 0; i < o->n_totals; i++) {
        double rate = i ? flow * o->outputs[o->contents[i - 1]] : flow;
        o->totals[i] += half * (o->rate[i] + rate);
        o->rate[i] = rate;
    }
}

/* Booking.add */
static void book(Booking *b, double seconds)
{
    double flow = *b->flow;
    if (flow == 0.0)
        return;
    double amount = flow * seconds;
    b->booked[0] += amount;
    for (int64_t i = 0; i < b->n_contents; i++)
        b->booked[i + 1] += amount * b->inputs[b->contents[i]];
}

static int finish_otherwise(Plan *plan, Participant *p, double seconds, double *row)
{
    int kind = read_outputs(plan, p);
    if (kind != DONE)
        return kind;
    for (int64_t i = 0; i < p->n_bookings; i++)
        book(&p->bookings[i], seconds);
    for (int64_t i = 0; i < p->n_updates; i++)
        update(&p->updates[i], seconds);
    copy(row + p->column, p->outputs, p->n_recorded);
    return DONE;
}

static int is_finite(const double *values, int64_t n)
{
    double zero = 0.0;
    for (int64_t i = 0; i < n; i++)
        zero += values[i] * 0.0;
    return zero == 0.0;
}

/* Participant.read, and Participant._finish; where a sum is finite, all its terms are. */
static inline int finish(Plan *plan, Participant *p, double seconds, double *row)
{
    if (!p->get)
        return finish_otherwise(plan, p, seconds, row);
    const int status = p->get(p->component, p->output_references, (size_t)p->n_got, p->outputs);
    if (is_refused(status)) {
        plan->status = status;
        plan->which = 0;
        return GET;
    }
    const double *restrict outputs = p->outputs;
    double *restrict sample = row + p->column;
    double sum = 0.0;
    int64_t i = 0;
    for (const int64_t n = p->n_recorded; i < n; i++) {
        sum += outputs[i];
        sample[i] = outputs[i];
    }
    for (const int64_t n = p->n_got; i < n; i++)
        sum += outputs[i];
    return sum - sum == 0.0 || is_finite(p->outputs, p->n_got) ? DONE : VALUE;
}

/* Participant.advance */
static int advance(Plan *plan, Participant *p, double seconds, double *row)
{
    int kind = write_inputs(plan, p);
    if (kind == DONE)
        kind = do_step(plan, p, seconds);
    return kind == DONE ? finish(plan, p, seconds, row) : kind;
}

/* VolumeMargin, and whether Python looks more closely from now on. */
static int look_at_delivery(const Plan *plan, Watch *w)
{
    double count = 0.0, flow = 0.0;
    for (int64_t i = 0; i < w->n_inlets; i++) {
        const Inlet *inlet = &w->inlets[i];
        count += *inlet->amount * inlet->scale * inlet->factor;
        flow += *inlet->flow * inlet->factor;
    }
    const double slack = VOLUME_ROUND_OFF * w->factor + 2.0 / 1e9 * flow, rest = w->factor - (count - w->offset);
    w->before = w->now;
    w->now = count - w->offset - w->factor + slack;
    if (w->now >= 0.0)
        return HOLDS;
    return !(flow > 0.0) || (rest > 0.0 ? rest : 0.0) / flow * 1e9 < (double)(WINDOWS_AHEAD * plan->size) ? LOOK : DONE;
}

/* Watch.look, and what else ends a run of windows. */
static int look(Plan *plan)
{
    int found = DONE;
    for (int64_t i = 0; i < plan->n_watches; i++) {
        Watch *w = &plan->watches[i];
        if (w->trigger == GREW) {
            if (*w->left - w->offset > RELATIVE_DEAD_BAND * fabs(*w->left) && found == DONE)
                found = LOOK;
            continue;
        }
        if (w->trigger == IS_DELIVERED) {
            const int kind = look_at_delivery(plan, w);
            if (kind == HOLDS || found == DONE)
                found = kind;
            continue;
        }
        double right = w->offset;
        if (w->right)
            right += w->factor * *w->right;
        w->before = w->now;
        w->now = w->sign * (*w->left - right);
        if (w->trigger == IS_NEGATIVE) {
            if (w->now < 0.0 && found == DONE)
                found = LOOK;
        } else if (w->now > 0.0 || (w->now == 0.0 && w->trigger == IS_NOT_NEGATIVE))
            found = HOLDS;
    }
    return found;
}

/* Bring those before the participant at fault as far as they would be had each been stepped on its own. */
static int fall_behind(Plan *plan, int64_t i, int kind, int has_stepped, double seconds, double *row)
{
    const int64_t which = plan->which, status = plan->status;
    for (int64_t j = 0; j < i; j++) {
        Participant *p = &plan->participants[j];
        int earlier = has_stepped ? DONE : do_step(plan, p, seconds);
        if (earlier == DONE)
            earlier = finish(plan, p, seconds, row);
        if (earlier != DONE) {
            plan->participant = j;
            return earlier;
        }
    }
    plan->participant = i;
    plan->which = which;
    plan->status = status;
    return kind;
}

/* Participant.gather */
static inline int gather(Plan *plan, Participant *p, double seconds)
{
    p->is_changed |= gather_wires(plan->board, p);
    for (int64_t i = 0; i < p->n_drives; i++)
        assign(p, p->drives[i].input, value_at(&p->drives[i], plan->time));
    return p->n_inflows ? gather_streams(plan, p, seconds) : DONE;
}

static int gather_all(Plan *plan, double seconds)
{
    for (int64_t i = 0; i < plan->n_participants; i++) {
        const int kind = gather(plan, &plan->participants[i], seconds);
        if (kind != DONE) {
            plan->participant = i;
            return kind;
        }
    }
    return DONE;
}

/* Gather and write all inputs; without streams, in one go. */
static int provide(Plan *plan, double seconds, double *row)
{
    const int64_t n = plan->n_participants;
    Participant *p = plan->participants;
    int kind = plan->has_more ? gather_all(plan, seconds) : DONE;
    if (kind != DONE)
        return kind;
    for (int64_t i = 0; i < n; i++, p++) {
        if (!plan->has_more)
            p->is_changed |= gather_wires(plan->board, p);
        kind = write_inputs(plan, p);
        if (kind == DONE)
            continue;
        if (!plan->has_more)
            for (int64_t j = i + 1; j < n; j++)
                plan->participants[j].is_changed |= gather_wires(plan->board, &plan->participants[j]);
        return fall_behind(plan, i, kind, 0, seconds, row);
    }
    return DONE;
}

/* All that do not see each other: all inputs, all steps, all outputs. One component after the other would take half as
 * long again: each would wait for what was stored just before in narrower pieces than it loads. */
static int step_together(Plan *plan, double seconds, double *row)
{
    Participant *participants = plan->participants;
    const int64_t n = plan->n_participants;
    const int kind = provide(plan, seconds, row);
    if (kind != DONE)
        return kind;
    for (int64_t i = 0; i < n; i++) {
        const int kind = do_step(plan, &participants[i], seconds);
        if (kind != DONE)
            return fall_behind(plan, i, kind, 1, seconds, row);
    }
    for (int64_t i = 0; i < n; i++) {
        const int kind = finish(plan, &participants[i], seconds, row);
        if (kind != DONE) {
            plan->participant = i;
            return kind;
        }
    }
    return DONE;
}

/* Each one on its own; when timed, too. */
static int step_in_order(Plan *plan, double seconds, double *row, int is_timed)
{
    for (int64_t i = 0; i < plan->n_participants; i++) {
        Participant *p = &plan->participants[i];
        int kind = plan->is_simultaneous ? DONE : gather(plan, p, seconds);
        double began = is_timed ? now() : 0.0;
        if (kind == DONE)
            kind = advance(plan, p, seconds, row);
        if (is_timed)
            p->seconds = now() - began;
        if (kind != DONE) {
            plan->participant = i;
            return kind;
        }
    }
    return DONE;
}

static int step_window(Plan *plan, double *row, int is_timed)
{
    double seconds = (double)plan->size / 1e9;
    plan->now = (double)plan->time / 1e9;
    if (!plan->is_simultaneous)
        return step_in_order(plan, seconds, row, is_timed);
    if (!is_timed)
        return step_together(plan, seconds, row);
    const int kind = gather_all(plan, seconds);
    return kind == DONE ? step_in_order(plan, seconds, row, is_timed) : kind;
}

/* One move, of all values in order. */
static int is_plain(const Move *moves, int64_t n)
{
    return n == 1 && moves->type == F64 && !moves->positions;
}

static void begin(Plan *plan, Participant *p)
{
    p->is_changed = !p->has_written || differ(p->written_inputs, p->inputs, p->n_inputs);
    plan->has_more |= p->n_inflows || p->n_drives;
    p->n_writes = 0;
    p->factors = NULL;
    for (int64_t i = 0; i < p->n_wires; i++)
        if (p->wire_factors[i] != 1.0 || p->wire_offsets[i] != 0.0)
            p->factors = p->wire_factors;
    p->is_tuned = p->n_tunables && (!p->has_written || differ(p->written_tunables, p->tunables, p->n_tunables));
    p->set = NULL;
    p->get = NULL;
    p->step = p->version == 2 && !p->lag ? (Step2)p->do_step : NULL;
    if (p->version == 2 && !p->is_tuned && is_plain(p->input_moves, p->n_input_moves)) {
        p->set = (Move2)p->input_moves->set;
        p->input_references = p->input_moves->references;
        p->n_set = p->input_moves->n;
    }
    if (p->version == 2 && !p->n_bookings && !p->n_updates && is_plain(p->output_moves, p->n_output_moves)) {
        p->get = (Move2)p->output_moves->get;
        p->output_references = p->output_moves->references;
        p->n_got = p->output_moves->n;
    }
}

/* What was written before a change that was not written is forgotten: it has to be written in any case. */
static void end(Participant *p)
{
    p->has_written = !p->is_changed && !p->is_tuned;
    copy(p->written_inputs, p->inputs, p->n_inputs);
    copy(p->written_tunables, p->tunables, p->n_tunables);
}

/* Step up to n windows; return why it ended. n_done windows are complete, the one after that is not. */
EXPORT int64_t cosim_step_windows(Plan *plan, int64_t n)
{
    int kind = DONE;
    if (!plan->is_continued)
        for (int64_t i = 0; i < plan->n_participants; i++)
            begin(plan, &plan->participants[i]);
    for (plan->n_done = 0; plan->n_done < n && kind == DONE;) {
        double *row = plan->samples + plan->n_done * plan->width;
        kind = step_window(plan, row, plan->n_done == plan->timed);
        if (kind != DONE)
            break;
        plan->time += plan->size;
        plan->n_done++;
        kind = look(plan);
    }
    for (int64_t i = 0; i < plan->n_participants; i++)
        end(&plan->participants[i]);
    return kind;
}
