/* FMI 3.0 front end of faulty.h. */
#include "fmi3Functions.h"
#include "faulty.h"

static void faulty_say(Faulty *m, int status, const char *text) {
  ((fmi3LogMessageCallback)m->logger)(m->environment, (fmi3Status)status, "logStatusError", text);
}
static Faulty *made(const char *name, int is_exchange, fmi3LogMessageCallback log, void *environment) {
  Faulty *m = faulty_new(name, is_exchange);
  m->logger = (void *)log;
  m->environment = environment;
  return m;
}
fmi3Instance fmi3InstantiateModelExchange(fmi3String name, fmi3String token, fmi3String resources, fmi3Boolean visible,
    fmi3Boolean logging, fmi3InstanceEnvironment environment, fmi3LogMessageCallback log) {
  return made(name, 1, log, environment);
}
fmi3Instance fmi3InstantiateCoSimulation(fmi3String name, fmi3String token, fmi3String resources, fmi3Boolean visible,
    fmi3Boolean logging, fmi3Boolean events, fmi3Boolean early, const fmi3ValueReference required[], size_t n_required,
    fmi3InstanceEnvironment environment, fmi3LogMessageCallback log, fmi3IntermediateUpdateCallback update) {
  return made(name, 0, log, environment);
}
void fmi3FreeInstance(fmi3Instance c) { faulty_free(c); }
const char *fmi3GetVersion(void) { return "3.0"; }
fmi3Status fmi3EnterInitializationMode(fmi3Instance c, fmi3Boolean td, fmi3Float64 tol, fmi3Float64 start, fmi3Boolean sd,
                                       fmi3Float64 stop) {
  ((Faulty *)c)->data.time = start;
  return faulty_status(c, ENTER_INITIALIZATION);
}
fmi3Status fmi3ExitInitializationMode(fmi3Instance c) {
  ((Faulty *)c)->data.in_event_mode = ((Faulty *)c)->is_initialised = 1;
  return faulty_status(c, EXIT_INITIALIZATION);
}
fmi3Status fmi3Terminate(fmi3Instance c) { trace(c, "terminate"); return fmi3OK; }
fmi3Status fmi3Reset(fmi3Instance c) { return fmi3OK; }
fmi3Status fmi3GetFloat64(fmi3Instance c, const fmi3ValueReference vr[], size_t n, fmi3Float64 v[], size_t nv) {
  for (size_t i = 0; i < n; i++) v[i] = *faulty_real(c, vr[i]);
  return faulty_status(c, GET);
}
fmi3Status fmi3SetFloat64(fmi3Instance c, const fmi3ValueReference vr[], size_t n, const fmi3Float64 v[], size_t nv) {
  Faulty *m = c;
  for (size_t i = 0; i < n; i++) {
    if (vr[i] == VR_GAIN && m->is_exchange && m->is_initialised && !m->data.in_event_mode) return fmi3Error;
    *faulty_real(c, vr[i]) = v[i];
  }
  return m->is_initialised ? faulty_status(c, SET) : fmi3OK;
}
fmi3Status fmi3GetInt32(fmi3Instance c, const fmi3ValueReference vr[], size_t n, fmi3Int32 v[], size_t nv) {
  for (size_t i = 0; i < n; i++) v[i] = *faulty_integer(c, vr[i]);
  return fmi3OK;
}
fmi3Status fmi3SetInt32(fmi3Instance c, const fmi3ValueReference vr[], size_t n, const fmi3Int32 v[], size_t nv) {
  for (size_t i = 0; i < n; i++) *faulty_integer(c, vr[i]) = v[i];
  return fmi3OK;
}
fmi3Status fmi3GetFMUState(fmi3Instance c, fmi3FMUState *s) {
  *s = faulty_copy(c);
  return faulty_status(c, GET_STATE);
}
fmi3Status fmi3SetFMUState(fmi3Instance c, fmi3FMUState s) {
  faulty_restore(c, s);
  return faulty_status(c, SET_STATE);
}
fmi3Status fmi3FreeFMUState(fmi3Instance c, fmi3FMUState *s) { free(*s); *s = NULL; return fmi3OK; }

fmi3Status fmi3DoStep(fmi3Instance c, fmi3Float64 t, fmi3Float64 h, fmi3Boolean no_set, fmi3Boolean *event,
                      fmi3Boolean *terminate, fmi3Boolean *early, fmi3Float64 *reached) {
  *event = *terminate = *early = 0;
  *reached = t + h;
  return faulty_step(c, h);
}

fmi3Status fmi3EnterEventMode(fmi3Instance c) { ((Faulty *)c)->data.in_event_mode = 1; return fmi3OK; }
fmi3Status fmi3UpdateDiscreteStates(fmi3Instance c, fmi3Boolean *again, fmi3Boolean *terminate, fmi3Boolean *nominals,
                                    fmi3Boolean *values, fmi3Boolean *has_next, fmi3Float64 *next) {
  *again = *terminate = *nominals = *values = *has_next = 0;
  return faulty_status(c, UPDATE);
}
fmi3Status fmi3EnterContinuousTimeMode(fmi3Instance c) { ((Faulty *)c)->data.in_event_mode = 0; return fmi3OK; }
fmi3Status fmi3CompletedIntegratorStep(fmi3Instance c, fmi3Boolean no_set, fmi3Boolean *enter, fmi3Boolean *end) {
  *enter = *end = 0;
  return faulty_status(c, COMPLETED);
}
fmi3Status fmi3GetNumberOfContinuousStates(fmi3Instance c, size_t *n) { *n = 1; return fmi3OK; }
fmi3Status fmi3GetNumberOfEventIndicators(fmi3Instance c, size_t *n) { *n = 0; return fmi3OK; }
fmi3Status fmi3SetTime(fmi3Instance c, fmi3Float64 t) { ((Faulty *)c)->data.time = t; return fmi3OK; }
fmi3Status fmi3SetContinuousStates(fmi3Instance c, const fmi3Float64 x[], size_t n) { ((Faulty *)c)->data.x = x[0]; return fmi3OK; }
fmi3Status fmi3GetContinuousStateDerivatives(fmi3Instance c, fmi3Float64 dx[], size_t n) {
  ((Faulty *)c)->data.calls++;
  dx[0] = faulty_derivative(c);
  return faulty_status(c, STEP);
}
fmi3Status fmi3GetEventIndicators(fmi3Instance c, fmi3Float64 z[], size_t n) { return fmi3OK; }
fmi3Status fmi3GetContinuousStates(fmi3Instance c, fmi3Float64 x[], size_t n) { x[0] = ((Faulty *)c)->data.x; return fmi3OK; }
fmi3Status fmi3GetNominalsOfContinuousStates(fmi3Instance c, fmi3Float64 x[], size_t n) { x[0] = 1; return fmi3OK; }
