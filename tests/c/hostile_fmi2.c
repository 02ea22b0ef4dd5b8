/* An FMI 2.0 Co-Simulation FMU, x' = gain (u - x), y = x, that does one thing wrong: -DMISCHIEF=… from the list below,
 * from step number AT on. Every instance counts its own steps. */
#define _GNU_SOURCE
#include <fenv.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include "fmi2Functions.h"

enum {
    NOTHING, SEGFAULT, ABORT, LEAVE, LOOP, LEAK, LEAK_INSTANCE, PRINT, MOVE, NAN_OUTPUT, FORGET, SHARE, DICE, ROUND,
    LICENCE, TINY, OPEN_FILES, STOP_SELF, NO_STEP,
    ONE_STEP_SIZE, NO_STATE
};
#ifndef AT
#define AT 3
#endif

typedef struct {
    double u, gain, x, h;
    long n;
    const fmi2CallbackFunctions *functions;
    char name[64];
} Model;

static double shared;
static void *volatile lost; /* else the compiler leaves out what is never used */

static void lose(size_t n)
{
    lost = malloc(n);
    memset(lost, 1, n);
}

const char *fmi2GetTypesPlatform(void) { return fmi2TypesPlatform; }
const char *fmi2GetVersion(void) { return "2.0"; }
fmi2Status fmi2SetDebugLogging(fmi2Component c, fmi2Boolean on, size_t n, const fmi2String names[]) { return fmi2OK; }

fmi2Component fmi2Instantiate(fmi2String name, fmi2Type type, fmi2String guid, fmi2String resources,
                              const fmi2CallbackFunctions *functions, fmi2Boolean visible, fmi2Boolean logging)
{
    if (MISCHIEF == LICENCE) {
        functions->logger(functions->componentEnvironment, name, fmi2Error, "error",
                          "No licence server for feature BIOSIM at 27000@licences.");
        return NULL;
    }
    Model *m = calloc(1, sizeof *m);
    m->gain = 1;
    m->functions = functions;
    if (MISCHIEF == LEAK_INSTANCE) lose(1 << 17);
    if (MISCHIEF == OPEN_FILES) tmpfile();
    if (MISCHIEF == MOVE && chdir("/") != 0) return NULL;
    if (MISCHIEF == ROUND) fesetround(FE_UPWARD);
    return m;
}
void fmi2FreeInstance(fmi2Component c) { free(c); }
fmi2Status fmi2SetupExperiment(fmi2Component c, fmi2Boolean a, double b, double t, fmi2Boolean d, double e) { return fmi2OK; }
fmi2Status fmi2EnterInitializationMode(fmi2Component c) { return fmi2OK; }
fmi2Status fmi2ExitInitializationMode(fmi2Component c) { return fmi2OK; }
fmi2Status fmi2Terminate(fmi2Component c) { return fmi2OK; }
fmi2Status fmi2Reset(fmi2Component c)
{
    Model *m = c;
    m->u = m->x = m->h = 0, m->gain = 1, m->n = 0;
    return fmi2OK;
}

fmi2Status fmi2DoStep(fmi2Component c, double t, double h, fmi2Boolean keep)
{
    Model *m = c;
    const int now = ++m->n >= AT;
    if (MISCHIEF == SEGFAULT && now) *(volatile int *)8 = 1;
    if (MISCHIEF == ABORT && now) abort();
    if (MISCHIEF == LEAVE && now) exit(0);
    if (MISCHIEF == LOOP && now) for (;;) usleep(1000);
    if (MISCHIEF == LEAK) lose(1 << 15);
    if (MISCHIEF == PRINT) printf("step %ld to %g\n", m->n, t + h), fflush(stdout);
    if (MISCHIEF == STOP_SELF && now) raise(SIGSTOP);
    if (MISCHIEF == NO_STEP) return fmi2Error;
    if (MISCHIEF == ONE_STEP_SIZE && m->h && fabs(h - m->h) > 1e-9) return fmi2Error;
    m->h = h;
    if (MISCHIEF == TINY && h < 1e-5) m->x = NAN;
    if (MISCHIEF == SHARE) shared += m->u * h, m->x += shared * h;
    if (MISCHIEF == DICE) m->x += 1e-9 * (double)(getpid() % 1000) + 1e-12 * (double)(clock() % 1000);
    m->x += (m->u + 1 - m->x) * -expm1(-m->gain * h);
    return fmi2OK;
}

