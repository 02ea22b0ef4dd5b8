/* A surrogate as one Co-Simulation FMU of FMI 2.0. network_tables.py writes tables.h: programs, weights, variables. */
#include <math.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fmi2Functions.h"

#define COSIM_PART
#include "machine.c"

#define SHORTEST 1e-6 /* share of the trained step that is left of a long one and counts as nothing */

typedef struct {
    const int32_t *code, *places;
    int32_t n_instructions, size, first_constant, n_constants;
    const double *constants;
    int32_t inputs[4];  /* where state, inputs, parameters and size begin; -1: does not take it */
    int32_t outputs[3]; /* where state, outputs and excess begin; -1: does not give it */
} Program;

enum { STATE, INPUTS, PARAMETERS, SIZE };
enum { NEXT, TOLD, EXCESS };

typedef struct {
    const char *name;
    double trained; /* the only value it was trained with; NAN: it may vary */
} Input;

#include "tables.h"

typedef enum { INSTANTIATED, INITIALISING, STEPPING, TERMINATED, BROKEN } Phase;

/* Everything that changes; values are parameters, inputs, outputs, as value references count them from 1. */
typedef struct {
    double values[N_PARAMETERS + N_INPUTS + N_OUTPUTS + 1];
    double state[N_STATE + 1];
    double time;
    int32_t phase, is_current, is_outside;
} Memory;

typedef struct {
    const fmi2CallbackFunctions *callbacks;
    char *name;
    double *memories[N_PROGRAMS];
    Memory memory;
} Network;

static double *inputs_of(Network *n)
{
    return n->memory.values + N_PARAMETERS;
}

static double *outputs_of(Network *n)
{
    return n->memory.values + N_PARAMETERS + N_INPUTS;
}

static void say(const Network *n, fmi2Status status, const char *category, const char *format, ...)
{
    char text[1024], escaped[2 * sizeof text], *to = escaped;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    for (const char *from = text; *from; *to++ = *from++) /* the message is the format: not all loggers are variadic */
        if (*from == '%')
            *to++ = '%';
    *to = 0;
    if (n->callbacks && n->callbacks->logger)
        n->callbacks->logger(n->callbacks->componentEnvironment, n->name, status, category, escaped);
}

#define FAIL(...) (say(n, fmi2Error, "logStatusError", __VA_ARGS__), fmi2Error)

static const double *run(Network *n, int which, double size)
{
    const Program *p = &programs[which];
    double *memory = n->memories[which];
    const double *given[] = {n->memory.state, inputs_of(n), n->memory.values, &size};
    const size_t counts[] = {N_STATE, N_INPUTS, N_PARAMETERS, 1};
    for (int i = 0; i < 4; i++)
        if (p->inputs[i] >= 0)
            memcpy(memory + p->inputs[i], given[i], counts[i] * sizeof(double));
    cosim_run_program(p->code, p->n_instructions, p->places, memory);
    return memory;
}

/* Outputs for what was last written; while initialising, the state too. */
static void renew(Network *n)
{
    if (n->memory.is_current)
        return;
    if (n->memory.phase <= INITIALISING)
        memcpy(n->memory.state, run(n, BEGIN, 0.0) + programs[BEGIN].outputs[NEXT], N_STATE * sizeof(double));
    memcpy(outputs_of(n), run(n, TELL, 0.0) + programs[TELL].outputs[TOLD], N_OUTPUTS * sizeof(double));
    n->memory.is_current = 1;
}

/* Say once for each excursion that what is told should not be trusted. */
static void watch(Network *n, double excess)
{
    int is_outside = !(excess <= 1.0);
    const char *why = "its coordinates are far from those of the training";
    for (int i = 0; i < N_INPUTS; i++)
        if (!isnan(network_inputs[i].trained) && inputs_of(n)[i] != network_inputs[i].trained) {
            is_outside = 1;
            why = network_inputs[i].name;
        }
    if (is_outside && !n->memory.is_outside)
        say(n, fmi2Warning, "logStatusWarning", "At t = %.9g s the surrogate left the domain of its training: %s.",
            n->memory.time, why);
    n->memory.is_outside = is_outside;
}

static void restart(Network *n)
{
    memset(&n->memory, 0, sizeof n->memory);
    memcpy(n->memory.values, starts, sizeof starts);
}

const char *fmi2GetTypesPlatform(void)
{
    return fmi2TypesPlatform;
}

const char *fmi2GetVersion(void)
{
    return fmi2Version;
}

