/* FMI 2.0 front end of faulty.h. */
#include "fmi2Functions.h"
#include "faulty.h"

static void faulty_say(Faulty *m, int status, const char *text) {
  ((fmi2CallbackLogger)m->logger)(m->environment, m->name, (fmi2Status)status, "logStatusError", text);
}
fmi2Component fmi2Instantiate(fmi2String name, fmi2Type type, fmi2String guid, fmi2String resources,
                              const fmi2CallbackFunctions *f, fmi2Boolean visible, fmi2Boolean logging) {
  Faulty *m = faulty_new(name, type == fmi2ModelExchange);
  m->logger = (void *)f->logger;
  m->environment = f->componentEnvironment;
  return m;
}
void fmi2FreeInstance(fmi2Component c) { faulty_free(c); }
const char *fmi2GetTypesPlatform(void) { return "default"; }
const char *fmi2GetVersion(void) { return "2.0"; }
fmi2Status fmi2SetupExperiment(fmi2Component c, fmi2Boolean td, fmi2Real tol, fmi2Real start, fmi2Boolean sd, fmi2Real stop) {
  ((Faulty *)c)->data.time = start;
  return fmi2OK;
}
fmi2Status fmi2EnterInitializationMode(fmi2Component c) { return faulty_status(c, ENTER_INITIALIZATION); }
fmi2Status fmi2ExitInitializationMode(fmi2Component c) {
  ((Faulty *)c)->data.in_event_mode = ((Faulty *)c)->is_initialised = 1;
  return faulty_status(c, EXIT_INITIALIZATION);
}
fmi2Status fmi2Terminate(fmi2Component c) { trace(c, "terminate"); return fmi2OK; }
fmi2Status fmi2Reset(fmi2Component c) { return fmi2OK; }
fmi2Status fmi2GetReal(fmi2Component c, const fmi2ValueReference vr[], size_t n, fmi2Real v[]) {
  for (size_t i = 0; i < n; i++) v[i] = *faulty_real(c, vr[i]);
  return faulty_status(c, GET);
}
/* Parameters change in Event Mode only, in Model Exchange (FMI 2.0.4, 3.2.3). */
fmi2Status fmi2SetReal(fmi2Component c, const fmi2ValueReference vr[], size_t n, const fmi2Real v[]) {
  Faulty *m = c;
  for (size_t i = 0; i < n; i++) {
    if (vr[i] == VR_GAIN && m->is_exchange && m->is_initialised && !m->data.in_event_mode) return fmi2Error;
    *faulty_real(c, vr[i]) = v[i];
  }
  return m->is_initialised ? faulty_status(c, SET) : fmi2OK;
}
fmi2Status fmi2GetInteger(fmi2Component c, const fmi2ValueReference vr[], size_t n, int v[]) {
  for (size_t i = 0; i < n; i++) v[i] = *faulty_integer(c, vr[i]);
  return fmi2OK;
}
fmi2Status fmi2SetInteger(fmi2Component c, const fmi2ValueReference vr[], size_t n, const int v[]) {
  for (size_t i = 0; i < n; i++) *faulty_integer(c, vr[i]) = v[i];
  return fmi2OK;
}
fmi2Status fmi2GetFMUstate(fmi2Component c, fmi2FMUstate *s) {
  *s = faulty_copy(c);
  return faulty_status(c, GET_STATE);
}
fmi2Status fmi2SetFMUstate(fmi2Component c, fmi2FMUstate s) {
  faulty_restore(c, s);
  return faulty_status(c, SET_STATE);
}
fmi2Status fmi2FreeFMUstate(fmi2Component c, fmi2FMUstate *s) { free(*s); *s = NULL; return fmi2OK; }

fmi2Status fmi2DoStep(fmi2Component c, fmi2Real t, fmi2Real h, fmi2Boolean no_set) { return faulty_step(c, h); }

fmi2Status fmi2EnterEventMode(fmi2Component c) { ((Faulty *)c)->data.in_event_mode = 1; return fmi2OK; }
fmi2Status fmi2NewDiscreteStates(fmi2Component c, fmi2EventInfo *info) {
  memset(info, 0, sizeof *info);
  return faulty_status(c, UPDATE);
}
fmi2Status fmi2EnterContinuousTimeMode(fmi2Component c) { ((Faulty *)c)->data.in_event_mode = 0; return fmi2OK; }
fmi2Status fmi2CompletedIntegratorStep(fmi2Component c, fmi2Boolean no_set, fmi2Boolean *enter, fmi2Boolean *end) {
  *enter = *end = 0;
  return faulty_status(c, COMPLETED);
}
fmi2Status fmi2SetTime(fmi2Component c, fmi2Real t) { ((Faulty *)c)->data.time = t; return fmi2OK; }
fmi2Status fmi2SetContinuousStates(fmi2Component c, const fmi2Real x[], size_t n) { ((Faulty *)c)->data.x = x[0]; return fmi2OK; }
fmi2Status fmi2GetDerivatives(fmi2Component c, fmi2Real dx[], size_t n) {
  ((Faulty *)c)->data.calls++;
  dx[0] = faulty_derivative(c);
  return faulty_status(c, STEP);
}
fmi2Status fmi2GetEventIndicators(fmi2Component c, fmi2Real z[], size_t n) { return fmi2OK; }
fmi2Status fmi2GetContinuousStates(fmi2Component c, fmi2Real x[], size_t n) { x[0] = ((Faulty *)c)->data.x; return fmi2OK; }
fmi2Status fmi2GetNominalsOfContinuousStates(fmi2Component c, fmi2Real x[], size_t n) { x[0] = 1; return fmi2OK; }
