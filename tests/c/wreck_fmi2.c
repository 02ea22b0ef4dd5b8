/* y += u h; at time `at` it does `deed`: ends its process in some way, or does not end at all. Where the environment names
   a file in WRECK_ONCE, it does so only as long as there is no such file, and makes it. Serialisable state. */
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "fmi2Functions.h"

enum { NONE, SEGFAULT, ABORT, EXIT, HANG, LEAK, STOP, SHOUT };
typedef struct { double time, u, y, at; int deed; } Wreck;
static int n_instances;

fmi2Component fmi2Instantiate(fmi2String name, fmi2Type type, fmi2String guid, fmi2String resources,
                              const fmi2CallbackFunctions *f, fmi2Boolean visible, fmi2Boolean logging) {
  if (++n_instances > 1) return NULL;
  return calloc(1, sizeof(Wreck));
}
void fmi2FreeInstance(fmi2Component c) { n_instances--; free(c); }
const char *fmi2GetTypesPlatform(void) { return "default"; }
const char *fmi2GetVersion(void) { return "2.0"; }
fmi2Status fmi2SetupExperiment(fmi2Component c, fmi2Boolean td, fmi2Real tol, fmi2Real start, fmi2Boolean sd, fmi2Real stop) {
  ((Wreck *)c)->time = start;
  return fmi2OK;
}
fmi2Status fmi2EnterInitializationMode(fmi2Component c) { return fmi2OK; }
fmi2Status fmi2ExitInitializationMode(fmi2Component c) { return fmi2OK; }
fmi2Status fmi2Terminate(fmi2Component c) { return fmi2OK; }
fmi2Status fmi2Reset(fmi2Component c) { memset(c, 0, sizeof(Wreck)); return fmi2OK; }
static double *real(Wreck *m, unsigned vr) { return vr == 0 ? &m->u : vr == 1 ? &m->y : &m->at; }
fmi2Status fmi2GetReal(fmi2Component c, const fmi2ValueReference vr[], size_t n, fmi2Real v[]) {
  for (size_t i = 0; i < n; i++) v[i] = *real(c, vr[i]);
  return fmi2OK;
}
fmi2Status fmi2SetReal(fmi2Component c, const fmi2ValueReference vr[], size_t n, const fmi2Real v[]) {
  for (size_t i = 0; i < n; i++) *real(c, vr[i]) = v[i];
  return fmi2OK;
}
fmi2Status fmi2GetInteger(fmi2Component c, const fmi2ValueReference vr[], size_t n, int v[]) {
  for (size_t i = 0; i < n; i++) v[i] = ((Wreck *)c)->deed;
  return fmi2OK;
}
fmi2Status fmi2SetInteger(fmi2Component c, const fmi2ValueReference vr[], size_t n, const int v[]) {
  ((Wreck *)c)->deed = v[n - 1];
  return fmi2OK;
}
fmi2Status fmi2GetFMUstate(fmi2Component c, fmi2FMUstate *s) {
  *s = malloc(sizeof(Wreck));
  memcpy(*s, c, sizeof(Wreck));
  return fmi2OK;
}
fmi2Status fmi2SetFMUstate(fmi2Component c, fmi2FMUstate s) { memcpy(c, s, sizeof(Wreck)); return fmi2OK; }
fmi2Status fmi2FreeFMUstate(fmi2Component c, fmi2FMUstate *s) { free(*s); *s = NULL; return fmi2OK; }
fmi2Status fmi2SerializedFMUstateSize(fmi2Component c, fmi2FMUstate s, size_t *n) { *n = sizeof(Wreck); return fmi2OK; }
fmi2Status fmi2SerializeFMUstate(fmi2Component c, fmi2FMUstate s, fmi2Byte b[], size_t n) { memcpy(b, s, n); return fmi2OK; }
fmi2Status fmi2DeSerializeFMUstate(fmi2Component c, const fmi2Byte b[], size_t n, fmi2FMUstate *s) {
  *s = malloc(n);
  memcpy(*s, b, n);
  return fmi2OK;
}

static int is_time(Wreck *m) {
  if (m->time < m->at - 1e-9) return 0;
  const char *once = getenv("WRECK_ONCE");
  if (!once) return 1;
  int file = open(once, O_CREAT | O_EXCL, 0600);
  if (file >= 0) close(file);
  return file >= 0;
}

fmi2Status fmi2DoStep(fmi2Component c, fmi2Real t, fmi2Real h, fmi2Boolean no_set) {
  Wreck *m = c;
  if (m->deed != NONE && is_time(m)) {
    switch (m->deed) {
    case SEGFAULT: fprintf(stderr, "valve 7 is stuck\n"); raise(SIGSEGV); break;
    case ABORT: abort();
    case EXIT: exit(0);
    case HANG: for (;;) usleep(1000);
    case LEAK: for (;;) { memset(malloc(1 << 22), 1, 1 << 22); usleep(200); }
    case STOP: raise(SIGSTOP); break;
    case SHOUT: for (int i = 0; i < 20000; i++) printf("\x1b[2J\x01\xff garbage %d\n", i); fflush(stdout); break;
    }
  }
  m->y += m->u * h;
  m->time += h;
  return fmi2OK;
}
