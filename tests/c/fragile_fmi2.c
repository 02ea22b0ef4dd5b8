/* y follows u with a time constant of 100 s. It ends its process by a fault in the step that begins
   at the time that the environment names in FRAGILE_AT, and makes no instance where it names FRAGILE_UNLICENSED. */
#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include "fmi2Functions.h"

typedef struct { double u, y, time; } Fragile;

fmi2Component fmi2Instantiate(fmi2String name, fmi2Type type, fmi2String guid, fmi2String resources,
                              const fmi2CallbackFunctions *f, fmi2Boolean visible, fmi2Boolean logging) {
  if (!getenv("FRAGILE_UNLICENSED")) return calloc(1, sizeof(Fragile));
  f->logger(f->componentEnvironment, name, fmi2Error, "logStatusError", "no licence for Fragile");
  return NULL;
}
void fmi2FreeInstance(fmi2Component c) { free(c); }
const char *fmi2GetTypesPlatform(void) { return "default"; }
const char *fmi2GetVersion(void) { return "2.0"; }
fmi2Status fmi2SetupExperiment(fmi2Component c, fmi2Boolean td, fmi2Real tol, fmi2Real start, fmi2Boolean sd, fmi2Real stop) {
  ((Fragile *)c)->time = start;
  return fmi2OK;
}
fmi2Status fmi2EnterInitializationMode(fmi2Component c) { return fmi2OK; }
fmi2Status fmi2ExitInitializationMode(fmi2Component c) { ((Fragile *)c)->y = ((Fragile *)c)->u; return fmi2OK; }
fmi2Status fmi2Terminate(fmi2Component c) { return fmi2OK; }
fmi2Status fmi2Reset(fmi2Component c) { memset(c, 0, sizeof(Fragile)); return fmi2OK; }
fmi2Status fmi2GetReal(fmi2Component c, const fmi2ValueReference vr[], size_t n, fmi2Real v[]) {
  Fragile *m = c;
  for (size_t i = 0; i < n; i++) v[i] = vr[i] == 0 ? m->u : m->y;
  return fmi2OK;
}
fmi2Status fmi2SetReal(fmi2Component c, const fmi2ValueReference vr[], size_t n, const fmi2Real v[]) {
  for (size_t i = 0; i < n; i++) ((Fragile *)c)->u = v[i];
  return fmi2OK;
}
fmi2Status fmi2GetFMUstate(fmi2Component c, fmi2FMUstate *s) {
  if (!*s) *s = malloc(sizeof(Fragile));
  memcpy(*s, c, sizeof(Fragile));
  return fmi2OK;
}
fmi2Status fmi2SetFMUstate(fmi2Component c, fmi2FMUstate s) { memcpy(c, s, sizeof(Fragile)); return fmi2OK; }
fmi2Status fmi2FreeFMUstate(fmi2Component c, fmi2FMUstate *s) { free(*s); *s = NULL; return fmi2OK; }
fmi2Status fmi2SerializedFMUstateSize(fmi2Component c, fmi2FMUstate s, size_t *n) { *n = sizeof(Fragile); return fmi2OK; }
fmi2Status fmi2SerializeFMUstate(fmi2Component c, fmi2FMUstate s, fmi2Byte b[], size_t n) { memcpy(b, s, n); return fmi2OK; }
fmi2Status fmi2DeSerializeFMUstate(fmi2Component c, const fmi2Byte b[], size_t n, fmi2FMUstate *s) {
  *s = malloc(n);
  memcpy(*s, b, n);
  return fmi2OK;
}
fmi2Status fmi2DoStep(fmi2Component c, fmi2Real t, fmi2Real h, fmi2Boolean no_set) {
  Fragile *m = c;
  const char *at = getenv("FRAGILE_AT");
  if (at && t > atof(at) - 1e-6) raise(SIGSEGV);
  m->y += (m->u - m->y) * -expm1(-h / 100.0);
  m->time = t + h;
  return fmi2OK;
}
