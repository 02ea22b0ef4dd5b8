/* FMI 3.0 front end: Model Exchange and Co-Simulation over the shared runtime. */
#include "instance.h"

#include "fmi3Functions.h"
#include "fmi3_update.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define READABLE (MODE_INITIALIZATION | MODE_EVENT | MODE_CONTINUOUS | MODE_STEP | MODE_TERMINATED | MODE_FAILED)
#define WRITABLE (MODE_INSTANTIATED | MODE_INITIALIZATION | MODE_EVENT | MODE_CONTINUOUS | MODE_STEP)
#define ANY_MODE (READABLE | WRITABLE)

#define ENTER(name, modes)                                      \
    Instance *in = instance;                                    \
    if (!call_allowed(in, name, modes)) return fmi3Error

static void send_log(Instance *in, int level, const char *text)
{
    static const fmi3Status statuses[] = {fmi3Warning, fmi3Error, fmi3Warning};
    static const char *const categories[] = {"logStatusWarning", "logStatusError", "logStatusDiscard"};
    fmi3LogMessageCallback log_message;
    memcpy(&log_message, &in->logger, sizeof(log_message)); /* ISO C has no cast from void * to a function */
    if (log_message) log_message(in->environment, statuses[level], categories[level], text);
}

static fmi3Status fail(Instance *in)
{
    in->block[S_MODE] = MODE_FAILED;
    return fmi3Error;
}

static fmi3Status not_offered(Instance *in, const char *function)
{
    instance_log(in, LOG_ERROR, "%s: this FMU does not offer it; see the capability flags in modelDescription.xml.",
                 function);
    return fmi3Error;
}

/* All variables are scalars, so there is one value per reference. */
static int count_matches(Instance *in, const char *function, size_t n_references, size_t n_values)
{
    if (n_references == n_values) return 1;
    instance_log(in, LOG_ERROR, "%s: %lu value references with %lu values; all variables are scalars.", function,
                 (unsigned long)n_references, (unsigned long)n_values);
    return 0;
}

const char *fmi3GetVersion(void)
{
    return fmi3Version;
}

fmi3Status fmi3SetDebugLogging(fmi3Instance instance, fmi3Boolean on, size_t n, const fmi3String categories[])
{
    ENTER("fmi3SetDebugLogging", ANY_MODE);
    (void)n;
    (void)categories;
    in->logging_on = on;
    return fmi3OK;
}

static fmi3Instance instantiate(fmi3String name, fmi3String token, fmi3Boolean logging_on,
                                fmi3InstanceEnvironment environment, fmi3LogMessageCallback log_message,
                                int is_cosimulation)
{
    void *logger = NULL;
    if (!token || strcmp(token, cosim_model.token) != 0) {
        if (log_message)
            log_message(environment, fmi3Error, "logStatusError",
                        "The instantiation token differs from that of modelDescription.xml.");
        return NULL;
    }
    memcpy(&logger, &log_message, sizeof(logger));
    Instance *in = instance_new(name, is_cosimulation, send_log, logger, environment);
    if (in) in->logging_on = logging_on;
    return in;
}

fmi3Instance fmi3InstantiateModelExchange(fmi3String name, fmi3String token, fmi3String resource_path,
                                          fmi3Boolean visible, fmi3Boolean logging_on,
                                          fmi3InstanceEnvironment environment, fmi3LogMessageCallback log_message)
{
    (void)resource_path;
    (void)visible;
    return instantiate(name, token, logging_on, environment, log_message, 0);
}

fmi3Instance fmi3InstantiateCoSimulation(fmi3String name, fmi3String token, fmi3String resource_path,
                                         fmi3Boolean visible, fmi3Boolean logging_on, fmi3Boolean event_mode_used,
                                         fmi3Boolean early_return_allowed,
                                         const fmi3ValueReference intermediate_variables[], size_t n_intermediate,
                                         fmi3InstanceEnvironment environment, fmi3LogMessageCallback log_message,
                                         fmi3IntermediateUpdateCallback intermediate_update)
{
    (void)resource_path;
    (void)visible;
    if (event_mode_used) {
        if (log_message)
            log_message(environment, fmi3Error, "logStatusError",
                        "This FMU does not declare event mode for Co-Simulation.");
        return NULL;
    }
    Instance *in = instantiate(name, token, logging_on, environment, log_message, 1);
    if (!in) return NULL;
    in->may_return_early = early_return_allowed;
    if (!fmi3_set_intermediate(in, intermediate_variables, n_intermediate, intermediate_update)) {
        instance_free(in);
        return NULL;
    }
    return in;
}

