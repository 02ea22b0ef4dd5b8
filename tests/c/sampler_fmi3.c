/* FMI 3.0 Co-Simulation with Event Mode, early return and arrays: y[3] integrates u[3] times the Boolean mask[3]; every
   `period` it returns early for an event that counts `ticks` and takes `gain` over, a discrete input that may change in
   Event Mode only; total = sum of matrix[2,2] times k[2]. */
#include "fmi3Functions.h"
#include <stdlib.h>
#include <string.h>

enum { VR_TIME, VR_U, VR_Y, VR_MASK, VR_MATRIX, VR_K, VR_TOTAL, VR_GAIN, VR_TICKS, VR_PERIOD, VR_FAULT, VR_N, VR_W };
enum { NONE, UNSETTLED, TERMINATE, STUCK, ERROR };

typedef struct {
  double time, u[3], y[3], matrix[4], period, next;
  int gain, active_gain, ticks, fault, in_event_mode;
  short k[2];
  bool mask[3];
} Sampler;

fmi3Instance fmi3InstantiateCoSimulation(fmi3String name, fmi3String token, fmi3String resources, fmi3Boolean visible,
    fmi3Boolean logging, fmi3Boolean events, fmi3Boolean early, const fmi3ValueReference required[], size_t n_required,
    fmi3InstanceEnvironment environment, fmi3LogMessageCallback log, fmi3IntermediateUpdateCallback update) {
  Sampler *m;
  if (!events || !early) return NULL;
  m = calloc(1, sizeof(Sampler));
  *m = (Sampler){.matrix = {1, 2, 3, 4}, .k = {1, 1}, .gain = 1, .active_gain = 1, .period = 1, .mask = {1, 1, 1}};
  return m;
}
void fmi3FreeInstance(fmi3Instance c) { free(c); }
const char *fmi3GetVersion(void) { return "3.0"; }
fmi3Status fmi3EnterConfigurationMode(fmi3Instance c) { return fmi3OK; }
fmi3Status fmi3ExitConfigurationMode(fmi3Instance c) { return fmi3OK; }
fmi3Status fmi3EnterInitializationMode(fmi3Instance c, fmi3Boolean td, fmi3Float64 tol, fmi3Float64 start, fmi3Boolean sd,
                                       fmi3Float64 stop) {
  Sampler *m = c;
  m->time = start;
  m->next = start + m->period;
  return fmi3OK;
}
fmi3Status fmi3ExitInitializationMode(fmi3Instance c) { ((Sampler *)c)->in_event_mode = 1; return fmi3OK; }
fmi3Status fmi3Terminate(fmi3Instance c) { return fmi3OK; }
fmi3Status fmi3EnterEventMode(fmi3Instance c) {
  if (((Sampler *)c)->in_event_mode) return fmi3Error;
  ((Sampler *)c)->in_event_mode = 1;
  return fmi3OK;
}
fmi3Status fmi3EnterStepMode(fmi3Instance c) {
  if (!((Sampler *)c)->in_event_mode) return fmi3Error;
  ((Sampler *)c)->in_event_mode = 0;
  return fmi3OK;
}
fmi3Status fmi3UpdateDiscreteStates(fmi3Instance c, fmi3Boolean *again, fmi3Boolean *terminate, fmi3Boolean *nominals,
                                    fmi3Boolean *values, fmi3Boolean *has_next, fmi3Float64 *next) {
  Sampler *m = c;
  if (!m->in_event_mode) return fmi3Error;
  *again = *terminate = *nominals = *values = *has_next = 0;
  if (m->time >= m->next) {
    m->ticks++;
    m->active_gain = m->gain;
    m->next += m->period;
    *again = 1;
  }
  if (m->fault == UNSETTLED && m->ticks) *again = 1;
  if (m->fault == TERMINATE && m->ticks) *terminate = 1;
  return fmi3OK;
}
fmi3Status fmi3DoStep(fmi3Instance c, fmi3Float64 t, fmi3Float64 h, fmi3Boolean no_set, fmi3Boolean *event,
                      fmi3Boolean *terminate, fmi3Boolean *early, fmi3Float64 *reached) {
  Sampler *m = c;
  double end = t + h;
  if (m->in_event_mode || (m->fault == ERROR && t >= 2)) return fmi3Error;
  *event = *terminate = *early = 0;
  if (m->next <= end) {
    *event = 1;
    *early = m->next < end;
    end = m->next;
  }
  if (m->fault == STUCK && t >= 2) { *event = *early = 1; end = t; }
  for (int i = 0; i < 3; i++) m->y[i] += m->mask[i] * m->u[i] * m->active_gain * (end - t);
  m->time = *reached = end;
  return fmi3OK;
}

