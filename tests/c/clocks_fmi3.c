/* FMI 3.0 with clocks of every kind, for Co-Simulation with Event Mode and Model Exchange. Each time-based clock counts
   its ticks; a clocked variable is refused while its clock does not tick.

   periodic   every 0.5 s from 0.25 s on; y_periodic = u_periodic as it was at the tick, plus 10 per tick
   asked      fixed, every `period`, from `period` on, which the FMU tells
   changing   1, 2, 3 … s after the tick before
   countdown  0.3 s after the third tick of `periodic`, then not until it is known again: never
   tunable    every `tunable_period`, a tunable parameter, from 0 on
   out        ticks with every second tick of `periodic`; n_out counts, read while it is active */
#include "fmi3Functions.h"
#include <stdlib.h>
#include <string.h>

enum { VR_TIME, VR_PERIODIC, VR_ASKED, VR_CHANGING, VR_COUNTDOWN, VR_TUNABLE, VR_OUT, VR_U, VR_Y, VR_N, VR_PERIOD = 20,
       VR_TUNABLE_PERIOD, VR_N_OUT, VR_BLOB, VR_SIZE, VR_X, VR_DER_X, VR_WIDE, VR_WIDE_OUT };

typedef struct {
  double time, u, y, period, tunable_period, x;
  int n[6], n_out, in_event_mode, active[7], just_ticked[6], countdown_is_new, tunable_is_new, is_initialising;
  unsigned long long wide;
  size_t size;
  unsigned char blob[64];
} Model;

static Model *made(void) {
  Model *m = calloc(1, sizeof(Model));
  m->period = 0.4;
  m->tunable_period = 1;
  m->size = 2;
  memcpy(m->blob, "\x0a\xff", 2);
  return m;
}
fmi3Instance fmi3InstantiateCoSimulation(fmi3String name, fmi3String token, fmi3String resources, fmi3Boolean visible,
    fmi3Boolean logging, fmi3Boolean events, fmi3Boolean early, const fmi3ValueReference required[], size_t n_required,
    fmi3InstanceEnvironment environment, fmi3LogMessageCallback log, fmi3IntermediateUpdateCallback update) {
  return events ? made() : NULL;
}
fmi3Instance fmi3InstantiateModelExchange(fmi3String name, fmi3String token, fmi3String resources, fmi3Boolean visible,
    fmi3Boolean logging, fmi3InstanceEnvironment environment, fmi3LogMessageCallback log) {
  return made();
}
void fmi3FreeInstance(fmi3Instance c) { free(c); }
const char *fmi3GetVersion(void) { return "3.0"; }
fmi3Status fmi3EnterInitializationMode(fmi3Instance c, fmi3Boolean td, fmi3Float64 tol, fmi3Float64 start, fmi3Boolean sd,
                                       fmi3Float64 stop) {
  ((Model *)c)->time = start;
  ((Model *)c)->is_initialising = 1;
  return fmi3OK;
}
fmi3Status fmi3ExitInitializationMode(fmi3Instance c) {
  ((Model *)c)->in_event_mode = 1;
  ((Model *)c)->is_initialising = 0;
  return fmi3OK;
}
fmi3Status fmi3Terminate(fmi3Instance c) { return fmi3OK; }
fmi3Status fmi3EnterEventMode(fmi3Instance c) {
  Model *m = c;
  if (m->in_event_mode) return fmi3Error;
  m->in_event_mode = 1;
  memset(m->just_ticked, 0, sizeof m->just_ticked);
  return fmi3OK;
}
static fmi3Status leave(Model *m) {
  if (!m->in_event_mode) return fmi3Error;
  m->in_event_mode = 0;
  return fmi3OK;
}
fmi3Status fmi3EnterStepMode(fmi3Instance c) { return leave(c); }
fmi3Status fmi3EnterContinuousTimeMode(fmi3Instance c) { return leave(c); }