fmi3Instance fmi3InstantiateScheduledExecution(fmi3String name, fmi3String token, fmi3String resource_path,
                                               fmi3Boolean visible, fmi3Boolean logging_on,
                                               fmi3InstanceEnvironment environment,
                                               fmi3LogMessageCallback log_message, fmi3ClockUpdateCallback clock_update,
                                               fmi3LockPreemptionCallback lock, fmi3UnlockPreemptionCallback unlock)
{
    (void)name;
    (void)token;
    (void)resource_path;
    (void)visible;
    (void)logging_on;
    (void)environment;
    (void)log_message;
    (void)clock_update;
    (void)lock;
    (void)unlock;
    return NULL;
}

void fmi3FreeInstance(fmi3Instance instance)
{
    instance_free(instance);
}

fmi3Status fmi3EnterInitializationMode(fmi3Instance instance, fmi3Boolean tolerance_defined, fmi3Float64 tolerance,
                                       fmi3Float64 start, fmi3Boolean stop_defined, fmi3Float64 stop)
{
    ENTER("fmi3EnterInitializationMode", MODE_INSTANTIATED);
    if (call_setup(in, "fmi3EnterInitializationMode", tolerance_defined, tolerance, start, stop_defined, stop))
        return fmi3Error;
    in->block[S_MODE] = MODE_INITIALIZATION;
    return fmi3OK;
}

fmi3Status fmi3ExitInitializationMode(fmi3Instance instance)
{
    ENTER("fmi3ExitInitializationMode", MODE_INITIALIZATION);
    return call_exit_initialization(in) ? fail(in) : fmi3OK;
}

fmi3Status fmi3EnterEventMode(fmi3Instance instance)
{
    ENTER("fmi3EnterEventMode", MODE_CONTINUOUS | MODE_EVENT);
    in->block[S_MODE] = MODE_EVENT;
    return fmi3OK;
}

fmi3Status fmi3Terminate(fmi3Instance instance)
{
    ENTER("fmi3Terminate", MODE_EVENT | MODE_CONTINUOUS | MODE_STEP | MODE_FAILED);
    in->block[S_MODE] = MODE_TERMINATED;
    return fmi3OK;
}

fmi3Status fmi3Reset(fmi3Instance instance)
{
    ENTER("fmi3Reset", ANY_MODE);
    instance_reset(in);
    return fmi3OK;
}

fmi3Status fmi3GetFloat64(fmi3Instance instance, const fmi3ValueReference vr[], size_t n, fmi3Float64 values[],
                          size_t n_values)
{
    ENTER("fmi3GetFloat64", READABLE);
    if (!count_matches(in, "fmi3GetFloat64", n, n_values)) return fmi3Error;
    if (variables_prepare(in, "fmi3GetFloat64", vr, n, 1u << TYPE_REAL)) return fmi3Error;
    for (size_t i = 0; i < n; i++) values[i] = variables_value(in, vr[i]);
    return fmi3OK;
}

fmi3Status fmi3SetFloat64(fmi3Instance instance, const fmi3ValueReference vr[], size_t n, const fmi3Float64 values[],
                          size_t n_values)
{
    ENTER("fmi3SetFloat64", WRITABLE | MODE_INTERMEDIATE);
    if (!count_matches(in, "fmi3SetFloat64", n, n_values)) return fmi3Error;
    for (size_t i = 0; i < n; i++)
        if (variables_set(in, "fmi3SetFloat64", vr[i], 1u << TYPE_REAL, values[i])) return fmi3Error;
    return fmi3OK;
}

fmi3Status fmi3GetInt32(fmi3Instance instance, const fmi3ValueReference vr[], size_t n, fmi3Int32 values[],
                     size_t n_values)
{
    ENTER("fmi3GetInt32", READABLE);
    if (!count_matches(in, "fmi3GetInt32", n, n_values)) return fmi3Error;
    if (variables_prepare(in, "fmi3GetInt32", vr, n, 1u << TYPE_INTEGER)) return fmi3Error;
    for (size_t i = 0; i < n; i++) values[i] = (fmi3Int32)floor(variables_value(in, vr[i]) + 0.5);
    return fmi3OK;
}

fmi3Status fmi3SetInt32(fmi3Instance instance, const fmi3ValueReference vr[], size_t n, const fmi3Int32 values[],
                     size_t n_values)
{
    ENTER("fmi3SetInt32", WRITABLE);
    if (!count_matches(in, "fmi3SetInt32", n, n_values)) return fmi3Error;
    for (size_t i = 0; i < n; i++)
        if (variables_set(in, "fmi3SetInt32", vr[i], 1u << TYPE_INTEGER, values[i])) return fmi3Error;
    return fmi3OK;
}