/* Copies whole arrays; the number of values has to match. */
#define ACCESS(NAME, TYPE, CASES)                                                                                       \
  static TYPE *find_##NAME(Sampler *m, unsigned vr, size_t *n) {                                                        \
    *n = 1;                                                                                                             \
    switch (vr) { CASES }                                                                                               \
    return NULL;                                                                                                        \
  }                                                                                                                     \
  static fmi3Status copy_##NAME(Sampler *m, const unsigned vr[], size_t n, TYPE v[], size_t nv, int is_get) {           \
    size_t size;                                                                                                        \
    TYPE *begin = v;                                                                                                    \
    for (size_t i = 0; i < n; i++, v += size) {                                                                         \
      TYPE *p = find_##NAME(m, vr[i], &size);                                                                           \
      if (!p || v + size > begin + nv || (!is_get && vr[i] == VR_GAIN && m->time > 0 && !m->in_event_mode)) return fmi3Error; \
      memcpy(is_get ? v : p, is_get ? p : v, size * sizeof(TYPE));                                                      \
    }                                                                                                                   \
    return v == begin + nv ? fmi3OK : fmi3Error;                                                                        \
  }                                                                                                                     \
  fmi3Status fmi3Get##NAME(fmi3Instance c, const fmi3ValueReference vr[], size_t n, TYPE v[], size_t nv) {              \
    return copy_##NAME(c, vr, n, v, nv, 1);                                                                             \
  }                                                                                                                     \
  fmi3Status fmi3Set##NAME(fmi3Instance c, const fmi3ValueReference vr[], size_t n, const TYPE v[], size_t nv) {        \
    return copy_##NAME(c, vr, n, (TYPE *)v, nv, 0);                                                                     \
  }
static double *total(Sampler *m) {
  static double sum;
  double *a = m->matrix;
  sum = (a[0] + a[2]) * m->k[0] + (a[1] + a[3]) * m->k[1];
  return &sum;
}
static unsigned long long rows = 2;
static double w[2];
ACCESS(Float64, fmi3Float64, case VR_TIME: return &m->time; case VR_U: *n = 3; return m->u; case VR_Y: *n = 3; return m->y;
       case VR_MATRIX: *n = 4; return m->matrix; case VR_TOTAL: return total(m); case VR_PERIOD: return &m->period;
       case VR_W: *n = 2; return w;)
ACCESS(Boolean, fmi3Boolean, case VR_MASK: *n = 3; return m->mask;)
ACCESS(Int16, fmi3Int16, case VR_K: *n = 2; return m->k;)
ACCESS(Int32, fmi3Int32, case VR_GAIN: return &m->gain; case VR_TICKS: return &m->ticks; case VR_FAULT: return &m->fault;)
ACCESS(UInt64, fmi3UInt64, case VR_N: return (fmi3UInt64 *)&rows;)

fmi3Status fmi3GetFMUState(fmi3Instance c, fmi3FMUState *s) {
  *s = malloc(sizeof(Sampler));
  memcpy(*s, c, sizeof(Sampler));
  return fmi3OK;
}
fmi3Status fmi3SetFMUState(fmi3Instance c, fmi3FMUState s) { memcpy(c, s, sizeof(Sampler)); return fmi3OK; }
fmi3Status fmi3FreeFMUState(fmi3Instance c, fmi3FMUState *s) { free(*s); *s = NULL; return fmi3OK; }