void fmi2FreeInstance(fmi2Component component)
{
    Network *n = component;
    if (!n)
        return;
    for (int i = 0; i < N_PROGRAMS; i++)
        free(n->memories[i]);
    free(n->name);
    free(n);
}

fmi2Component fmi2Instantiate(fmi2String name, fmi2Type type, fmi2String guid, fmi2String resources,
                              const fmi2CallbackFunctions *callbacks, fmi2Boolean visible, fmi2Boolean logging)
{
    (void)resources, (void)visible, (void)logging;
    Network *n = calloc(1, sizeof *n);
    if (!n)
        return NULL;
    n->callbacks = callbacks;
    n->name = malloc(strlen(name) + 1);
    if (n->name)
        strcpy(n->name, name);
    int is_whole = n->name != NULL;
    for (int i = 0; i < N_PROGRAMS; i++) {
        const Program *p = &programs[i];
        n->memories[i] = calloc((size_t)p->size + 1, sizeof(double));
        is_whole &= n->memories[i] != NULL;
        if (n->memories[i])
            memcpy(n->memories[i] + p->first_constant, p->constants, (size_t)p->n_constants * sizeof(double));
    }
    if (!is_whole || type != fmi2CoSimulation || strcmp(guid, GUID) != 0) {
        if (is_whole)
            say(n, fmi2Error, "logStatusError", "This is FMU %s for Co-Simulation; another was asked for.", GUID);
        fmi2FreeInstance(n);
        return NULL;
    }
    restart(n);
    return n;
}

fmi2Status fmi2SetDebugLogging(fmi2Component c, fmi2Boolean on, size_t n_categories, const fmi2String categories[])
{
    (void)c, (void)on, (void)n_categories, (void)categories;
    return fmi2OK;
}

fmi2Status fmi2SetupExperiment(fmi2Component component, fmi2Boolean has_tolerance, fmi2Real tolerance, fmi2Real start,
                               fmi2Boolean has_stop, fmi2Real stop)
{
    (void)has_tolerance, (void)tolerance, (void)has_stop, (void)stop;
    ((Network *)component)->memory.time = start;
    return fmi2OK;
}

fmi2Status fmi2EnterInitializationMode(fmi2Component component)
{
    ((Network *)component)->memory.phase = INITIALISING;
    return fmi2OK;
}

fmi2Status fmi2ExitInitializationMode(fmi2Component component)
{
    Network *n = component;
    renew(n);
    n->memory.phase = STEPPING;
    return fmi2OK;
}

fmi2Status fmi2Terminate(fmi2Component component)
{
    ((Network *)component)->memory.phase = TERMINATED;
    return fmi2OK;
}

fmi2Status fmi2Reset(fmi2Component component)
{
    restart(component);
    return fmi2OK;
}

static fmi2Status get(Network *n, fmi2ValueReference reference, double *value)
{
    if (reference > N_PARAMETERS + N_INPUTS + N_OUTPUTS)
        return FAIL("There is no variable with the value reference %u.", reference);
    if (reference == 0)
        *value = n->memory.time;
    else {
        if (reference > N_PARAMETERS + N_INPUTS)
            renew(n);
        *value = n->memory.values[reference - 1];
    }
    return fmi2OK;
}