fmi3Status fmi3SetClock(fmi3Instance c, const fmi3ValueReference vr[], size_t n, const fmi3Clock v[]) {
  Model *m = c;
  if (!m->in_event_mode) return fmi3Error;
  for (size_t i = 0; i < n; i++) {
    if (vr[i] < VR_PERIODIC || vr[i] > VR_TUNABLE || !v[i]) return fmi3Error;
    m->active[vr[i]] = 1;
    m->n[vr[i]]++;
    m->just_ticked[vr[i]] = 1;
    if (vr[i] == VR_PERIODIC && m->n[VR_PERIODIC] % 2 == 0) m->active[VR_OUT] = 1, m->n_out++;
    if (vr[i] == VR_PERIODIC && m->n[VR_PERIODIC] == 3) m->countdown_is_new = 1;
  }
  return fmi3OK;
}
fmi3Status fmi3GetClock(fmi3Instance c, const fmi3ValueReference vr[], size_t n, fmi3Clock v[]) {
  for (size_t i = 0; i < n; i++) v[i] = ((Model *)c)->active[vr[i]];
  return ((Model *)c)->in_event_mode ? fmi3OK : fmi3Error;
}
fmi3Status fmi3GetIntervalDecimal(fmi3Instance c, const fmi3ValueReference vr[], size_t n, fmi3Float64 v[],
                                  fmi3IntervalQualifier q[]) {
  Model *m = c;
  if (!m->in_event_mode && !m->is_initialising) return fmi3Error;
  for (size_t i = 0; i < n; i++) {
    q[i] = fmi3IntervalUnchanged;
    switch (vr[i]) {
      case VR_ASKED: v[i] = m->period; break;
      case VR_TUNABLE:
        v[i] = m->tunable_period;
        if (m->tunable_is_new) q[i] = fmi3IntervalChanged;
        m->tunable_is_new = 0;
        break;
      case VR_CHANGING:
        if (!m->is_initialising && !m->just_ticked[VR_CHANGING]) return fmi3Error;
        v[i] = m->n[VR_CHANGING] + 1;
        q[i] = fmi3IntervalChanged;
        break;
      case VR_COUNTDOWN:
        q[i] = m->countdown_is_new ? fmi3IntervalChanged
               : m->n[VR_PERIODIC] >= 3 && !m->n[VR_COUNTDOWN] ? fmi3IntervalUnchanged : fmi3IntervalNotYetKnown;
        v[i] = 0.3;
        m->countdown_is_new = 0;
        break;
      default: return fmi3Error; /* the description tells the others */
    }
  }
  return fmi3OK;
}
fmi3Status fmi3GetShiftDecimal(fmi3Instance c, const fmi3ValueReference vr[], size_t n, fmi3Float64 v[]) {
  Model *m = c;
  if (!m->is_initialising) return fmi3Error;
  for (size_t i = 0; i < n; i++) {
    if (vr[i] != VR_ASKED && vr[i] != VR_TUNABLE) return fmi3Error; /* aperiodic clocks have none */
    v[i] = vr[i] == VR_ASKED ? m->period : 0;
  }
  return fmi3OK;
}
fmi3Status fmi3UpdateDiscreteStates(fmi3Instance c, fmi3Boolean *again, fmi3Boolean *terminate, fmi3Boolean *nominals,
                                    fmi3Boolean *values, fmi3Boolean *has_next, fmi3Float64 *next) {
  Model *m = c;
  if (!m->in_event_mode) return fmi3Error;
  *again = *terminate = *nominals = *values = *has_next = 0;
  memset(m->active, 0, sizeof m->active);
  return fmi3OK;
}
fmi3Status fmi3DoStep(fmi3Instance c, fmi3Float64 t, fmi3Float64 h, fmi3Boolean no_set, fmi3Boolean *event,
                      fmi3Boolean *terminate, fmi3Boolean *early, fmi3Float64 *reached) {
  Model *m = c;
  if (m->in_event_mode || h <= 1e-12) return fmi3Error;
  *event = *terminate = *early = 0;
  m->x += h;
  m->time = *reached = t + h;
  return fmi3OK;
}

