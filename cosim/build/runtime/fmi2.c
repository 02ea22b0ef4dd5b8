/* FMI 2.0 front end: Model Exchange and Co-Simulation over the shared runtime. */
#include "instance.h"

#include "fmi2Functions.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define READABLE (MODE_INITIALIZATION | MODE_EVENT | MODE_CONTINUOUS | MODE_STEP | MODE_TERMINATED | MODE_DISCARDED | MODE_FAILED)
#define WRITABLE (MODE_INSTANTIATED | MODE_INITIALIZATION | MODE_EVENT | MODE_CONTINUOUS | MODE_STEP)
#define ANY_MODE (READABLE | WRITABLE)
#define INTEGER_TYPES ((1u << TYPE_INTEGER) | (1u << TYPE_ENUMERATION))

/* The first lines of every call: the instance, and whether the state machine allows the call. */
#define ENTER(name, modes)                                      \
    Instance *in = c;                                           \
    if (!call_allowed(in, name, modes)) return fmi2Error

static void send_log(Instance *in, int level, const char *text)
{
    static const fmi2Status statuses[] = {fmi2Warning, fmi2Error, fmi2Discard};
    static const char *const categories[] = {"logStatusWarning", "logStatusError", "logStatusDiscard"};
    const fmi2CallbackFunctions *functions = in->logger;
    char format[2048];
    size_t n = 0;
    /* The logger formats like printf; importers differ in whether they do, so the text itself is the format. */
    for (; *text && n + 2 < sizeof(format); text++) {
        if (*text == '%') format[n++] = '%';
        format[n++] = *text;
    }
    format[n] = '\0';
    if (functions->logger)
        functions->logger(in->environment, in->name, statuses[level], categories[level], format);
}

/* The instance cannot go on; only reading, restoring a state, resetting and freeing remain. */
static fmi2Status fail(Instance *in)
{
    in->block[S_MODE] = MODE_FAILED;
    return fmi2Error;
}

const char *fmi2GetTypesPlatform(void)
{
    return fmi2TypesPlatform;
}

const char *fmi2GetVersion(void)
{
    return fmi2Version;
}

fmi2Status fmi2SetDebugLogging(fmi2Component c, fmi2Boolean on, size_t n, const fmi2String categories[])
{
    ENTER("fmi2SetDebugLogging", ANY_MODE);
    (void)n;
    (void)categories;
    in->logging_on = on;
    return fmi2OK;
}

fmi2Component fmi2Instantiate(fmi2String name, fmi2Type type, fmi2String guid, fmi2String location,
                              const fmi2CallbackFunctions *functions, fmi2Boolean visible, fmi2Boolean logging_on)
{
    (void)location;
    (void)visible;
    if (!functions) return NULL;
    if (!guid || strcmp(guid, cosim_model.token) != 0) {
        if (functions->logger)
            functions->logger(functions->componentEnvironment, name, fmi2Error, "logStatusError",
                              "The GUID passed to fmi2Instantiate differs from that of modelDescription.xml.");
        return NULL;
    }
    Instance *in = instance_new(name, type == fmi2CoSimulation, send_log, (void *)(uintptr_t)functions,
                                functions->componentEnvironment);
    if (in) in->logging_on = logging_on;
    return in;
}

void fmi2FreeInstance(fmi2Component c)
{
    instance_free(c);
}

fmi2Status fmi2SetupExperiment(fmi2Component c, fmi2Boolean tolerance_defined, fmi2Real tolerance, fmi2Real start,
                               fmi2Boolean stop_defined, fmi2Real stop)
{
    ENTER("fmi2SetupExperiment", MODE_INSTANTIATED);
    return call_setup(in, "fmi2SetupExperiment", tolerance_defined, tolerance, start, stop_defined, stop) ? fmi2Error
                                                                                                          : fmi2OK;
}

fmi2Status fmi2EnterInitializationMode(fmi2Component c)
{
    ENTER("fmi2EnterInitializationMode", MODE_INSTANTIATED);
    in->block[S_MODE] = MODE_INITIALIZATION;
    return fmi2OK;
}

fmi2Status fmi2ExitInitializationMode(fmi2Component c)
{
    ENTER("fmi2ExitInitializationMode", MODE_INITIALIZATION);
    return call_exit_initialization(in) ? fail(in) : fmi2OK;
}