fmi3Status fmi3GetInt64(fmi3Instance instance, const fmi3ValueReference vr[], size_t n, fmi3Int64 values[],
                     size_t n_values)
{
    ENTER("fmi3GetInt64", READABLE);
    if (!count_matches(in, "fmi3GetInt64", n, n_values)) return fmi3Error;
    if (variables_prepare(in, "fmi3GetInt64", vr, n, 1u << TYPE_ENUMERATION)) return fmi3Error;
    for (size_t i = 0; i < n; i++) values[i] = (fmi3Int64)floor(variables_value(in, vr[i]) + 0.5);
    return fmi3OK;
}

fmi3Status fmi3SetInt64(fmi3Instance instance, const fmi3ValueReference vr[], size_t n, const fmi3Int64 values[],
                     size_t n_values)
{
    ENTER("fmi3SetInt64", WRITABLE);
    if (!count_matches(in, "fmi3SetInt64", n, n_values)) return fmi3Error;
    for (size_t i = 0; i < n; i++)
        if (variables_set(in, "fmi3SetInt64", vr[i], 1u << TYPE_ENUMERATION, (double)values[i])) return fmi3Error;
    return fmi3OK;
}

fmi3Status fmi3GetBoolean(fmi3Instance instance, const fmi3ValueReference vr[], size_t n, fmi3Boolean values[],
                     size_t n_values)
{
    ENTER("fmi3GetBoolean", READABLE);
    if (!count_matches(in, "fmi3GetBoolean", n, n_values)) return fmi3Error;
    if (variables_prepare(in, "fmi3GetBoolean", vr, n, 1u << TYPE_BOOLEAN)) return fmi3Error;
    for (size_t i = 0; i < n; i++) values[i] = variables_value(in, vr[i]) != 0.0;
    return fmi3OK;
}

fmi3Status fmi3SetBoolean(fmi3Instance instance, const fmi3ValueReference vr[], size_t n, const fmi3Boolean values[],
                     size_t n_values)
{
    ENTER("fmi3SetBoolean", WRITABLE);
    if (!count_matches(in, "fmi3SetBoolean", n, n_values)) return fmi3Error;
    for (size_t i = 0; i < n; i++)
        if (variables_set(in, "fmi3SetBoolean", vr[i], 1u << TYPE_BOOLEAN, values[i] ? 1.0 : 0.0)) return fmi3Error;
    return fmi3OK;
}

