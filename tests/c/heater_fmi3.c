/* FMI 3.0 Model Exchange front end of heater.h. */
#include "fmi3Functions.h"
#include "heater.h"

fmi3Instance fmi3InstantiateModelExchange(fmi3String name, fmi3String token, fmi3String resources, fmi3Boolean visible,
    fmi3Boolean logging, fmi3InstanceEnvironment environment, fmi3LogMessageCallback log) {
  return heater_new(name);
}
void fmi3FreeInstance(fmi3Instance c) { free(c); }
const char *fmi3GetVersion(void) { return "3.0"; }
fmi3Status fmi3EnterInitializationMode(fmi3Instance c, fmi3Boolean td, fmi3Float64 tol, fmi3Float64 start, fmi3Boolean sd,
                                       fmi3Float64 stop) {
  heater_start(c, start);
  return fmi3OK;
}
fmi3Status fmi3ExitInitializationMode(fmi3Instance c) { heater_start(c, ((Heater *)c)->data.time); return fmi3OK; }
fmi3Status fmi3Terminate(fmi3Instance c) { return fmi3OK; }
fmi3Status fmi3Reset(fmi3Instance c) {
  Heater *m = c, *fresh = heater_new(m->name);
  m->data = fresh->data;
  free(fresh);
  return fmi3OK;
}
fmi3Status fmi3GetFloat64(fmi3Instance c, const fmi3ValueReference vr[], size_t n, fmi3Float64 v[], size_t nv) {
  for (size_t i = 0; i < n; i++) {
    const double *value = heater_real(c, vr[i]);
    v[i] = value ? *value : 0.0; /* the event indicators are told by fmi3GetEventIndicators only */
  }
  return fmi3OK;
}
fmi3Status fmi3SetFloat64(fmi3Instance c, const fmi3ValueReference vr[], size_t n, const fmi3Float64 v[], size_t nv) {
  for (size_t i = 0; i < n; i++) *heater_real(c, vr[i]) = v[i];
  return fmi3OK;
}
#define ACCESS(NAME, TYPE)                                                                                              \
  fmi3Status fmi3Get##NAME(fmi3Instance c, const fmi3ValueReference vr[], size_t n, TYPE v[], size_t nv) {              \
    for (size_t i = 0; i < n; i++) v[i] = (TYPE)*heater_integer(c, vr[i]);                                              \
    return fmi3OK;                                                                                                      \
  }                                                                                                                     \
  fmi3Status fmi3Set##NAME(fmi3Instance c, const fmi3ValueReference vr[], size_t n, const TYPE v[], size_t nv) {        \
    for (size_t i = 0; i < n; i++) {                                                                                    \
      if (vr[i] != VR_FAULT && !((Heater *)c)->in_event_mode) return fmi3Error;                                         \
      *heater_integer(c, vr[i]) = (int)v[i];                                                                            \
    }                                                                                                                   \
    return fmi3OK;                                                                                                      \
  }
ACCESS(Int32, fmi3Int32)
ACCESS(Boolean, fmi3Boolean)

fmi3Status fmi3GetFMUState(fmi3Instance c, fmi3FMUState *s) {
  *s = malloc(sizeof(Heater));
  memcpy(*s, c, sizeof(Heater));
  return fmi3OK;
}
fmi3Status fmi3SetFMUState(fmi3Instance c, fmi3FMUState s) { memcpy(c, s, sizeof(Heater)); return fmi3OK; }
fmi3Status fmi3FreeFMUState(fmi3Instance c, fmi3FMUState *s) { free(*s); *s = NULL; return fmi3OK; }

fmi3Status fmi3EnterEventMode(fmi3Instance c) {
  if (((Heater *)c)->in_event_mode) return fmi3Error;
  ((Heater *)c)->in_event_mode = 1;
  return fmi3OK;
}
fmi3Status fmi3UpdateDiscreteStates(fmi3Instance c, fmi3Boolean *again, fmi3Boolean *terminate, fmi3Boolean *nominals,
                                    fmi3Boolean *values, fmi3Boolean *has_next, fmi3Float64 *next) {
  Update u;
  if (!((Heater *)c)->in_event_mode) return fmi3Error;
  heater_update(c, &u);
  *again = u.again;
  *terminate = u.terminate;
  *nominals = u.nominals;
  *values = u.values;
  *has_next = u.has_next;
  *next = u.next;
  return fmi3OK;
}
fmi3Status fmi3EnterContinuousTimeMode(fmi3Instance c) {
  if (!((Heater *)c)->in_event_mode) return fmi3Error;
  ((Heater *)c)->in_event_mode = 0;
  return fmi3OK;
}
fmi3Status fmi3CompletedIntegratorStep(fmi3Instance c, fmi3Boolean no_set, fmi3Boolean *enter, fmi3Boolean *end) {
  ((Heater *)c)->data.steps++;
  *enter = is_faulty(c, STEP_EVENTS);
  *end = 0;
  return fmi3OK;
}
fmi3Status fmi3GetNumberOfContinuousStates(fmi3Instance c, size_t *n) { *n = 1; return fmi3OK; }
fmi3Status fmi3GetNumberOfEventIndicators(fmi3Instance c, size_t *n) { *n = 2; return fmi3OK; }
fmi3Status fmi3SetTime(fmi3Instance c, fmi3Float64 t) { ((Heater *)c)->data.time = t; return fmi3OK; }
fmi3Status fmi3SetContinuousStates(fmi3Instance c, const fmi3Float64 x[], size_t n) {
  if (((Heater *)c)->in_event_mode) return fmi3Error;
  ((Heater *)c)->data.T = x[0];
  return fmi3OK;
}
fmi3Status fmi3GetContinuousStateDerivatives(fmi3Instance c, fmi3Float64 dx[], size_t n) { return heater_derivative(c, dx); }
fmi3Status fmi3GetEventIndicators(fmi3Instance c, fmi3Float64 z[], size_t n) { return heater_indicators(c, z); }
fmi3Status fmi3GetContinuousStates(fmi3Instance c, fmi3Float64 x[], size_t n) { x[0] = ((Heater *)c)->data.T; return fmi3OK; }
fmi3Status fmi3GetNominalsOfContinuousStates(fmi3Instance c, fmi3Float64 x[], size_t n) { x[0] = 10; return fmi3OK; }
