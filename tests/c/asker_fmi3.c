/* FMI 3.0 Co-Simulation that asks for its input within a step in its own way: x' = u by the midpoint rule over `n` parts,
   asking in the middle of each, then telling that the part is finished, where nothing may be set. Outputs x and its
   derivative u; a step beyond `stop` returns early there. */
#include "fmi3Functions.h"
#include <stdlib.h>

enum { VR_TIME, VR_U, VR_X, VR_PARTS, VR_STOP, VR_FAULT, VR_ASKED };
enum { NONE, SILENT, REFUSING, ELSEWHERE, HUGE, EMPTY };

typedef struct {
  double time, u, x, stop;
  int parts, fault, asked, in_update;
  fmi3InstanceEnvironment environment;
  fmi3IntermediateUpdateCallback update;
} Asker;

fmi3Instance fmi3InstantiateCoSimulation(fmi3String name, fmi3String token, fmi3String resources, fmi3Boolean visible,
    fmi3Boolean logging, fmi3Boolean events, fmi3Boolean early, const fmi3ValueReference required[], size_t n_required,
    fmi3InstanceEnvironment environment, fmi3LogMessageCallback log, fmi3IntermediateUpdateCallback update) {
  Asker *m;
  if (!update || n_required != 1 || required[0] != VR_U) {
    if (log) log(environment, fmi3Error, "logStatusError", "I need to be told what moves.");
    return NULL;
  }
  m = calloc(1, sizeof(Asker));
  *m = (Asker){.parts = 4, .stop = 1e9, .environment = environment, .update = update};
  return m;
}
void fmi3FreeInstance(fmi3Instance c) { free(c); }
const char *fmi3GetVersion(void) { return "3.0"; }
fmi3Status fmi3EnterInitializationMode(fmi3Instance c, fmi3Boolean td, fmi3Float64 tol, fmi3Float64 start, fmi3Boolean sd,
                                       fmi3Float64 stop) { ((Asker *)c)->time = start; return fmi3OK; }
fmi3Status fmi3ExitInitializationMode(fmi3Instance c) { return fmi3OK; }
fmi3Status fmi3Terminate(fmi3Instance c) { return fmi3OK; }

static void ask(Asker *m, double time, int may_set) {
  fmi3Boolean wants_return = fmi3True;
  fmi3Float64 return_time = -1;
  m->in_update = may_set ? 2 : 1;
  m->update(m->environment, time, may_set, !may_set, !may_set, !may_set, &wants_return, &return_time);
  m->in_update = 0;
  m->asked += may_set && !wants_return;
}

fmi3Status fmi3DoStep(fmi3Instance c, fmi3Float64 t, fmi3Float64 h, fmi3Boolean no_set, fmi3Boolean *event,
                      fmi3Boolean *terminate, fmi3Boolean *early, fmi3Float64 *reached) {
  Asker *m = c;
  double end = t + h > m->stop ? m->stop : t + h, part = (end - t) / m->parts;
  *event = *terminate = 0;
  *early = end < t + h;
  for (int i = 0; i < m->parts; i++) {
    double middle = t + (i + 0.5) * part;
    if (m->fault == ELSEWHERE) { ask(m, t - 1, 1); ask(m, 0.0 / 0.0, 1); }
    if (m->fault != SILENT) ask(m, middle, 1);
    m->x += part * m->u;
    if (m->fault != SILENT) ask(m, middle + part / 2, 0);
  }
  m->time = *reached = end;
  return fmi3OK;
}

fmi3Status fmi3SetFloat64(fmi3Instance c, const fmi3ValueReference vr[], size_t n, const fmi3Float64 v[], size_t nv) {
  Asker *m = c;
  for (size_t i = 0; i < n; i++) {
    if (vr[i] == VR_STOP) { m->stop = v[i]; continue; }
    if (vr[i] != VR_U || m->in_update == 1) return fmi3Error;
    if (m->fault == REFUSING && m->in_update) return fmi3Error;
    m->u = v[i];
  }
  return fmi3OK;
}
fmi3Status fmi3GetFloat64(fmi3Instance c, const fmi3ValueReference vr[], size_t n, fmi3Float64 v[], size_t nv) {
  Asker *m = c;
  for (size_t i = 0; i < n; i++) v[i] = vr[i] == VR_TIME ? m->time : vr[i] == VR_U ? m->u : vr[i] == VR_X ? m->x : m->stop;
  return fmi3OK;
}
fmi3Status fmi3SetInt32(fmi3Instance c, const fmi3ValueReference vr[], size_t n, const fmi3Int32 v[], size_t nv) {
  Asker *m = c;
  for (size_t i = 0; i < n; i++) *(vr[i] == VR_PARTS ? &m->parts : &m->fault) = v[i];
  return fmi3OK;
}
fmi3Status fmi3GetInt32(fmi3Instance c, const fmi3ValueReference vr[], size_t n, fmi3Int32 v[], size_t nv) {
  Asker *m = c;
  for (size_t i = 0; i < n; i++) v[i] = vr[i] == VR_ASKED ? m->asked : vr[i] == VR_PARTS ? m->parts : m->fault;
  return fmi3OK;
}
/* HUGE: a state of a size that no importer can allocate; EMPTY: none, though all is said to be well. */
fmi3Status fmi3GetFMUState(fmi3Instance c, fmi3FMUState *s) {
  if (((Asker *)c)->fault == EMPTY) return fmi3OK;
  *s = malloc(sizeof(Asker)); *(Asker *)*s = *(Asker *)c;
  return fmi3OK;
}
fmi3Status fmi3SetFMUState(fmi3Instance c, fmi3FMUState s) { *(Asker *)c = *(Asker *)s; return fmi3OK; }
fmi3Status fmi3FreeFMUState(fmi3Instance c, fmi3FMUState *s) { free(*s); *s = NULL; return fmi3OK; }
fmi3Status fmi3SerializedFMUStateSize(fmi3Instance c, fmi3FMUState s, size_t *size) {
  *size = ((Asker *)c)->fault == HUGE ? (size_t)-1 : sizeof(Asker);
  return fmi3OK;
}
fmi3Status fmi3SerializeFMUState(fmi3Instance c, fmi3FMUState s, fmi3Byte b[], size_t n) { *(Asker *)b = *(Asker *)s; return fmi3OK; }
fmi3Status fmi3DeserializeFMUState(fmi3Instance c, const fmi3Byte b[], size_t n, fmi3FMUState *s) {
  if (n != sizeof(Asker)) return fmi3Error;
  *s = malloc(n);
  *(Asker *)*s = *(const Asker *)b;
  return fmi3OK;
}
