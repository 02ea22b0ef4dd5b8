/* FMI 3.0 Co-Simulation front end of lag.h; an echo input and output of every numeric type besides. */
#include "fmi3Functions.h"
#include "lag.h"

static void say(Lag *m, fmi3Status status, const char *text, double t) {
  char message[200];
  snprintf(message, sizeof message, text, t);
  if (m->logging && m->logger) ((fmi3LogMessageCallback)m->logger)(m->environment, status, "logStatusError", message);
}

fmi3Instance fmi3InstantiateCoSimulation(fmi3String name, fmi3String token, fmi3String resources, fmi3Boolean visible,
    fmi3Boolean logging, fmi3Boolean events, fmi3Boolean early, const fmi3ValueReference required[], size_t n_required,
    fmi3InstanceEnvironment environment, fmi3LogMessageCallback log, fmi3IntermediateUpdateCallback update) {
  Lag *m;
  if (strcmp(token, GUID)) {
    if (logging) log(environment, fmi3Error, "logStatusError", "wrong instantiation token");
    return NULL;
  }
  m = lag_new(name);
  m->logger = (void *)log;
  m->environment = environment;
  m->logging = logging;
  return m;
}
void fmi3FreeInstance(fmi3Instance c) { free(c); }
const char *fmi3GetVersion(void) { return "3.0"; }
fmi3Status fmi3SetDebugLogging(fmi3Instance c, fmi3Boolean on, size_t n, const fmi3String k[]) {
  ((Lag *)c)->logging = on;
  return fmi3OK;
}
static int is_configuring;
fmi3Status fmi3EnterConfigurationMode(fmi3Instance c) { is_configuring = 1; return fmi3OK; }
fmi3Status fmi3ExitConfigurationMode(fmi3Instance c) { is_configuring = 0; return fmi3OK; }
fmi3Status fmi3EnterInitializationMode(fmi3Instance c, fmi3Boolean td, fmi3Float64 tol, fmi3Float64 start, fmi3Boolean sd,
                                       fmi3Float64 stop) {
  Data *d = &((Lag *)c)->data;
  lag_start(c, start);
  d->tolerance = td ? tol : -1.0;
  d->stop_time = sd ? stop : -1.0;
  return fmi3OK;
}
fmi3Status fmi3ExitInitializationMode(fmi3Instance c) {
  Lag *m = c;
  m->data.x = m->data.x_start;
  if (m->data.fault >= DISCARD && m->data.fault <= FATAL && m->data.fault_at == 0) {
    say(m, (fmi3Status)m->data.fault, "table %g cannot be read", 3.5);
    return (fmi3Status)m->data.fault;
  }
  return fmi3OK;
}
fmi3Status fmi3Terminate(fmi3Instance c) { return fmi3OK; }
fmi3Status fmi3Reset(fmi3Instance c) {
  Lag *m = c, *fresh = lag_new(m->name);
  m->data = fresh->data;
  free(fresh);
  return fmi3OK;
}

fmi3Status fmi3GetFloat64(fmi3Instance c, const fmi3ValueReference vr[], size_t n, fmi3Float64 v[], size_t nv) {
  for (size_t i = 0; i < n; i++) {
    double *p = lag_real(c, vr[i]);
    if (!p) return fmi3Error;
    v[i] = *p;
  }
  return fmi3OK;
}
fmi3Status fmi3SetFloat64(fmi3Instance c, const fmi3ValueReference vr[], size_t n, const fmi3Float64 v[], size_t nv) {
  for (size_t i = 0; i < n; i++) {
    double *p = lag_real(c, vr[i]);
    if (!p) return fmi3Error;
    if (vr[i] == VR_TAU && v[i] <= 0) {
      say(c, fmi3Error, "tau = %g is not positive", v[i]);
      return fmi3Error;
    }
    *p = v[i];
  }
  return fmi3OK;
}
/* Integers of the lag itself where they have the type; the other references are echoes. */
#define ACCESS(NAME, TYPE)                                                                                              \
  fmi3Status fmi3Get##NAME(fmi3Instance c, const fmi3ValueReference vr[], size_t n, TYPE v[], size_t nv) {              \
    for (size_t i = 0; i < n; i++) {                                                                                    \
      int *p = lag_integer(c, vr[i]);                                                                                   \
      v[i] = p ? (TYPE)*p : (TYPE)((Lag *)c)->data.echo[(vr[i] - VR_FIRST_ECHO) / 2];                                   \
    }                                                                                                                   \
    return fmi3OK;                                                                                                      \
  }                                                                                                                     \
  fmi3Status fmi3Set##NAME(fmi3Instance c, const fmi3ValueReference vr[], size_t n, const TYPE v[], size_t nv) {        \
    for (size_t i = 0; i < n; i++) {                                                                                    \
      int *p = lag_integer(c, vr[i]);                                                                                   \
      if (vr[i] == VR_FIRST_ECHO + 40 && !is_configuring) return fmi3Error;                                             \
      if (p) *p = (int)v[i];                                                                                            \
      else if (vr[i] < VR_FIRST_ECHO + 32) ((Lag *)c)->data.echo[(vr[i] - VR_FIRST_ECHO) / 2] = (double)v[i];           \
    }                                                                                                                   \
    return fmi3OK;                                                                                                      \
  }