fmi2Status fmi2Terminate(fmi2Component c)
{
    ENTER("fmi2Terminate", MODE_EVENT | MODE_CONTINUOUS | MODE_STEP | MODE_DISCARDED | MODE_FAILED);
    in->block[S_MODE] = MODE_TERMINATED;
    return fmi2OK;
}

fmi2Status fmi2Reset(fmi2Component c)
{
    ENTER("fmi2Reset", ANY_MODE);
    instance_reset(in);
    return fmi2OK;
}

fmi2Status fmi2GetReal(fmi2Component c, const fmi2ValueReference vr[], size_t n, fmi2Real value[])
{
    ENTER("fmi2GetReal", READABLE);
    if (variables_prepare(in, "fmi2GetReal", vr, n, 1u << TYPE_REAL)) return fmi2Error;
    for (size_t i = 0; i < n; i++) value[i] = variables_value(in, vr[i]);
    return fmi2OK;
}

fmi2Status fmi2GetInteger(fmi2Component c, const fmi2ValueReference vr[], size_t n, fmi2Integer value[])
{
    ENTER("fmi2GetInteger", READABLE);
    if (variables_prepare(in, "fmi2GetInteger", vr, n, INTEGER_TYPES)) return fmi2Error;
    for (size_t i = 0; i < n; i++) value[i] = (fmi2Integer)floor(variables_value(in, vr[i]) + 0.5);
    return fmi2OK;
}

fmi2Status fmi2GetBoolean(fmi2Component c, const fmi2ValueReference vr[], size_t n, fmi2Boolean value[])
{
    ENTER("fmi2GetBoolean", READABLE);
    if (variables_prepare(in, "fmi2GetBoolean", vr, n, 1u << TYPE_BOOLEAN)) return fmi2Error;
    for (size_t i = 0; i < n; i++) value[i] = variables_value(in, vr[i]) != 0.0;
    return fmi2OK;
}

static fmi2Status no_strings(Instance *in, const char *function, size_t n)
{
    if (n == 0) return fmi2OK;
    instance_log(in, LOG_ERROR, "%s: this FMU has no string variables.", function);
    return fmi2Error;
}

fmi2Status fmi2GetString(fmi2Component c, const fmi2ValueReference vr[], size_t n, fmi2String value[])
{
    ENTER("fmi2GetString", READABLE);
    (void)vr;
    (void)value;
    return no_strings(in, "fmi2GetString", n);
}

fmi2Status fmi2SetString(fmi2Component c, const fmi2ValueReference vr[], size_t n, const fmi2String value[])
{
    ENTER("fmi2SetString", WRITABLE);
    (void)vr;
    (void)value;
    return no_strings(in, "fmi2SetString", n);
}

fmi2Status fmi2SetReal(fmi2Component c, const fmi2ValueReference vr[], size_t n, const fmi2Real value[])
{
    ENTER("fmi2SetReal", WRITABLE);
    for (size_t i = 0; i < n; i++)
        if (variables_set(in, "fmi2SetReal", vr[i], 1u << TYPE_REAL, value[i])) return fmi2Error;
    return fmi2OK;
}

fmi2Status fmi2SetInteger(fmi2Component c, const fmi2ValueReference vr[], size_t n, const fmi2Integer value[])
{
    ENTER("fmi2SetInteger", WRITABLE);
    for (size_t i = 0; i < n; i++)
        if (variables_set(in, "fmi2SetInteger", vr[i], INTEGER_TYPES, value[i])) return fmi2Error;
    return fmi2OK;
}

fmi2Status fmi2SetBoolean(fmi2Component c, const fmi2ValueReference vr[], size_t n, const fmi2Boolean value[])
{
    ENTER("fmi2SetBoolean", WRITABLE);
    for (size_t i = 0; i < n; i++)
        if (variables_set(in, "fmi2SetBoolean", vr[i], 1u << TYPE_BOOLEAN, value[i] != 0)) return fmi2Error;
    return fmi2OK;
}

fmi2Status fmi2GetFMUstate(fmi2Component c, fmi2FMUstate *state)
{
    ENTER("fmi2GetFMUstate", ANY_MODE);
    FmuState *saved = state_save(in, *state);
    if (!saved) return fmi2Error;
    *state = saved;
    return fmi2OK;
}

fmi2Status fmi2SetFMUstate(fmi2Component c, fmi2FMUstate state)
{
    ENTER("fmi2SetFMUstate", ANY_MODE);
    return state_restore(in, state) ? fmi2Error : fmi2OK;
}