fmi2Status fmi2GetReal(fmi2Component c, const fmi2ValueReference vr[], size_t n, fmi2Real value[])
{
    Model *m = c;
    for (size_t i = 0; i < n; i++) {
        value[i] = vr[i] == 0 ? m->u : vr[i] == 1 ? m->gain : m->x + m->u;
        if (MISCHIEF == NAN_OUTPUT && m->n >= AT && vr[i] == 2) value[i] = NAN;
    }
    return fmi2OK;
}
fmi2Status fmi2SetReal(fmi2Component c, const fmi2ValueReference vr[], size_t n, const fmi2Real value[])
{
    Model *m = c;
    for (size_t i = 0; i < n; i++)
        if (vr[i] == 0) m->u = value[i];
        else if (vr[i] == 1) m->gain = value[i];
        else return fmi2Error;
    return fmi2OK;
}
#define MOVES(Type, type)                                                                                               \
    fmi2Status fmi2Get##Type(fmi2Component c, const fmi2ValueReference vr[], size_t n, type v[]) { return fmi2Error; }  \
    fmi2Status fmi2Set##Type(fmi2Component c, const fmi2ValueReference vr[], size_t n, const type v[]) { return fmi2Error; }
MOVES(Integer, fmi2Integer)
MOVES(Boolean, fmi2Boolean)
MOVES(String, fmi2String)

fmi2Status fmi2GetFMUstate(fmi2Component c, fmi2FMUstate *state)
{
    if (MISCHIEF == NO_STATE) return fmi2Error;
    if (!*state) *state = malloc(sizeof(Model));
    memcpy(*state, c, sizeof(Model));
    return fmi2OK;
}
fmi2Status fmi2SetFMUstate(fmi2Component c, fmi2FMUstate state)
{
    if (MISCHIEF != FORGET) memcpy(c, state, sizeof(Model));
    return fmi2OK;
}
fmi2Status fmi2FreeFMUstate(fmi2Component c, fmi2FMUstate *state)
{
    free(*state);
    *state = NULL;
    return fmi2OK;
}
fmi2Status fmi2SerializedFMUstateSize(fmi2Component c, fmi2FMUstate s, size_t *n) { *n = sizeof(Model); return fmi2OK; }
fmi2Status fmi2SerializeFMUstate(fmi2Component c, fmi2FMUstate s, fmi2Byte b[], size_t n) { memcpy(b, s, n); return fmi2OK; }
fmi2Status fmi2DeSerializeFMUstate(fmi2Component c, const fmi2Byte b[], size_t n, fmi2FMUstate *s)
{
    *s = malloc(sizeof(Model));
    memcpy(*s, b, n);
    return fmi2OK;
}
fmi2Status fmi2SetRealInputDerivatives(fmi2Component c, const fmi2ValueReference v[], size_t n, const fmi2Integer o[],
                                       const fmi2Real x[]) { return fmi2Error; }
fmi2Status fmi2GetRealOutputDerivatives(fmi2Component c, const fmi2ValueReference v[], size_t n, const fmi2Integer o[],
                                        fmi2Real x[]) { return fmi2Error; }
fmi2Status fmi2GetDirectionalDerivative(fmi2Component c, const fmi2ValueReference a[], size_t n,
                                        const fmi2ValueReference b[], size_t m, const fmi2Real x[], fmi2Real y[])
{
    return fmi2Error;
}
fmi2Status fmi2CancelStep(fmi2Component c) { return fmi2Error; }
fmi2Status fmi2GetStatus(fmi2Component c, const fmi2StatusKind k, fmi2Status *v) { return fmi2Discard; }
fmi2Status fmi2GetRealStatus(fmi2Component c, const fmi2StatusKind k, fmi2Real *v) { return fmi2Discard; }
fmi2Status fmi2GetIntegerStatus(fmi2Component c, const fmi2StatusKind k, fmi2Integer *v) { return fmi2Discard; }
fmi2Status fmi2GetBooleanStatus(fmi2Component c, const fmi2StatusKind k, fmi2Boolean *v) { return fmi2Discard; }
fmi2Status fmi2GetStringStatus(fmi2Component c, const fmi2StatusKind k, fmi2String *v) { return fmi2Discard; }
