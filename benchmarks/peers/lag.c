/* A trivial FMI 2.0 Co-Simulation FMU: 20 independent channels, x' = -x + 0.5 u + 1, one step of forward Euler per
 * doStep. It does next to nothing, so that what is measured is the master. Channel k starts at k / 10, so that a
 * connection to a wrong channel shows.
 *
 * Value references: inputs 0..19, outputs 100..119 (the states), held_volume 200.
 */
#include <stdlib.h>

#define N 20
#define EXPORT __attribute__((visibility("default")))

typedef struct {
    double u[N], x[N];
} Lag;

EXPORT const char *fmi2GetTypesPlatform(void) { return "default"; }
EXPORT const char *fmi2GetVersion(void) { return "2.0"; }
EXPORT int fmi2Reset(void *c)
{
    Lag *in = c;
    for (int i = 0; i < N; i++) in->u[i] = 0.0, in->x[i] = 0.1 * i;
    return 0;
}
EXPORT void *fmi2Instantiate(const char *name, int type, const char *guid, const char *resources, const void *callbacks,
                             int visible, int logging)
{
    Lag *made = malloc(sizeof(Lag));
    fmi2Reset(made);
    return made;
}
EXPORT void fmi2FreeInstance(void *c) { free(c); }
EXPORT int fmi2SetDebugLogging(void *c, int on, size_t n, const char *const *names) { return 0; }
EXPORT int fmi2SetupExperiment(void *c, int has_tol, double tol, double start, int has_stop, double stop) { return 0; }
EXPORT int fmi2EnterInitializationMode(void *c) { return 0; }
EXPORT int fmi2ExitInitializationMode(void *c) { return 0; }
EXPORT int fmi2Terminate(void *c) { return 0; }
EXPORT int fmi2GetReal(void *c, const unsigned *vr, size_t n, double *value)
{
    const Lag *in = c;
    for (size_t i = 0; i < n; i++) {
        const unsigned r = vr[i];
        if (r < N) value[i] = in->u[r];
        else if (r >= 100 && r < 100 + N) value[i] = in->x[r - 100];
        else if (r == 200) value[i] = 1.0;
        else return 3;
    }
    return 0;
}
EXPORT int fmi2SetReal(void *c, const unsigned *vr, size_t n, const double *value)
{
    Lag *in = c;
    for (size_t i = 0; i < n; i++) {
        if (vr[i] >= N) return 3;
        in->u[vr[i]] = value[i];
    }
    return 0;
}
EXPORT int fmi2DoStep(void *c, double t, double h, int no_set_state)
{
    Lag *in = c;
    for (int i = 0; i < N; i++) in->x[i] += h * (-in->x[i] + 0.5 * in->u[i] + 1.0);
    return 0;
}
EXPORT int fmi2GetFMUstate(void *c, void **state)
{
    if (!*state) *state = malloc(sizeof(Lag));
    *(Lag *)*state = *(Lag *)c;
    return 0;
}
EXPORT int fmi2SetFMUstate(void *c, void *state)
{
    *(Lag *)c = *(Lag *)state;
    return 0;
}
EXPORT int fmi2FreeFMUstate(void *c, void **state)
{
    free(*state);
    *state = 0;
    return 0;
}

#define NOT_OFFERED(name) EXPORT int name(void *c) { return 3; }
NOT_OFFERED(fmi2GetInteger)
NOT_OFFERED(fmi2GetBoolean)
NOT_OFFERED(fmi2GetString)
NOT_OFFERED(fmi2SetInteger)
NOT_OFFERED(fmi2SetBoolean)
NOT_OFFERED(fmi2SetString)
NOT_OFFERED(fmi2SerializedFMUstateSize)
NOT_OFFERED(fmi2SerializeFMUstate)
NOT_OFFERED(fmi2DeSerializeFMUstate)
NOT_OFFERED(fmi2GetDirectionalDerivative)
NOT_OFFERED(fmi2SetRealInputDerivatives)
NOT_OFFERED(fmi2GetRealOutputDerivatives)
NOT_OFFERED(fmi2CancelStep)
NOT_OFFERED(fmi2GetStatus)
NOT_OFFERED(fmi2GetRealStatus)
NOT_OFFERED(fmi2GetIntegerStatus)
NOT_OFFERED(fmi2GetBooleanStatus)
NOT_OFFERED(fmi2GetStringStatus)