ACCESS(Float32, fmi3Float32)
ACCESS(Int8, fmi3Int8)
ACCESS(UInt8, fmi3UInt8)
ACCESS(Int16, fmi3Int16)
ACCESS(UInt16, fmi3UInt16)
ACCESS(Int32, fmi3Int32)
ACCESS(UInt32, fmi3UInt32)
ACCESS(Int64, fmi3Int64)
ACCESS(UInt64, fmi3UInt64)
ACCESS(Boolean, fmi3Boolean)
fmi3Status fmi3SetString(fmi3Instance c, const fmi3ValueReference vr[], size_t n, const fmi3String v[], size_t nv) {
  snprintf(((Lag *)c)->label, sizeof((Lag *)c)->label, "%s", v[0]);
  return fmi3OK;
}

fmi3Status fmi3GetFMUState(fmi3Instance c, fmi3FMUState *s) {
  *s = malloc(sizeof(Data));
  memcpy(*s, &((Lag *)c)->data, sizeof(Data));
  return fmi3OK;
}
fmi3Status fmi3SetFMUState(fmi3Instance c, fmi3FMUState s) {
  if (((Lag *)c)->data.fault != FORGETFUL) memcpy(&((Lag *)c)->data, s, sizeof(Data));
  return fmi3OK;
}
fmi3Status fmi3FreeFMUState(fmi3Instance c, fmi3FMUState *s) {
  free(*s);
  *s = NULL;
  return fmi3OK;
}

#ifndef NO_DO_STEP
fmi3Status fmi3DoStep(fmi3Instance c, fmi3Float64 t, fmi3Float64 h, fmi3Boolean no_set, fmi3Boolean *event,
                      fmi3Boolean *terminate, fmi3Boolean *early, fmi3Float64 *reached) {
  Lag *m = c;
  int step = ++m->data.steps;
  *event = *terminate = *early = 0;
  if (lag_has_fault(m, CHATTER, 1)) for (int i = 0; i < 300; i++) say(m, fmi3Warning, "step at %g s is slow", t);
  if (lag_has_fault(m, ILLEGAL_STATUS, step)) return (fmi3Status)-17;
  if (m->data.fault >= WARNING && m->data.fault <= FATAL && m->data.fault_at == step) {
    say(m, (fmi3Status)m->data.fault, "solver gave up at %g s", t);
    if (m->data.fault > WARNING) return (fmi3Status)m->data.fault;
  }
  if (lag_has_fault(m, EARLY, step) || lag_has_fault(m, TERMINATE, step)) {
    *early = 1;
    *terminate = m->data.fault == TERMINATE;
    h /= 2;
  }
  lag_step(m, h);
  *reached = t + h;
  if (lag_has_fault(m, EARLY_NONSENSE, step)) {
    *early = 1;
    *reached = NAN;
  }
  *terminate = *terminate || lag_has_fault(m, ENDED, step);
  return m->data.fault == WARNING ? fmi3Warning : fmi3OK;
}
#endif
