/* FMI 2.0 Co-Simulation front end of lag.h. */
#include "fmi2Functions.h"
#include "lag.h"

static void say(Lag *m, fmi2Status status, const char *category, const char *format, double a, const char *b) {
  if (m->logging) ((fmi2CallbackLogger)m->logger)(m->environment, m->name, status, category, format, a, b);
}

fmi2Component fmi2Instantiate(fmi2String name, fmi2Type type, fmi2String guid, fmi2String resources,
                              const fmi2CallbackFunctions *f, fmi2Boolean visible, fmi2Boolean logging) {
  Lag *m;
  if (strcmp(guid, GUID)) {
    if (logging) f->logger(f->componentEnvironment, name, fmi2Error, "logStatusError", "wrong GUID '%s', mine is '%s'", guid, GUID);
    return NULL;
  }
  m = lag_new(name);
  m->logger = (void *)f->logger;
  m->environment = f->componentEnvironment;
  m->logging = logging;
  return m;
}

void fmi2FreeInstance(fmi2Component c) { free(c); }
const char *fmi2GetTypesPlatform(void) { return "default"; }
const char *fmi2GetVersion(void) { return "2.0"; }
fmi2Status fmi2SetDebugLogging(fmi2Component c, fmi2Boolean on, size_t n, const fmi2String k[]) {
  ((Lag *)c)->logging = on && !n;
  return fmi2OK;
}
fmi2Status fmi2SetupExperiment(fmi2Component c, fmi2Boolean td, fmi2Real tol, fmi2Real start, fmi2Boolean sd, fmi2Real stop) {
  Data *d = &((Lag *)c)->data;
  d->time = start;
  d->tolerance = td ? tol : -1.0;
  d->stop_time = sd ? stop : -1.0;
  return fmi2OK;
}
fmi2Status fmi2EnterInitializationMode(fmi2Component c) {
  Lag *m = c;
  lag_start(m, m->data.time);
  return fmi2OK;
}
fmi2Status fmi2ExitInitializationMode(fmi2Component c) {
  Lag *m = c;
  m->data.x = m->data.x_start;
#ifdef TRACE
  for (int i = 0; i < 50; i++) say(m, fmi2OK, "logAll", "trace %g of '%s'", i, m->name);
#endif
  if (m->data.fault >= DISCARD && m->data.fault <= FATAL && m->data.fault_at == 0) {
    say(m, (fmi2Status)m->data.fault, "logStatusError", "table %g of '%s' cannot be read", 3.5, m->name);
    return (fmi2Status)m->data.fault;
  }
  return fmi2OK;
}
fmi2Status fmi2Terminate(fmi2Component c) { return fmi2OK; }
fmi2Status fmi2Reset(fmi2Component c) {
  Lag *m = c, *fresh = lag_new(m->name);
  m->data = fresh->data;
  m->label[0] = 0;
  m->terminated = 0;
  free(fresh);
  return fmi2OK;
}

fmi2Status fmi2GetReal(fmi2Component c, const fmi2ValueReference vr[], size_t n, fmi2Real v[]) {
  for (size_t i = 0; i < n; i++) {
    double *p = lag_real(c, vr[i]);
    if (!p) return fmi2Error;
    v[i] = *p;
  }
  return fmi2OK;
}
fmi2Status fmi2SetReal(fmi2Component c, const fmi2ValueReference vr[], size_t n, const fmi2Real v[]) {
  for (size_t i = 0; i < n; i++) {
    double *p = lag_real(c, vr[i]);
    if (!p) return fmi2Error;
    if (vr[i] == VR_TAU && v[i] <= 0) {
      say(c, fmi2Error, "logStatusError", "tau = %g is not positive in '%s'", v[i], ((Lag *)c)->name);
      return fmi2Error;
    }
    *p = v[i];
  }
  return fmi2OK;
}
#define INTEGERS(NAME)                                                                            \
  fmi2Status fmi2Get##NAME(fmi2Component c, const fmi2ValueReference vr[], size_t n, int v[]) {   \
    for (size_t i = 0; i < n; i++) {                                                              \
      int *p = lag_integer(c, vr[i]);                                                             \
      if (!p) return fmi2Error;                                                                   \
      v[i] = *p;                                                                                  \
    }                                                                                             \
    return fmi2OK;                                                                                \
  }                                                                                               \
  fmi2Status fmi2Set##NAME(fmi2Component c, const fmi2ValueReference vr[], size_t n, const int v[]) { \
    for (size_t i = 0; i < n; i++) {                                                              \
      int *p = lag_integer(c, vr[i]);                                                             \
      if (!p) return fmi2Error;                                                                   \
      *p = v[i];                                                                                  \
    }                                                                                             \
    return fmi2OK;                                                                                \
  }
