/* A flowsheet as one Co-Simulation FMU of FMI 2.0: loads the FMUs in its resources and steps them as a run would.
 *
 * container_tables.py writes tables.h, which says what there is. All values that components exchange are on a board, as
 * in a run. Rules and order of operations are those of participant.py, transfer.py and outlet.py, so that results agree
 * with theirs bit for bit.
 */
#include <math.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#if defined(_WIN32)
#include <windows.h>
#else
#include <dlfcn.h>
#endif

#include "fmi2Functions.h"
#include "fmi3Functions.h"

#define RELATIVE_DEAD_BAND 1e-12 /* as in transfer.py */
#define MOST_PASSES 200          /* of values handed round until the initial ones agree */
#define AGREEMENT 1e-12          /* relative, at which a loop of initial values has been solved */
#define ON_GRID 1e-6             /* share of a step by which a communication point may be off it */
#define LONGEST_PATH 4096

enum Type { F64, F32, I8, U8, I16, U16, I32, U32, I64, U64, BOOL, TEXT };

typedef struct {
    const char *name, *folder, *library, *token;
    int version;
    int input_moves, n_input_moves, output_moves, n_output_moves; /* parts of moves */
    int inputs, n_inputs;                                         /* places on the board */
    int wires, n_wires, deliveries, n_deliveries;                 /* what arrives here */
} Component;

typedef struct {
    int type, place, n;
    const uint32_t *references;
} Move;

typedef struct {
    int component, type;
    uint32_t reference;
} Exposed;

typedef struct {
    int component, type;
    uint32_t reference;
    double value;
    const char *text;
} Start;

typedef struct {
    int source, target;
    double factor, offset;
} Wire;

/* Amounts are the flow's total, then those of n_species, of which the first n_links arrive. */
typedef struct {
    const char *name;
    int sender, n_links, n_species;
    int flow, temperature; /* places; -1: no temperature */
    const int *contents;   /* n_links */
    const int *totals;     /* n_species, after the flow's own unless that is their sum; NULL: integrated */
    const double *scales;  /* of totals */
    int is_summed;
    const double *factors; /* of contents */
    int flow_out, temperature_out;
    const int *contents_out;
    double volume_factor, temperature_factor, temperature_offset;
    int is_reversible;
    int amounts; /* where its amounts begin */
} Delivery;

#include "tables.h"

typedef struct {
    double total, delivered, rate;
} Amount;

/* Everything that changes besides the states of the FMUs themselves. */
typedef struct {
    double board[N_BOARD + 1], written[N_BOARD + 1];
    unsigned char has_written[N_COMPONENTS];
    Amount amounts[N_AMOUNTS + 1];
    double last_flow[N_DELIVERIES + 1], last_temperature[N_DELIVERIES + 1];
    int64_t n_steps;
} Memory;

typedef enum { INSTANTIATED, INITIALISING, STEPPING, TERMINATED, BROKEN } Phase;

typedef struct {
    Memory memory;
    Phase phase;
    void *states[N_COMPONENTS];
} Snapshot;

typedef struct {
    const fmi2CallbackFunctions *callbacks;
    fmi2CallbackFunctions own;
    char *name;
    Phase phase;
    int is_settled; /* initial values have been handed round since something was set */
    void *libraries[N_COMPONENTS], *parts[N_COMPONENTS];
    fmi2Boolean has_tolerance, has_stop;
    double tolerance, start, stop;
    Memory memory;
} Container;

static void say(const Container *c, fmi2Status status, const char *format, ...)
{
    char text[2048];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    if (c->callbacks && c->callbacks->logger)
        c->callbacks->logger(c->callbacks->componentEnvironment, c->name, status, "logStatusError", "%s", text);
}

static fmi2Status fail(Container *c, const char *component, const char *what)
{
    say(c, fmi2Error, "'%s': %s.", component, what);
    c->phase = BROKEN;
    return fmi2Error;
}

/* Messages of parts, with the name of the part. */
static void relay2(fmi2ComponentEnvironment environment, fmi2String name, fmi2Status status, fmi2String category,
                 fmi2String format, ...)
{
    const Container *c = environment;
    char text[2048];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    if (c->callbacks && c->callbacks->logger)
        c->callbacks->logger(c->callbacks->componentEnvironment, c->name, status, category, "'%s': %s", name, text);
}

static void relay3(fmi3InstanceEnvironment c, fmi3Status status, fmi3String category, fmi3String message)
{
    const Container *container = c;
    if (container->callbacks && container->callbacks->logger)
        container->callbacks->logger(container->callbacks->componentEnvironment, container->name, (fmi2Status)status,
                                     category, "%s", message);
}