fmi2Status fmi2FreeFMUstate(fmi2Component c, fmi2FMUstate *state)
{
    (void)c;
    if (!state) return fmi2OK;
    free(*state);
    *state = NULL;
    return fmi2OK;
}

fmi2Status fmi2SerializedFMUstateSize(fmi2Component c, fmi2FMUstate state, size_t *size)
{
    ENTER("fmi2SerializedFMUstateSize", ANY_MODE);
    (void)state;
    *size = state_size(in);
    return fmi2OK;
}

fmi2Status fmi2SerializeFMUstate(fmi2Component c, fmi2FMUstate state, fmi2Byte bytes[], size_t size)
{
    ENTER("fmi2SerializeFMUstate", ANY_MODE);
    return state_serialise(in, state, bytes, size) ? fmi2Error : fmi2OK;
}

fmi2Status fmi2DeSerializeFMUstate(fmi2Component c, const fmi2Byte bytes[], size_t size, fmi2FMUstate *state)
{
    ENTER("fmi2DeSerializeFMUstate", ANY_MODE);
    FmuState *loaded = state_deserialise(in, bytes, size);
    if (!loaded) return fmi2Error;
    free(*state);
    *state = loaded;
    return fmi2OK;
}

fmi2Status fmi2GetDirectionalDerivative(fmi2Component c, const fmi2ValueReference unknowns[], size_t n_unknowns,
                                        const fmi2ValueReference knowns[], size_t n_knowns, const fmi2Real seed[],
                                        fmi2Real sensitivity[])
{
    ENTER("fmi2GetDirectionalDerivative", READABLE);
    return variables_direction(in, unknowns, n_unknowns, knowns, n_knowns, seed, sensitivity) ? fmi2Error : fmi2OK;
}

/* Model Exchange */

fmi2Status fmi2EnterEventMode(fmi2Component c)
{
    ENTER("fmi2EnterEventMode", MODE_CONTINUOUS | MODE_EVENT);
    in->block[S_MODE] = MODE_EVENT;
    return fmi2OK;
}

fmi2Status fmi2NewDiscreteStates(fmi2Component c, fmi2EventInfo *info)
{
    ENTER("fmi2NewDiscreteStates", MODE_EVENT);
    int values_changed = 0;
    double next_time = 1e300;
    int status = call_update_discrete(in, &values_changed, &next_time);
    if (status == STATUS_ERROR) return fail(in);
    info->newDiscreteStatesNeeded = fmi2False;
    info->terminateSimulation = in->block[S_TERMINATED] != 0.0;
    info->nominalsOfContinuousStatesChanged = fmi2False;
    info->valuesOfContinuousStatesChanged = values_changed;
    info->nextEventTimeDefined = next_time < 1e299;
    info->nextEventTime = next_time < 1e299 ? next_time : 0.0;
    return fmi2OK;
}

fmi2Status fmi2EnterContinuousTimeMode(fmi2Component c)
{
    ENTER("fmi2EnterContinuousTimeMode", MODE_EVENT);
    in->block[S_MODE] = MODE_CONTINUOUS;
    return fmi2OK;
}

fmi2Status fmi2CompletedIntegratorStep(fmi2Component c, fmi2Boolean no_set_state, fmi2Boolean *enter_event_mode,
                                       fmi2Boolean *terminate)
{
    ENTER("fmi2CompletedIntegratorStep", MODE_CONTINUOUS);
    (void)no_set_state;
    *enter_event_mode = fmi2False;
    *terminate = fmi2False;
    return call_completed_step(in) ? fail(in) : fmi2OK;
}

fmi2Status fmi2SetTime(fmi2Component c, fmi2Real time)
{
    ENTER("fmi2SetTime", MODE_CONTINUOUS | MODE_EVENT);
    if (!(fabs(time) < HUGE_VAL)) {
        instance_log(in, LOG_ERROR, "fmi2SetTime: the time is %g.", time);
        return fmi2Error;
    }
    in->block[S_TIME] = time;
    instance_touch(in);
    return fmi2OK;
}

fmi2Status fmi2SetContinuousStates(fmi2Component c, const fmi2Real x[], size_t n)
{
    ENTER("fmi2SetContinuousStates", MODE_CONTINUOUS | MODE_EVENT);
    return call_set_states(in, "fmi2SetContinuousStates", x, n) ? fmi2Error : fmi2OK;
}

static fmi2Status status_of(int status)
{
    return status == STATUS_OK ? fmi2OK : status == STATUS_TERMINATE ? fmi2Discard : fmi2Error;
}