/* FMI 3.0 has a pair of functions for every type; no variable has one of these. */
#define NO_VARIABLES(type)                                                                                          \
    fmi3Status fmi3Get##type(fmi3Instance instance, const fmi3ValueReference vr[], size_t n, fmi3##type values[],   \
                             size_t n_values)                                                                       \
    {                                                                                                               \
        ENTER("fmi3Get" #type, READABLE);                                                                           \
        (void)vr;                                                                                                   \
        (void)values;                                                                                               \
        return n == 0 && n_values == 0 ? fmi3OK : not_offered(in, "fmi3Get" #type);                                 \
    }                                                                                                               \
    fmi3Status fmi3Set##type(fmi3Instance instance, const fmi3ValueReference vr[], size_t n,                        \
                             const fmi3##type values[], size_t n_values)                                            \
    {                                                                                                               \
        ENTER("fmi3Set" #type, WRITABLE);                                                                           \
        (void)vr;                                                                                                   \
        (void)values;                                                                                               \
        return n == 0 && n_values == 0 ? fmi3OK : not_offered(in, "fmi3Set" #type);                                 \
    }

NO_VARIABLES(Float32)
NO_VARIABLES(Int8)
NO_VARIABLES(UInt8)
NO_VARIABLES(Int16)
NO_VARIABLES(UInt16)
NO_VARIABLES(UInt32)
NO_VARIABLES(UInt64)
NO_VARIABLES(String)

fmi3Status fmi3GetFMUState(fmi3Instance instance, fmi3FMUState *state)
{
    ENTER("fmi3GetFMUState", ANY_MODE);
    FmuState *saved = state_save(in, *state);
    if (!saved) return fmi3Error;
    *state = saved;
    return fmi3OK;
}

fmi3Status fmi3SetFMUState(fmi3Instance instance, fmi3FMUState state)
{
    ENTER("fmi3SetFMUState", ANY_MODE);
    return state_restore(in, state) ? fmi3Error : fmi3OK;
}

fmi3Status fmi3FreeFMUState(fmi3Instance instance, fmi3FMUState *state)
{
    (void)instance;
    if (!state) return fmi3OK;
    free(*state);
    *state = NULL;
    return fmi3OK;
}

fmi3Status fmi3SerializedFMUStateSize(fmi3Instance instance, fmi3FMUState state, size_t *size)
{
    ENTER("fmi3SerializedFMUStateSize", ANY_MODE);
    (void)state;
    *size = state_size(in);
    return fmi3OK;
}

fmi3Status fmi3SerializeFMUState(fmi3Instance instance, fmi3FMUState state, fmi3Byte bytes[], size_t size)
{
    ENTER("fmi3SerializeFMUState", ANY_MODE);
    return state_serialise(in, state, (char *)bytes, size) ? fmi3Error : fmi3OK;
}

fmi3Status fmi3DeserializeFMUState(fmi3Instance instance, const fmi3Byte bytes[], size_t size, fmi3FMUState *state)
{
    ENTER("fmi3DeserializeFMUState", ANY_MODE);
    FmuState *loaded = state_deserialise(in, (const char *)bytes, size);
    if (!loaded) return fmi3Error;
    free(*state);
    *state = loaded;
    return fmi3OK;
}

fmi3Status fmi3GetDirectionalDerivative(fmi3Instance instance, const fmi3ValueReference unknowns[], size_t n_unknowns,
                                        const fmi3ValueReference knowns[], size_t n_knowns, const fmi3Float64 seed[],
                                        size_t n_seed, fmi3Float64 sensitivity[], size_t n_sensitivity)
{
    ENTER("fmi3GetDirectionalDerivative", READABLE);
    if (!count_matches(in, "fmi3GetDirectionalDerivative", n_knowns, n_seed) ||
        !count_matches(in, "fmi3GetDirectionalDerivative", n_unknowns, n_sensitivity))
        return fmi3Error;
    return variables_direction(in, unknowns, n_unknowns, knowns, n_knowns, seed, sensitivity) ? fmi3Error : fmi3OK;
}

fmi3Status fmi3GetAdjointDerivative(fmi3Instance instance, const fmi3ValueReference unknowns[], size_t n_unknowns,
                                    const fmi3ValueReference knowns[], size_t n_knowns, const fmi3Float64 seed[],
                                    size_t n_seed, fmi3Float64 sensitivity[], size_t n_sensitivity)
{
    ENTER("fmi3GetAdjointDerivative", READABLE);
    if (!count_matches(in, "fmi3GetAdjointDerivative", n_unknowns, n_seed) ||
        !count_matches(in, "fmi3GetAdjointDerivative", n_knowns, n_sensitivity))
        return fmi3Error;
    return variables_adjoint(in, unknowns, n_unknowns, knowns, n_knowns, seed, sensitivity) ? fmi3Error : fmi3OK;
}

fmi3Status fmi3UpdateDiscreteStates(fmi3Instance instance, fmi3Boolean *needs_update, fmi3Boolean *terminate,
                                    fmi3Boolean *nominals_changed, fmi3Boolean *values_changed,
                                    fmi3Boolean *next_time_defined, fmi3Float64 *next_time)
{
    ENTER("fmi3UpdateDiscreteStates", MODE_EVENT);
    int changed = 0;
    double next = 1e300;
    if (call_update_discrete(in, &changed, &next) == STATUS_ERROR) return fail(in);
    *needs_update = fmi3False;
    *terminate = in->block[S_TERMINATED] != 0.0;
    *nominals_changed = fmi3False;
    *values_changed = changed != 0;
    *next_time_defined = next < 1e299;
    *next_time = next < 1e299 ? next : 0.0;
    return fmi3OK;
}

/* Model Exchange */

fmi3Status fmi3EnterContinuousTimeMode(fmi3Instance instance)
{
    ENTER("fmi3EnterContinuousTimeMode", MODE_EVENT);
    in->block[S_MODE] = MODE_CONTINUOUS;
    return fmi3OK;
}

fmi3Status fmi3CompletedIntegratorStep(fmi3Instance instance, fmi3Boolean no_set_state, fmi3Boolean *enter_event_mode,
                                       fmi3Boolean *terminate)
{
    ENTER("fmi3CompletedIntegratorStep", MODE_CONTINUOUS);
    (void)no_set_state;
    *enter_event_mode = fmi3False;
    *terminate = fmi3False;
    return call_completed_step(in) ? fail(in) : fmi3OK;
}

fmi3Status fmi3SetTime(fmi3Instance instance, fmi3Float64 time)
{
    ENTER("fmi3SetTime", MODE_CONTINUOUS | MODE_EVENT);
    if (!(fabs(time) < HUGE_VAL)) {
        instance_log(in, LOG_ERROR, "fmi3SetTime: the time is %g.", time);
        return fmi3Error;
    }
    in->block[S_TIME] = time;
    instance_touch(in);
    return fmi3OK;
}

fmi3Status fmi3SetContinuousStates(fmi3Instance instance, const fmi3Float64 x[], size_t n)
{
    ENTER("fmi3SetContinuousStates", MODE_CONTINUOUS | MODE_EVENT);
    return call_set_states(in, "fmi3SetContinuousStates", x, n) ? fmi3Error : fmi3OK;
}

static fmi3Status status_of(int status)
{
    return status == STATUS_OK ? fmi3OK : status == STATUS_TERMINATE ? fmi3Discard : fmi3Error;
}

fmi3Status fmi3GetContinuousStateDerivatives(fmi3Instance instance, fmi3Float64 f[], size_t n)
{
    ENTER("fmi3GetContinuousStateDerivatives", READABLE);
    return status_of(call_get_derivatives(in, "fmi3GetContinuousStateDerivatives", f, n));
}

fmi3Status fmi3GetEventIndicators(fmi3Instance instance, fmi3Float64 g[], size_t n)
{
    ENTER("fmi3GetEventIndicators", READABLE);
    return status_of(call_get_indicators(in, "fmi3GetEventIndicators", g, n));
}

fmi3Status fmi3GetContinuousStates(fmi3Instance instance, fmi3Float64 x[], size_t n)
{
    ENTER("fmi3GetContinuousStates", READABLE);
    if (!count_matches(in, "fmi3GetContinuousStates", (size_t)in->model->nx, n)) return fmi3Error;
    memcpy(x, in->x, n * sizeof(double));
    return fmi3OK;
}

fmi3Status fmi3GetNominalsOfContinuousStates(fmi3Instance instance, fmi3Float64 x[], size_t n)
{
    ENTER("fmi3GetNominalsOfContinuousStates", ANY_MODE);
    if (!count_matches(in, "fmi3GetNominalsOfContinuousStates", (size_t)in->model->nx, n)) return fmi3Error;
    memcpy(x, in->model->state_nominal, n * sizeof(double));
    return fmi3OK;
}

fmi3Status fmi3GetNumberOfEventIndicators(fmi3Instance instance, size_t *n)
{
    ENTER("fmi3GetNumberOfEventIndicators", ANY_MODE);
    *n = (size_t)in->model->n_indicators;
    return fmi3OK;
}

fmi3Status fmi3GetNumberOfContinuousStates(fmi3Instance instance, size_t *n)
{
    ENTER("fmi3GetNumberOfContinuousStates", ANY_MODE);
    *n = (size_t)in->model->nx;
    return fmi3OK;
}

/* Co-Simulation */

fmi3Status fmi3GetOutputDerivatives(fmi3Instance instance, const fmi3ValueReference vr[], size_t n,
                                    const fmi3Int32 orders[], fmi3Float64 values[], size_t n_values)
{
    ENTER("fmi3GetOutputDerivatives", MODE_STEP | MODE_TERMINATED | MODE_FAILED);
    if (!count_matches(in, "fmi3GetOutputDerivatives", n, n_values)) return fmi3Error;
    return rates_of(in, "fmi3GetOutputDerivatives", vr, orders, n, values) ? fmi3Error : fmi3OK;
}

fmi3Status fmi3DoStep(fmi3Instance instance, fmi3Float64 t, fmi3Float64 h, fmi3Boolean no_set_state,
                      fmi3Boolean *event_handling_needed, fmi3Boolean *terminate, fmi3Boolean *early_return,
                      fmi3Float64 *last_successful_time)
{
    ENTER("fmi3DoStep", MODE_STEP);
    (void)no_set_state;
    *event_handling_needed = fmi3False;
    *terminate = fmi3False;
    *early_return = fmi3False;
    *last_successful_time = in->block[S_TIME];
    if (call_check_step(in, "fmi3DoStep", t, h)) return fmi3Error;
    if (in->intermediate_update) fmi3_ask_inputs(in, t + h);
    int status = integrate(in, t + h);
    *terminate = status == STATUS_TERMINATE;
    *early_return = *terminate && in->may_return_early;
    *last_successful_time = in->block[S_TIME];
    return status == STATUS_ERROR ? fail(in) : fmi3OK;
}