/* ---- libraries ---- */

static void *open_library(const char *path)
{
#if defined(_WIN32)
    return (void *)LoadLibraryExA(path, NULL, LOAD_WITH_ALTERED_SEARCH_PATH);
#else
    return dlopen(path, RTLD_NOW | RTLD_LOCAL);
#endif
}

static void close_library(void *library)
{
#if defined(_WIN32)
    FreeLibrary((HMODULE)library);
#else
    dlclose(library);
#endif
}

static void *find(void *library, const char *name)
{
#if defined(_WIN32)
    return (void *)GetProcAddress((HMODULE)library, name);
#else
    return dlsym(library, name);
#endif
}

#define CALL(i, name, ...) (((name##TYPE *)find(c->libraries[i], #name))(c->parts[i], ##__VA_ARGS__))
#define HAS(i, name) (find(c->libraries[i], #name) != NULL)

/* ---- values of parts ---- */

#define EACH_WHOLE(X)                                                                                                 \
    X(I8, fmi3Int8, Int8) X(U8, fmi3UInt8, UInt8) X(I16, fmi3Int16, Int16) X(U16, fmi3UInt16, UInt16)                  \
    X(I32, fmi3Int32, Int32) X(U32, fmi3UInt32, UInt32) X(I64, fmi3Int64, Int64) X(U64, fmi3UInt64, UInt64)

static int put2(Container *c, int i, int type, const uint32_t *references, int n, const double *values)
{
    if (type == F64)
        return CALL(i, fmi2SetReal, references, n, values);
    for (int k = 0; k < n; k++) {
        fmi2Integer whole = type == BOOL ? values[k] != 0.0 : (fmi2Integer)rint(values[k]);
        int status = type == BOOL ? CALL(i, fmi2SetBoolean, references + k, 1, &whole)
                                  : CALL(i, fmi2SetInteger, references + k, 1, &whole);
        if (status > fmi2Warning)
            return status;
    }
    return fmi2OK;
}