fmi2Status fmi2GetDerivatives(fmi2Component c, fmi2Real f[], size_t n)
{
    ENTER("fmi2GetDerivatives", READABLE);
    return status_of(call_get_derivatives(in, "fmi2GetDerivatives", f, n));
}

fmi2Status fmi2GetEventIndicators(fmi2Component c, fmi2Real g[], size_t n)
{
    ENTER("fmi2GetEventIndicators", READABLE);
    return status_of(call_get_indicators(in, "fmi2GetEventIndicators", g, n));
}

fmi2Status fmi2GetContinuousStates(fmi2Component c, fmi2Real x[], size_t n)
{
    ENTER("fmi2GetContinuousStates", READABLE);
    if (n != (size_t)in->model->nx) return fmi2Error;
    memcpy(x, in->x, n * sizeof(double));
    return fmi2OK;
}

fmi2Status fmi2GetNominalsOfContinuousStates(fmi2Component c, fmi2Real x[], size_t n)
{
    ENTER("fmi2GetNominalsOfContinuousStates", ANY_MODE);
    if (n != (size_t)in->model->nx) return fmi2Error;
    memcpy(x, in->model->state_nominal, n * sizeof(double));
    return fmi2OK;
}

/* Co-Simulation */

fmi2Status fmi2SetRealInputDerivatives(fmi2Component c, const fmi2ValueReference vr[], size_t n,
                                       const fmi2Integer order[], const fmi2Real value[])
{
    ENTER("fmi2SetRealInputDerivatives", MODE_INITIALIZATION | MODE_STEP);
    for (size_t i = 0; i < n; i++)
        if (inputs_set_rate(in, "fmi2SetRealInputDerivatives", vr[i], order[i], value[i])) return fmi2Error;
    return fmi2OK;
}

fmi2Status fmi2GetRealOutputDerivatives(fmi2Component c, const fmi2ValueReference vr[], size_t n,
                                        const fmi2Integer order[], fmi2Real value[])
{
    ENTER("fmi2GetRealOutputDerivatives", MODE_STEP | MODE_TERMINATED | MODE_DISCARDED | MODE_FAILED);
    return rates_of(in, "fmi2GetRealOutputDerivatives", vr, order, n, value) ? fmi2Error : fmi2OK;
}

fmi2Status fmi2DoStep(fmi2Component c, fmi2Real t, fmi2Real h, fmi2Boolean no_set_state)
{
    ENTER("fmi2DoStep", MODE_STEP);
    (void)no_set_state;
    if (call_check_step(in, "fmi2DoStep", t, h)) return fmi2Error;
    int status = integrate(in, t + h);
    if (status == STATUS_ERROR) return fail(in);
    if (status == STATUS_OK) return fmi2OK;
    in->block[S_MODE] = MODE_DISCARDED;
    return fmi2Discard;
}

fmi2Status fmi2CancelStep(fmi2Component c)
{
    ENTER("fmi2CancelStep", 0);
    return fmi2Error;
}

fmi2Status fmi2GetStatus(fmi2Component c, const fmi2StatusKind kind, fmi2Status *value)
{
    ENTER("fmi2GetStatus", ANY_MODE);
    (void)kind;
    (void)value;
    return fmi2Discard; /* steps never run asynchronously */
}

fmi2Status fmi2GetRealStatus(fmi2Component c, const fmi2StatusKind kind, fmi2Real *value)
{
    ENTER("fmi2GetRealStatus", ANY_MODE);
    if (kind != fmi2LastSuccessfulTime) return fmi2Discard;
    *value = in->block[S_TIME];
    return fmi2OK;
}

fmi2Status fmi2GetIntegerStatus(fmi2Component c, const fmi2StatusKind kind, fmi2Integer *value)
{
    ENTER("fmi2GetIntegerStatus", ANY_MODE);
    (void)kind;
    (void)value;
    return fmi2Discard;
}

fmi2Status fmi2GetBooleanStatus(fmi2Component c, const fmi2StatusKind kind, fmi2Boolean *value)
{
    ENTER("fmi2GetBooleanStatus", ANY_MODE);
    if (kind != fmi2Terminated) return fmi2Discard;
    *value = in->block[S_TERMINATED] != 0.0;
    return fmi2OK;
}

fmi2Status fmi2GetStringStatus(fmi2Component c, const fmi2StatusKind kind, fmi2String *value)
{
    ENTER("fmi2GetStringStatus", ANY_MODE);
    (void)kind;
    (void)value;
    return fmi2Discard;
}
