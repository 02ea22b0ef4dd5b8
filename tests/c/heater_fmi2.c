/* FMI 2.0 Model Exchange front end of heater.h. */
#include "fmi2Functions.h"
#include "heater.h"

fmi2Component fmi2Instantiate(fmi2String name, fmi2Type type, fmi2String guid, fmi2String resources,
                              const fmi2CallbackFunctions *f, fmi2Boolean visible, fmi2Boolean logging) {
  Heater *m;
  if (type != fmi2ModelExchange) return NULL;
  m = heater_new(name);
  m->logger = (void *)f->logger;
  m->environment = f->componentEnvironment;
  return m;
}
void fmi2FreeInstance(fmi2Component c) { free(c); }
const char *fmi2GetTypesPlatform(void) { return "default"; }
const char *fmi2GetVersion(void) { return "2.0"; }
fmi2Status fmi2SetupExperiment(fmi2Component c, fmi2Boolean td, fmi2Real tol, fmi2Real start, fmi2Boolean sd, fmi2Real stop) {
  ((Heater *)c)->data.time = start;
  return fmi2OK;
}
fmi2Status fmi2EnterInitializationMode(fmi2Component c) { heater_start(c, ((Heater *)c)->data.time); return fmi2OK; }
fmi2Status fmi2ExitInitializationMode(fmi2Component c) { heater_start(c, ((Heater *)c)->data.time); return fmi2OK; }
fmi2Status fmi2Terminate(fmi2Component c) { return fmi2OK; }
fmi2Status fmi2Reset(fmi2Component c) {
  Heater *m = c, *fresh = heater_new(m->name);
  m->data = fresh->data;
  free(fresh);
  return fmi2OK;
}
fmi2Status fmi2GetReal(fmi2Component c, const fmi2ValueReference vr[], size_t n, fmi2Real v[]) {
  for (size_t i = 0; i < n; i++) v[i] = *heater_real(c, vr[i]);
  return fmi2OK;
}
fmi2Status fmi2SetReal(fmi2Component c, const fmi2ValueReference vr[], size_t n, const fmi2Real v[]) {
  for (size_t i = 0; i < n; i++) *heater_real(c, vr[i]) = v[i];
  return fmi2OK;
}
fmi2Status fmi2GetInteger(fmi2Component c, const fmi2ValueReference vr[], size_t n, int v[]) {
  for (size_t i = 0; i < n; i++) v[i] = *heater_integer(c, vr[i]);
  return fmi2OK;
}
/* Refuses what is not allowed: discrete inputs and tunable parameters change in Event Mode and before (FMI 2.0.4, 3.2.3). */
fmi2Status fmi2SetInteger(fmi2Component c, const fmi2ValueReference vr[], size_t n, const int v[]) {
  for (size_t i = 0; i < n; i++) {
    if (vr[i] != VR_FAULT && !((Heater *)c)->in_event_mode) return fmi2Error;
    *heater_integer(c, vr[i]) = v[i];
  }
  return fmi2OK;
}
fmi2Status fmi2GetBoolean(fmi2Component c, const fmi2ValueReference vr[], size_t n, int v[]) { return fmi2GetInteger(c, vr, n, v); }
fmi2Status fmi2SetBoolean(fmi2Component c, const fmi2ValueReference vr[], size_t n, const int v[]) { return fmi2SetInteger(c, vr, n, v); }

fmi2Status fmi2GetFMUstate(fmi2Component c, fmi2FMUstate *s) {
  *s = malloc(sizeof(Heater));
  memcpy(*s, c, sizeof(Heater));
  return fmi2OK;
}
fmi2Status fmi2SetFMUstate(fmi2Component c, fmi2FMUstate s) { memcpy(c, s, sizeof(Heater)); return fmi2OK; }
fmi2Status fmi2FreeFMUstate(fmi2Component c, fmi2FMUstate *s) { free(*s); *s = NULL; return fmi2OK; }

fmi2Status fmi2EnterEventMode(fmi2Component c) {
  if (((Heater *)c)->in_event_mode) return fmi2Error;
  ((Heater *)c)->in_event_mode = 1;
  return fmi2OK;
}
fmi2Status fmi2NewDiscreteStates(fmi2Component c, fmi2EventInfo *info) {
  Update u;
  if (!((Heater *)c)->in_event_mode) return fmi2Error;
  heater_update(c, &u);
  *info = (fmi2EventInfo){u.again, u.terminate, u.nominals, u.values, u.has_next, u.next};
  return fmi2OK;
}
fmi2Status fmi2EnterContinuousTimeMode(fmi2Component c) {
  if (!((Heater *)c)->in_event_mode) return fmi2Error;
  ((Heater *)c)->in_event_mode = 0;
  return fmi2OK;
}
fmi2Status fmi2CompletedIntegratorStep(fmi2Component c, fmi2Boolean no_set, fmi2Boolean *enter, fmi2Boolean *end) {
  ((Heater *)c)->data.steps++;
  *enter = is_faulty(c, STEP_EVENTS);
  *end = 0;
  return fmi2OK;
}
fmi2Status fmi2SetTime(fmi2Component c, fmi2Real t) { ((Heater *)c)->data.time = t; return fmi2OK; }
fmi2Status fmi2SetContinuousStates(fmi2Component c, const fmi2Real x[], size_t n) {
  if (((Heater *)c)->in_event_mode) return fmi2Error;
  ((Heater *)c)->data.T = x[0];
  return fmi2OK;
}
fmi2Status fmi2GetDerivatives(fmi2Component c, fmi2Real dx[], size_t n) { return heater_derivative(c, dx); }
fmi2Status fmi2GetEventIndicators(fmi2Component c, fmi2Real z[], size_t n) { return heater_indicators(c, z); }
fmi2Status fmi2GetContinuousStates(fmi2Component c, fmi2Real x[], size_t n) { x[0] = ((Heater *)c)->data.T; return fmi2OK; }
fmi2Status fmi2GetNominalsOfContinuousStates(fmi2Component c, fmi2Real x[], size_t n) { x[0] = 10; return fmi2OK; }