static int put3(Container *c, int i, int type, const uint32_t *references, int n, const double *values)
{
    if (type == F64)
        return CALL(i, fmi3SetFloat64, references, n, values, n);
    for (int k = 0; k < n; k++) {
        int status = fmi3Error;
        if (type == BOOL) {
            fmi3Boolean value = values[k] != 0.0;
            status = CALL(i, fmi3SetBoolean, references + k, 1, &value, 1);
        } else if (type == F32) {
            fmi3Float32 value = (fmi3Float32)values[k];
            status = CALL(i, fmi3SetFloat32, references + k, 1, &value, 1);
        }
#define PUT(code, ctype, name)                                                                                        \
    else if (type == code)                                                                                            \
    {                                                                                                                 \
        ctype value = (ctype)rint(values[k]);                                                                         \
        status = CALL(i, fmi3Set##name, references + k, 1, &value, 1);                                                \
    }
        EACH_WHOLE(PUT)
        if (status > fmi3Warning)
            return status;
    }
    return fmi3OK;
}

static int take2(Container *c, int i, int type, const uint32_t *references, int n, double *values)
{
    if (type == F64)
        return CALL(i, fmi2GetReal, references, n, values);
    for (int k = 0; k < n; k++) {
        fmi2Integer whole = 0;
        int status = type == BOOL ? CALL(i, fmi2GetBoolean, references + k, 1, &whole)
                                  : CALL(i, fmi2GetInteger, references + k, 1, &whole);
        if (status > fmi2Warning)
            return status;
        values[k] = type == BOOL ? whole != 0 : whole;
    }
    return fmi2OK;
}

static int take3(Container *c, int i, int type, const uint32_t *references, int n, double *values)
{
    if (type == F64)
        return CALL(i, fmi3GetFloat64, references, n, values, n);
    for (int k = 0; k < n; k++) {
        int status = fmi3Error;
        if (type == BOOL) {
            fmi3Boolean value = 0;
            status = CALL(i, fmi3GetBoolean, references + k, 1, &value, 1);
            values[k] = value;
        } else if (type == F32) {
            fmi3Float32 value = 0;
            status = CALL(i, fmi3GetFloat32, references + k, 1, &value, 1);
            values[k] = value;
        }
#define TAKE(code, ctype, name)                                                                                       \
    else if (type == code)                                                                                            \
    {                                                                                                                 \
        ctype value = 0;                                                                                              \
        status = CALL(i, fmi3Get##name, references + k, 1, &value, 1);                                                \
        values[k] = (double)value;                                                                                    \
    }
        EACH_WHOLE(TAKE)
        if (status > fmi3Warning)
            return status;
    }
    return fmi3OK;
}

static fmi2Status put(Container *c, int i, int type, const uint32_t *references, int n, const double *values)
{
    int status = components[i].version == 2 ? put2(c, i, type, references, n, values)
                                            : put3(c, i, type, references, n, values);
    return status > fmi2Warning ? fail(c, components[i].name, "a value was refused") : fmi2OK;
}

static fmi2Status take(Container *c, int i, int type, const uint32_t *references, int n, double *values)
{
    int status = components[i].version == 2 ? take2(c, i, type, references, n, values)
                                            : take3(c, i, type, references, n, values);
    return status > fmi2Warning ? fail(c, components[i].name, "a value was not given") : fmi2OK;
}

/* ---- exchange on the board ---- */

static fmi2Status write_inputs(Container *c, int i)
{
    const Component *part = &components[i];
    Memory *m = &c->memory;
    size_t size = (size_t)part->n_inputs * sizeof(double);
    if (m->has_written[i] && memcmp(m->written + part->inputs, m->board + part->inputs, size) == 0)
        return fmi2OK;
    for (int k = 0; k < part->n_input_moves; k++) {
        const Move *move = &moves[part->input_moves + k];
        if (put(c, i, move->type, move->references, move->n, m->board + move->place) != fmi2OK)
            return fmi2Error;
    }
    memcpy(m->written + part->inputs, m->board + part->inputs, size);
    m->has_written[i] = 1;
    return fmi2OK;
}

static fmi2Status read_outputs(Container *c, int i, int may_be_unknown)
{
    const Component *part = &components[i];
    for (int k = 0; k < part->n_output_moves; k++) {
        const Move *move = &moves[part->output_moves + k];
        double *values = c->memory.board + move->place;
        if (take(c, i, move->type, move->references, move->n, values) != fmi2OK)
            return fmi2Error;
        for (int j = 0; j < move->n; j++)
            if (!isfinite(values[j]) && !may_be_unknown)
                return fail(c, part->name, "an output that another component needs is not a finite number");
    }
    return fmi2OK;
}

static void find_rates(Container *c, const Delivery *d)
{
    Amount *amount = &c->memory.amounts[d->amounts];
    const double *board = c->memory.board;
    amount[0].rate = board[d->flow];
    for (int i = 0; i < d->n_links; i++)
        amount[i + 1].rate = board[d->flow] * board[d->contents[i]];
}

/* What has left the outlets of a component by the end of its step of h. */
static void update_totals(Container *c, int i, double h)
{
    for (int k = 0; k < N_DELIVERIES; k++) {
        const Delivery *d = &deliveries[k];
        Amount *amount = &c->memory.amounts[d->amounts];
        int first = d->is_summed ? 1 : 0;
        if (d->sender != i)
            continue;
        if (!d->totals) {
            double before[N_AMOUNTS + 1];
            for (int j = 0; j <= d->n_links; j++)
                before[j] = amount[j].rate;
            find_rates(c, d);
            for (int j = 0; j <= d->n_links; j++)
                amount[j].total += (0.5 * h) * (before[j] + amount[j].rate);
            continue;
        }
        for (int j = 0; j + first <= d->n_species; j++)
            amount[j + first].total = c->memory.board[d->totals[j]] * d->scales[j];
        if (d->is_summed) {
            amount[0].total = 0.0;
            for (int j = 1; j <= d->n_species; j++)
                amount[0].total += amount[j].total;
        }
    }
}

static void pass_temperature(Container *c, int k)
{
    const Delivery *d = &deliveries[k];
    Memory *m = &c->memory;
    if (d->temperature < 0 || d->temperature_out < 0)
        return;
    double flow = fabs(m->board[d->flow]), temperature = m->board[d->temperature];
    double weight = flow + m->last_flow[k], mean = temperature;
    if (weight > 0.0 && m->last_flow[k] > 0.0)
        mean += (m->last_temperature[k] - temperature) * (m->last_flow[k] / weight);
    m->board[d->temperature_out] = d->temperature_factor * mean + d->temperature_offset;
    m->last_flow[k] = flow;
    m->last_temperature[k] = temperature;
}

static fmi2Status deliver(Container *c, int k, double h)
{
    const Delivery *d = &deliveries[k];
    double *board = c->memory.board;
    Amount *amount = &c->memory.amounts[d->amounts];
    double volume = amount[0].total - amount[0].delivered, band = RELATIVE_DEAD_BAND * fabs(amount[0].total);
    if (volume > band || (d->is_reversible && volume < -band)) {
        board[d->flow_out] = volume * d->volume_factor / h;
        for (int i = 1; i <= d->n_links; i++) {
            double content = (amount[i].total - amount[i].delivered) / volume;
            board[d->contents_out[i - 1]] = content * d->factors[i - 1];
        }
        for (int i = 0; i <= d->n_species; i++)
            amount[i].delivered = amount[i].total;
        pass_temperature(c, k);
    } else if (volume < -band) {
        return fail(c, d->name, "the stream flows backwards, and its ports are not declared reversible");
    } else {
        board[d->flow_out] = 0.0;
        c->memory.last_flow[k] = 0.0;
    }
    return fmi2OK;
}

static void gather_wires(Container *c, int i)
{
    double *board = c->memory.board;
    for (int k = 0; k < components[i].n_wires; k++) {
        const Wire *wire = &wires[components[i].wires + k];
        double value = wire->factor * board[wire->source] + wire->offset;
        if (isfinite(value) || c->phase == STEPPING)
            board[wire->target] = value;
    }
}

static fmi2Status gather(Container *c, int i)
{
    gather_wires(c, i);
    for (int k = 0; k < components[i].n_deliveries; k++)
        if (deliver(c, components[i].deliveries + k, STEP_SECONDS) != fmi2OK)
            return fmi2Error;
    return fmi2OK;
}

/* Before the first step, receivers see the outlets as they are. */
static void prime(Container *c, int i)
{
    double *board = c->memory.board;
    gather_wires(c, i);
    for (int k = 0; k < components[i].n_deliveries; k++) {
        const Delivery *d = &deliveries[components[i].deliveries + k];
        double flow = board[d->flow];
        if (!isfinite(flow))
            continue;
        board[d->flow_out] = (flow > 0.0 ? flow : 0.0) * d->volume_factor;
        for (int j = 0; j < d->n_links; j++)
            board[d->contents_out[j]] = board[d->contents[j]] * d->factors[j];
        pass_temperature(c, components[i].deliveries + k);
    }
}

static double difference(const double *a, const double *b)
{
    double largest = 0.0;
    for (int i = 0; i < N_BOARD; i++) {
        double size = fmax(fabs(a[i]), fabs(b[i])), apart = fabs(a[i] - b[i]);
        if (memcmp(&a[i], &b[i], sizeof a[i]) != 0)
            largest = fmax(largest, size > 0.0 && isfinite(apart) ? apart / size : 0.0);
    }
    return largest;
}

/* Hands values round until they agree: what depends on nothing that follows is right after one round. */
static fmi2Status settle(Container *c)
{
    double before[N_BOARD + 1], apart = 0.0;
    if (c->is_settled)
        return fmi2OK;
    for (int pass = 0; pass < MOST_PASSES + N_COMPONENTS; pass++) {
        memcpy(before, c->memory.board, sizeof before);
        for (int i = 0; i < N_COMPONENTS; i++) {
            prime(c, i);
            if (write_inputs(c, i) != fmi2OK || read_outputs(c, i, 1) != fmi2OK)
                return fmi2Error;
        }
        apart = difference(before, c->memory.board);
        if (pass > 0 && apart <= AGREEMENT) {
            c->is_settled = 1;
            return fmi2OK;
        }
    }
    say(c, fmi2Error, "Initial values of components that depend on each other do not settle: after %d rounds they "
        "still change by a share of %g.", MOST_PASSES + N_COMPONENTS, apart);
    c->phase = BROKEN;
    return fmi2Error;
}

/* ---- parts ---- */

/* Put the path of the resources, decoded, into ``path``; return 0 where there is no room. */
static int decode(const char *location, char *path, size_t size)
{
    size_t n = 0;
    int is_url = strncmp(location, "file:", 5) == 0;
    if (is_url) {
        location += 5;
        if (strncmp(location, "//", 2) == 0) {
            location += 2;
            while (*location && *location != '/')
                location++; /* the host */
        }
#if defined(_WIN32)
        if (location[0] == '/' && location[1] && location[2] == ':')
            location++;
#endif
    }
    for (; *location; location++, n++) {
        unsigned byte;
        if (n + 1 >= size)
            return 0;
        if (is_url && *location == '%' && sscanf(location + 1, "%2x", &byte) == 1) {
            path[n] = (char)byte;
            location += 2;
        } else
            path[n] = *location;
    }
    while (n > 0 && (path[n - 1] == '/' || path[n - 1] == '\\'))
        n--;
    path[n] = '\0';
    return 1;
}

static int instantiate(Container *c, int i, const char *location, const char *folder, fmi2Boolean is_logging)
{
    const Component *part = &components[i];
    char path[LONGEST_PATH];
    snprintf(path, sizeof path, "%s/%s/%s", folder, part->folder, part->library);
    c->libraries[i] = open_library(path);
    if (!c->libraries[i]) {
#if defined(_WIN32)
        say(c, fmi2Error, "'%s': its library %s cannot be loaded.", part->name, path);
#else
        say(c, fmi2Error, "'%s': its library cannot be loaded: %s.", part->name, dlerror());
#endif
        return 0;
    }
    if (part->version == 2) {
        fmi2InstantiateTYPE *make = (fmi2InstantiateTYPE *)find(c->libraries[i], "fmi2Instantiate");
        size_t n = strlen(location);
        snprintf(path, sizeof path, "%s%s%s/resources", location, n && location[n - 1] == '/' ? "" : "/", part->folder);
        c->parts[i] = make ? make(part->name, fmi2CoSimulation, part->token, path, &c->own, fmi2False, is_logging) : NULL;
    } else {
        fmi3InstantiateCoSimulationTYPE *make =
            (fmi3InstantiateCoSimulationTYPE *)find(c->libraries[i], "fmi3InstantiateCoSimulation");
        snprintf(path, sizeof path, "%s/%s/resources/", folder, part->folder);
        c->parts[i] = make ? make(part->name, part->token, path, fmi3False, is_logging != 0, fmi3False, fmi3False, NULL,
                                  0, c, relay3, NULL)
                           : NULL;
    }
    if (!c->parts[i])
        say(c, fmi2Error, "'%s' cannot be instantiated.", part->name);
    return c->parts[i] != NULL;
}

static fmi2Status set_starts(Container *c)
{
    for (int k = 0; k < N_STARTS; k++) {
        const Start *start = &starts[k];
        int i = start->component, status = fmi2OK;
        if (start->type != TEXT)
            status = put(c, i, start->type, &start->reference, 1, &start->value);
        else if (components[i].version == 2)
            status = CALL(i, fmi2SetString, &start->reference, 1, &start->text);
        else
            status = CALL(i, fmi3SetString, &start->reference, 1, &start->text, 1);
        if (status > fmi2Warning)
            return fail(c, components[i].name, "a start value was refused");
    }
    memcpy(c->memory.board, board_starts, sizeof board_starts);
    return fmi2OK;
}

static fmi2Status step(Container *c, int i, double time)
{
    int status;
    if (write_inputs(c, i) != fmi2OK)
        return fmi2Error;
    if (components[i].version == 2)
        status = CALL(i, fmi2DoStep, time, STEP_SECONDS, fmi2True);
    else {
        fmi3Boolean needs_event = 0, is_terminated = 0, is_early = 0;
        double reached = time;
        status = CALL(i, fmi3DoStep, time, STEP_SECONDS, fmi3True, &needs_event, &is_terminated, &is_early, &reached);
        if (status <= fmi3Warning && (is_terminated || is_early))
            status = fmi3Discard;
    }
    if (status > fmi2Warning)
        return fail(c, components[i].name, status == fmi2Discard ? "the step was not completed" : "the step failed");
    if (read_outputs(c, i, 0) != fmi2OK)
        return fmi2Error;
    update_totals(c, i, STEP_SECONDS);
    return fmi2OK;
}

static fmi2Status step_all(Container *c)
{
    double time = (double)(llround(c->start * 1e9) + c->memory.n_steps * STEP_TICKS) / 1e9;
    for (int i = 0; i < N_COMPONENTS && IS_SIMULTANEOUS; i++)
        if (gather(c, i) != fmi2OK)
            return fmi2Error;
    for (int i = 0; i < N_COMPONENTS; i++) {
        if (!IS_SIMULTANEOUS && gather(c, i) != fmi2OK)
            return fmi2Error;
        if (step(c, i, time) != fmi2OK)
            return fmi2Error;
    }
    c->memory.n_steps++;
    return fmi2OK;
}

/* ---- the interface ---- */

const char *fmi2GetTypesPlatform(void) { return fmi2TypesPlatform; }
const char *fmi2GetVersion(void) { return fmi2Version; }

void fmi2FreeInstance(fmi2Component component)
{
    Container *c = component;
    if (!c)
        return;
    for (int i = N_COMPONENTS - 1; i >= 0; i--) {
        if (c->parts[i] && components[i].version == 2)
            CALL(i, fmi2FreeInstance);
        else if (c->parts[i])
            CALL(i, fmi3FreeInstance);
        if (c->libraries[i])
            close_library(c->libraries[i]);
    }
    free(c->name);
    free(c);
}

fmi2Component fmi2Instantiate(fmi2String name, fmi2Type type, fmi2String token, fmi2String location,
                              const fmi2CallbackFunctions *callbacks, fmi2Boolean visible, fmi2Boolean is_logging)
{
    char folder[LONGEST_PATH];
    Container *c = calloc(1, sizeof *c);
    (void)visible;
    if (!c)
        return NULL;
    c->callbacks = callbacks;
    fmi2CallbackFunctions own = {relay2, calloc, free, NULL, c};
    memcpy((void *)&c->own, &own, sizeof own);
    c->name = malloc(strlen(name) + 1);
    int is_good = c->name != NULL;
    if (is_good) {
        strcpy(c->name, name);
        if (type != fmi2CoSimulation || !token || strcmp(token, TOKEN) != 0) {
            say(c, fmi2Error, "The GUID is not that of this FMU, or Model Exchange was asked for: it is not offered.");
            is_good = 0;
        } else if (!location || !decode(location, folder, sizeof folder)) {
            say(c, fmi2Error, "The location of the resources is missing or too long.");
            is_good = 0;
        }
    }
    for (int i = 0; i < N_COMPONENTS && is_good; i++)
        is_good = instantiate(c, i, location, folder, is_logging);
    if (is_good && set_starts(c) == fmi2OK)
        return c;
    fmi2FreeInstance(c);
    return NULL;
}

fmi2Status fmi2SetDebugLogging(fmi2Component component, fmi2Boolean is_on, size_t n, const fmi2String categories[])
{
    Container *c = component;
    (void)n, (void)categories;
    for (int i = 0; i < N_COMPONENTS; i++) {
        if (components[i].version == 2)
            CALL(i, fmi2SetDebugLogging, is_on, 0, NULL);
        else
            CALL(i, fmi3SetDebugLogging, is_on != 0, 0, NULL);
    }
    return fmi2OK;
}

fmi2Status fmi2SetupExperiment(fmi2Component component, fmi2Boolean has_tolerance, fmi2Real tolerance, fmi2Real start,
                               fmi2Boolean has_stop, fmi2Real stop)
{
    Container *c = component;
    c->has_tolerance = has_tolerance, c->tolerance = tolerance;
    c->start = start, c->has_stop = has_stop, c->stop = stop;
    for (int i = 0; i < N_COMPONENTS; i++)
        if (components[i].version == 2 &&
            CALL(i, fmi2SetupExperiment, has_tolerance, tolerance, start, has_stop, stop) > fmi2Warning)
            return fail(c, components[i].name, "it refused start time, stop time or tolerance");
    return fmi2OK;
}

fmi2Status fmi2EnterInitializationMode(fmi2Component component)
{
    Container *c = component;
    for (int i = 0; i < N_COMPONENTS; i++) {
        int status = components[i].version == 2
                         ? (int)CALL(i, fmi2EnterInitializationMode)
                         : (int)CALL(i, fmi3EnterInitializationMode, c->has_tolerance != 0, c->tolerance, c->start,
                                     c->has_stop != 0, c->stop);
        if (status > fmi2Warning)
            return fail(c, components[i].name, "its initialisation did not begin");
    }
    c->phase = INITIALISING;
    return fmi2OK;
}

fmi2Status fmi2ExitInitializationMode(fmi2Component component)
{
    Container *c = component;
    if (settle(c) != fmi2OK)
        return fmi2Error;
    for (int i = 0; i < N_COMPONENTS; i++) {
        prime(c, i);
        if (write_inputs(c, i) != fmi2OK)
            return fmi2Error;
        int status = components[i].version == 2 ? (int)CALL(i, fmi2ExitInitializationMode)
                                                : (int)CALL(i, fmi3ExitInitializationMode);
        if (status > fmi2Warning)
            return fail(c, components[i].name, "its initialisation failed");
        if (read_outputs(c, i, 0) != fmi2OK)
            return fmi2Error;
    }
    for (int i = 0; i < N_COMPONENTS; i++)
        update_totals(c, i, 0.0);
    for (int k = 0; k < N_AMOUNTS; k++)
        c->memory.amounts[k].delivered = c->memory.amounts[k].total;
    c->phase = STEPPING;
    return fmi2OK;
}

fmi2Status fmi2Terminate(fmi2Component component)
{
    Container *c = component;
    fmi2Status worst = fmi2OK;
    for (int i = 0; i < N_COMPONENTS; i++) {
        int status = components[i].version == 2 ? (int)CALL(i, fmi2Terminate) : (int)CALL(i, fmi3Terminate);
        if (status > fmi2Warning)
            worst = fmi2Error;
    }
    c->phase = TERMINATED;
    return worst;
}

fmi2Status fmi2Reset(fmi2Component component)
{
    Container *c = component;
    for (int i = 0; i < N_COMPONENTS; i++) {
        int status = components[i].version == 2 ? (int)CALL(i, fmi2Reset) : (int)CALL(i, fmi3Reset);
        if (status > fmi2Warning)
            return fail(c, components[i].name, "it could not be reset");
    }
    memset(&c->memory, 0, sizeof c->memory);
    c->phase = INSTANTIATED;
    c->is_settled = 0;
    return set_starts(c);
}

static const Exposed *exposed_as(Container *c, fmi2ValueReference reference)
{
    if (reference < 1 || reference > N_EXPOSED) {
        say(c, fmi2Error, "There is no variable with the value reference %u.", reference);
        return NULL;
    }
    return &exposed[reference - 1];
}

static fmi2Status get(Container *c, fmi2ValueReference reference, double *value)
{
    if (reference == 0) { /* time */
        *value = (double)(llround(c->start * 1e9) + c->memory.n_steps * STEP_TICKS) / 1e9;
        return fmi2OK;
    }
    const Exposed *one = exposed_as(c, reference);
    if (!one || one->type == TEXT)
        return fmi2Error;
    if (c->phase == INITIALISING && settle(c) != fmi2OK)
        return fmi2Error;
    return take(c, one->component, one->type, &one->reference, 1, value);
}

static fmi2Status set(Container *c, fmi2ValueReference reference, double value)
{
    const Exposed *one = exposed_as(c, reference);
    if (!one || one->type == TEXT)
        return fmi2Error;
    c->is_settled = 0;
    return put(c, one->component, one->type, &one->reference, 1, &value);
}

#define ACCESS(name, ctype, CONVERTED)                                                                                \
    fmi2Status fmi2Get##name(fmi2Component c, const fmi2ValueReference references[], size_t n, ctype values[])        \
    {                                                                                                                 \
        for (size_t i = 0; i < n; i++) {                                                                              \
            double value = 0.0;                                                                                       \
            if (get(c, references[i], &value) != fmi2OK)                                                              \
                return fmi2Error;                                                                                     \
            values[i] = CONVERTED;                                                                                    \
        }                                                                                                             \
        return fmi2OK;                                                                                                \
    }                                                                                                                 \
    fmi2Status fmi2Set##name(fmi2Component c, const fmi2ValueReference references[], size_t n, const ctype values[])  \
    {                                                                                                                 \
        for (size_t i = 0; i < n; i++)                                                                                \
            if (set(c, references[i], (double)values[i]) != fmi2OK)                                                   \
                return fmi2Error;                                                                                     \
        return fmi2OK;                                                                                                \
    }

ACCESS(Real, fmi2Real, value)
ACCESS(Integer, fmi2Integer, (fmi2Integer)value)
ACCESS(Boolean, fmi2Boolean, value != 0.0)

fmi2Status fmi2GetString(fmi2Component component, const fmi2ValueReference references[], size_t n, fmi2String values[])
{
    Container *c = component;
    for (size_t k = 0; k < n; k++) {
        const Exposed *one = exposed_as(c, references[k]);
        int i = one ? one->component : 0;
        if (!one || one->type != TEXT ||
            (components[i].version == 2 ? (int)CALL(i, fmi2GetString, &one->reference, 1, &values[k])
                                        : (int)CALL(i, fmi3GetString, &one->reference, 1, &values[k], 1)) > fmi2Warning)
            return fmi2Error;
    }
    return fmi2OK;
}

fmi2Status fmi2SetString(fmi2Component component, const fmi2ValueReference references[], size_t n,
                         const fmi2String values[])
{
    Container *c = component;
    for (size_t k = 0; k < n; k++) {
        const Exposed *one = exposed_as(c, references[k]);
        int i = one ? one->component : 0;
        if (!one || one->type != TEXT ||
            (components[i].version == 2 ? (int)CALL(i, fmi2SetString, &one->reference, 1, &values[k])
                                        : (int)CALL(i, fmi3SetString, &one->reference, 1, &values[k], 1)) > fmi2Warning)
            return fmi2Error;
    }
    c->is_settled = 0;
    return fmi2OK;
}

fmi2Status fmi2DoStep(fmi2Component component, fmi2Real time, fmi2Real size, fmi2Boolean is_final)
{
    Container *c = component;
    (void)is_final;
    if (c->phase != STEPPING) {
        say(c, fmi2Error, "A step was asked for before initialisation was complete, or after an error.");
        return fmi2Error;
    }
    double begin = (time - c->start) / STEP_SECONDS, steps = size / STEP_SECONDS;
    double end = rint(begin + steps);
    if (fabs(begin - (double)c->memory.n_steps) > ON_GRID || fabs(begin + steps - end) > ON_GRID || !(steps > 0.0)) {
        say(c, fmi2Error, "A step from t = %.9g s by %.9g s was asked for at t = %.9g s; this FMU goes on in steps of "
            "%.9g s, or several at once.", time, size, c->start + (double)c->memory.n_steps * STEP_SECONDS, STEP_SECONDS);
        return fmi2Error;
    }
    while (c->memory.n_steps < (int64_t)end)
        if (step_all(c) != fmi2OK)
            return fmi2Error;
    return fmi2OK;
}

/* ---- states ---- */

fmi2Status fmi2FreeFMUstate(fmi2Component component, fmi2FMUstate *state)
{
    Container *c = component;
    Snapshot *snapshot = state ? *state : NULL;
    if (!snapshot)
        return fmi2OK;
    for (int i = 0; i < N_COMPONENTS; i++) {
        if (!snapshot->states[i])
            continue;
        if (components[i].version == 2)
            CALL(i, fmi2FreeFMUstate, &snapshot->states[i]);
        else
            CALL(i, fmi3FreeFMUState, &snapshot->states[i]);
    }
    free(snapshot);
    *state = NULL;
    return fmi2OK;
}

fmi2Status fmi2GetFMUstate(fmi2Component component, fmi2FMUstate *state)
{
    Container *c = component;
    Snapshot *snapshot = *state ? *state : calloc(1, sizeof *snapshot);
    if (!snapshot || !CAN_GO_BACK) {
        if (!*state)
            free(snapshot);
        return fmi2Error;
    }
    *state = snapshot;
    snapshot->memory = c->memory;
    snapshot->phase = c->phase;
    for (int i = 0; i < N_COMPONENTS; i++) {
        int status = components[i].version == 2 ? (int)CALL(i, fmi2GetFMUstate, &snapshot->states[i])
                                                : (int)CALL(i, fmi3GetFMUState, &snapshot->states[i]);
        if (status > fmi2Warning)
            return fail(c, components[i].name, "it did not give its state");
    }
    return fmi2OK;
}

fmi2Status fmi2SetFMUstate(fmi2Component component, fmi2FMUstate state)
{
    Container *c = component;
    const Snapshot *snapshot = state;
    if (!snapshot)
        return fmi2Error;
    c->memory = snapshot->memory;
    c->phase = snapshot->phase;
    c->is_settled = 0;
    for (int i = 0; i < N_COMPONENTS; i++) {
        int status = components[i].version == 2 ? (int)CALL(i, fmi2SetFMUstate, snapshot->states[i])
                                                : (int)CALL(i, fmi3SetFMUState, snapshot->states[i]);
        if (status > fmi2Warning)
            return fail(c, components[i].name, "it did not take back its state");
    }
    return fmi2OK;
}

/* ---- not offered ---- */

#define REFUSED(name, ...)                                                                                            \
    fmi2Status name(fmi2Component c, ##__VA_ARGS__)                                                                   \
    {                                                                                                                 \
        say(c, fmi2Error, "%s is not offered.", #name);                                                               \
        return fmi2Error;                                                                                             \
    }
typedef const fmi2ValueReference References[];

REFUSED(fmi2SerializedFMUstateSize, fmi2FMUstate state, size_t *size)
REFUSED(fmi2SerializeFMUstate, fmi2FMUstate state, fmi2Byte bytes[], size_t size)
REFUSED(fmi2DeSerializeFMUstate, const fmi2Byte bytes[], size_t size, fmi2FMUstate *state)
REFUSED(fmi2GetDirectionalDerivative, References u, size_t nu, References k, size_t nk, const fmi2Real dk[],
        fmi2Real du[])
REFUSED(fmi2SetRealInputDerivatives, References r, size_t n, const fmi2Integer orders[], const fmi2Real values[])
REFUSED(fmi2GetRealOutputDerivatives, References r, size_t n, const fmi2Integer orders[], fmi2Real values[])
REFUSED(fmi2CancelStep)
REFUSED(fmi2GetStatus, const fmi2StatusKind kind, fmi2Status *value)
REFUSED(fmi2GetRealStatus, const fmi2StatusKind kind, fmi2Real *value)
REFUSED(fmi2GetIntegerStatus, const fmi2StatusKind kind, fmi2Integer *value)
REFUSED(fmi2GetBooleanStatus, const fmi2StatusKind kind, fmi2Boolean *value)
REFUSED(fmi2GetStringStatus, const fmi2StatusKind kind, fmi2String *value)