fmi3Status fmi3GetFloat64(fmi3Instance c, const fmi3ValueReference vr[], size_t n, fmi3Float64 v[], size_t nv) {
  Model *m = c;
  for (size_t i = 0; i < n; i++) switch (vr[i]) {
    case VR_TIME: v[i] = m->time; break;
    case VR_Y:
      if (!m->active[VR_PERIODIC]) return fmi3Error;
      v[i] = m->u + 10.0 * m->n[VR_PERIODIC];
      break;
    case VR_PERIOD: v[i] = m->period; break;
    case VR_TUNABLE_PERIOD: v[i] = m->tunable_period; break;
    case VR_X: v[i] = m->x; break;
    case VR_DER_X: v[i] = 1; break;
    default: return fmi3Error;
  }
  return fmi3OK;
}
fmi3Status fmi3SetFloat64(fmi3Instance c, const fmi3ValueReference vr[], size_t n, const fmi3Float64 v[], size_t nv) {
  Model *m = c;
  for (size_t i = 0; i < n; i++) switch (vr[i]) {
    case VR_U:
      if (!m->active[VR_PERIODIC]) return fmi3Error;
      m->u = v[i];
      break;
    case VR_PERIOD: m->period = v[i]; break;
    case VR_TUNABLE_PERIOD:
      if (m->time > 0 && !m->in_event_mode) return fmi3Error;
      m->tunable_is_new = m->tunable_period != v[i];
      m->tunable_period = v[i];
      break;
    default: return fmi3Error;
  }
  return fmi3OK;
}
fmi3Status fmi3GetInt32(fmi3Instance c, const fmi3ValueReference vr[], size_t n, fmi3Int32 v[], size_t nv) {
  Model *m = c;
  for (size_t i = 0; i < n; i++) {
    if (vr[i] == VR_N_OUT && !m->active[VR_OUT]) return fmi3Error;
    v[i] = vr[i] == VR_N_OUT ? m->n_out : vr[i] == VR_SIZE ? (int)m->size : m->n[vr[i] - VR_N];
  }
  return fmi3OK;
}
fmi3Status fmi3SetInt32(fmi3Instance c, const fmi3ValueReference vr[], size_t n, const fmi3Int32 v[], size_t nv) { return fmi3Error; }
fmi3Status fmi3GetUInt64(fmi3Instance c, const fmi3ValueReference vr[], size_t n, fmi3UInt64 v[], size_t nv) {
  v[0] = ((Model *)c)->wide;
  return fmi3OK;
}
fmi3Status fmi3SetUInt64(fmi3Instance c, const fmi3ValueReference vr[], size_t n, const fmi3UInt64 v[], size_t nv) {
  ((Model *)c)->wide = v[0] == 9007199254740992ULL ? 9007199254740993ULL : v[0];
  return fmi3OK;
}
fmi3Status fmi3SetBinary(fmi3Instance c, const fmi3ValueReference vr[], size_t n, const size_t sizes[],
                         const fmi3Binary v[], size_t nv) {
  Model *m = c;
  if (n != 1 || vr[0] != VR_BLOB || nv != 1 || sizes[0] > sizeof m->blob) return fmi3Error;
  m->size = sizes[0];
  memcpy(m->blob, v[0], sizes[0]);
  return fmi3OK;
}
fmi3Status fmi3GetFMUState(fmi3Instance c, fmi3FMUState *s) {
  *s = malloc(sizeof(Model));
  memcpy(*s, c, sizeof(Model));
  return fmi3OK;
}
fmi3Status fmi3SetFMUState(fmi3Instance c, fmi3FMUState s) { memcpy(c, s, sizeof(Model)); return fmi3OK; }
fmi3Status fmi3FreeFMUState(fmi3Instance c, fmi3FMUState *s) { free(*s); *s = NULL; return fmi3OK; }

fmi3Status fmi3GetNumberOfContinuousStates(fmi3Instance c, size_t *n) { *n = 1; return fmi3OK; }
fmi3Status fmi3GetNumberOfEventIndicators(fmi3Instance c, size_t *n) { *n = 0; return fmi3OK; }
fmi3Status fmi3SetTime(fmi3Instance c, fmi3Float64 t) { ((Model *)c)->time = t; return fmi3OK; }
fmi3Status fmi3SetContinuousStates(fmi3Instance c, const fmi3Float64 x[], size_t n) { ((Model *)c)->x = x[0]; return fmi3OK; }
fmi3Status fmi3GetContinuousStateDerivatives(fmi3Instance c, fmi3Float64 dx[], size_t n) { dx[0] = 1; return fmi3OK; }
fmi3Status fmi3GetContinuousStates(fmi3Instance c, fmi3Float64 x[], size_t n) { x[0] = ((Model *)c)->x; return fmi3OK; }
fmi3Status fmi3GetNominalsOfContinuousStates(fmi3Instance c, fmi3Float64 x[], size_t n) { x[0] = 1; return fmi3OK; }