INTEGERS(Integer)
INTEGERS(Boolean)
fmi2Status fmi2GetString(fmi2Component c, const fmi2ValueReference vr[], size_t n, fmi2String v[]) {
  for (size_t i = 0; i < n; i++) v[i] = ((Lag *)c)->label;
  return fmi2OK;
}
fmi2Status fmi2SetString(fmi2Component c, const fmi2ValueReference vr[], size_t n, const fmi2String v[]) {
  snprintf(((Lag *)c)->label, sizeof((Lag *)c)->label, "%s", v[0]);
  return fmi2OK;
}

fmi2Status fmi2GetFMUstate(fmi2Component c, fmi2FMUstate *s) {
  *s = malloc(sizeof(Data));
  memcpy(*s, &((Lag *)c)->data, sizeof(Data));
  return fmi2OK;
}
fmi2Status fmi2SetFMUstate(fmi2Component c, fmi2FMUstate s) {
  if (((Lag *)c)->data.fault != FORGETFUL) memcpy(&((Lag *)c)->data, s, sizeof(Data));
  return fmi2OK;
}
fmi2Status fmi2FreeFMUstate(fmi2Component c, fmi2FMUstate *s) {
  free(*s);
  *s = NULL;
  return fmi2OK;
}

#ifndef NO_SERIALISATION
fmi2Status fmi2SerializedFMUstateSize(fmi2Component c, fmi2FMUstate s, size_t *size) {
  *size = sizeof(Data);
  return fmi2OK;
}
fmi2Status fmi2SerializeFMUstate(fmi2Component c, fmi2FMUstate s, fmi2Byte bytes[], size_t size) {
#ifdef BREAKS_DOWN
  abort();
#endif
  memcpy(bytes, s, size);
#ifdef FORGETS_INPUT
  ((Data *)bytes)->u = 0.0;
#endif
  return fmi2OK;
}
fmi2Status fmi2DeSerializeFMUstate(fmi2Component c, const fmi2Byte bytes[], size_t size, fmi2FMUstate *s) {
  *s = malloc(sizeof(Data));
  memcpy(*s, bytes, sizeof(Data));
  return fmi2OK;
}
#endif

#ifndef NO_DO_STEP
fmi2Status fmi2DoStep(fmi2Component c, fmi2Real t, fmi2Real h, fmi2Boolean no_set_state) {
  Lag *m = c;
  int step = ++m->data.steps;
  if (lag_has_fault(m, CHATTER, 1))
    for (int i = 0; i < 300; i++) say(m, fmi2Warning, "logStatusWarning", "step at %g s of '%s' is slow", t, m->name);
  if (lag_has_fault(m, SHOUT, step)) say(m, fmi2Error, "logStatusError", "error %g in '%s' that is none", t, m->name);
  if (lag_has_fault(m, ILLEGAL_STATUS, step)) return (fmi2Status)-17;
  if (lag_has_fault(m, TERMINATE, step)) {
    m->terminated = 1;
    m->reached = t + h / 2;
    return fmi2Discard;
  }
  if (m->data.fault >= WARNING && m->data.fault <= FATAL && m->data.fault_at == step) {
    m->reached = t + h / 4;
    say(m, (fmi2Status)m->data.fault, "logStatusError", "solver gave up at %g s in '%s'", t, m->name);
    if (m->data.fault > WARNING) return (fmi2Status)m->data.fault;
  }
  lag_step(m, h);
  return m->data.fault == WARNING ? fmi2Warning : fmi2OK;
}
#endif
fmi2Status fmi2CancelStep(fmi2Component c) { return fmi2Error; }
fmi2Status fmi2GetRealStatus(fmi2Component c, const fmi2StatusKind k, fmi2Real *v) {
  *v = ((Lag *)c)->reached;
  return fmi2OK;
}
fmi2Status fmi2GetBooleanStatus(fmi2Component c, const fmi2StatusKind k, fmi2Boolean *v) {
  *v = ((Lag *)c)->terminated;
  return fmi2OK;
}