static fmi2Status set(Network *n, fmi2ValueReference reference, double value)
{
    if (reference < 1 || reference > N_PARAMETERS + N_INPUTS)
        return FAIL("No variable with the value reference %u can be set.", reference);
    if (reference <= N_PARAMETERS && n->memory.phase > INITIALISING)
        return FAIL("A parameter can be set before the end of initialisation only.");
    n->memory.values[reference - 1] = value;
    n->memory.is_current = 0;
    return fmi2OK;
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
ACCESS(Integer, fmi2Integer, (fmi2Integer)rint(value))
ACCESS(Boolean, fmi2Boolean, value != 0.0)

fmi2Status fmi2DoStep(fmi2Component component, fmi2Real time, fmi2Real size, fmi2Boolean is_final)
{
    Network *n = component;
    double count = size / STEP;
    (void)is_final;
    if (n->memory.phase != STEPPING)
        return FAIL("A step was asked for before initialisation was complete, or after an error.");
    if (!(size > 0.0) || (!CAN_DIVIDE && fabs(count - rint(count)) > SHORTEST))
        return FAIL("A step of %.9g s was asked for; the surrogate was trained at %.9g s%s.", size, STEP,
                    CAN_DIVIDE ? "" : ", and takes one or several of these");
    for (double left = size; left > SHORTEST * STEP; left -= STEP) {
        const double *told = run(n, ADVANCE, left < STEP && CAN_DIVIDE ? left : STEP);
        memcpy(n->memory.state, told + programs[ADVANCE].outputs[NEXT], N_STATE * sizeof(double));
        memcpy(outputs_of(n), told + programs[ADVANCE].outputs[TOLD], N_OUTPUTS * sizeof(double));
        watch(n, told[programs[ADVANCE].outputs[EXCESS]]);
    }
    n->memory.is_current = 1;
    n->memory.time = time + size;
    for (int i = 0; i < N_STATE; i++)
        if (!isfinite(n->memory.state[i])) {
            n->memory.phase = BROKEN;
            return FAIL("The surrogate gave a number that is not finite at t = %.9g s.", time);
        }
    return fmi2OK;
}

/* ---- states ---- */

fmi2Status fmi2GetFMUstate(fmi2Component component, fmi2FMUstate *state)
{
    Network *n = component;
    if (!*state)
        *state = malloc(sizeof n->memory);
    if (!*state)
        return FAIL("There is no memory for a state.");
    memcpy(*state, &n->memory, sizeof n->memory);
    return fmi2OK;
}

fmi2Status fmi2SetFMUstate(fmi2Component component, fmi2FMUstate state)
{
    Network *n = component;
    if (!state)
        return FAIL("There is no state to go back to.");
    memcpy(&n->memory, state, sizeof n->memory);
    return fmi2OK;
}

fmi2Status fmi2FreeFMUstate(fmi2Component component, fmi2FMUstate *state)
{
    (void)component;
    if (state) {
        free(*state);
        *state = NULL;
    }
    return fmi2OK;
}

fmi2Status fmi2SerializedFMUstateSize(fmi2Component component, fmi2FMUstate state, size_t *size)
{
    (void)component, (void)state;
    *size = sizeof GUID + sizeof(Memory);
    return fmi2OK;
}

fmi2Status fmi2SerializeFMUstate(fmi2Component component, fmi2FMUstate state, fmi2Byte bytes[], size_t size)
{
    Network *n = component;
    if (!state || size < sizeof GUID + sizeof(Memory))
        return FAIL("A serialised state has %zu bytes.", sizeof GUID + sizeof(Memory));
    memcpy(bytes, GUID, sizeof GUID);
    memcpy(bytes + sizeof GUID, state, sizeof(Memory));
    return fmi2OK;
}

fmi2Status fmi2DeSerializeFMUstate(fmi2Component component, const fmi2Byte bytes[], size_t size, fmi2FMUstate *state)
{
    Network *n = component;
    if (size != sizeof GUID + sizeof(Memory) || memcmp(bytes, GUID, sizeof GUID) != 0)
        return FAIL("These bytes are no state of this FMU.");
    if (!*state)
        *state = malloc(sizeof(Memory));
    if (!*state)
        return FAIL("There is no memory for a state.");
    memcpy(*state, bytes + sizeof GUID, sizeof(Memory));
    return fmi2OK;
}

/* ---- not offered ---- */

#define REFUSED(name, ...)                                                                                            \
    fmi2Status name(fmi2Component component, ##__VA_ARGS__)                                                           \
    {                                                                                                                 \
        Network *n = component;                                                                                       \
        return FAIL("%s is not offered.", #name);                                                                     \
    }
typedef const fmi2ValueReference References[];

REFUSED(fmi2GetString, References r, size_t count, fmi2String values[])
REFUSED(fmi2SetString, References r, size_t count, const fmi2String values[])
REFUSED(fmi2GetDirectionalDerivative, References u, size_t nu, References k, size_t nk, const fmi2Real dk[],
        fmi2Real du[])
REFUSED(fmi2SetRealInputDerivatives, References r, size_t count, const fmi2Integer orders[], const fmi2Real values[])
REFUSED(fmi2GetRealOutputDerivatives, References r, size_t count, const fmi2Integer orders[], fmi2Real values[])
REFUSED(fmi2CancelStep)
REFUSED(fmi2GetStatus, const fmi2StatusKind kind, fmi2Status *value)
REFUSED(fmi2GetRealStatus, const fmi2StatusKind kind, fmi2Real *value)
REFUSED(fmi2GetIntegerStatus, const fmi2StatusKind kind, fmi2Integer *value)
REFUSED(fmi2GetBooleanStatus, const fmi2StatusKind kind, fmi2Boolean *value)
REFUSED(fmi2GetStringStatus, const fmi2StatusKind kind, fmi2String *value)
