/* A first-order lag, tau dx/dt = gain u - x, stepped exactly, with faults on demand.

   Shared by lag_fmi2.c and lag_fmi3.c. A fault of the kind `fault` happens in step number `fault_at` (from 1), in
   exitInitializationMode when `fault_at` is 0. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#ifdef UNDEFINED
double exp_of_nowhere(double x);
#define exp exp_of_nowhere
#endif

#ifndef GUID
#define GUID "{lag}"
#endif

enum { VR_TIME, VR_U, VR_Y, VR_X, VR_GAIN, VR_TAU, VR_X_START, VR_STEPS, VR_ENABLED, VR_MODE, VR_LABEL, VR_FAULT,
       VR_FAULT_AT, VR_LEVEL, VR_LEVEL_OUT, VR_IS_ON, VR_MODE_OUT, VR_LABEL_LENGTH, VR_FIRST_ECHO, VR_IS_TRACING = 90, VR_TOLERANCE,
       VR_STOP_TIME };

enum { NONE, WARNING, DISCARD, ERROR, FATAL, NOT_A_NUMBER, TERMINATE, EARLY, CHATTER, ILLEGAL_STATUS, FORGETFUL,
       EARLY_NONSENSE, SHOUT, ENDED };

typedef struct {
  double time, u, x, gain, tau, x_start, tolerance, stop_time; /* the last two are -1 where not defined */
  int steps, enabled, mode, fault, fault_at, level;
  double echo[16];
} Data;

typedef struct {
  Data data;
  char name[128], label[128];
  int logging, terminated;
  double reached;
  void *logger, *environment;
} Lag;

static Lag *lag_new(const char *name) {
  Lag *m = calloc(1, sizeof(Lag));
  snprintf(m->name, sizeof m->name, "%s", name);
  m->data = (Data){.gain = 1.0, .tau = 10.0, .enabled = 1, .mode = 2};
  return m;
}

static void lag_start(Lag *m, double time) {
  m->data.time = time;
  m->data.x = m->data.x_start;
}

static int lag_has_fault(const Lag *m, int kind, int step) {
  return m->data.fault == kind && m->data.fault_at == step;
}

static void lag_step(Lag *m, double h) {
  Data *d = &m->data;
  if (d->enabled && d->mode == 2) d->x += (1.0 - exp(-h / d->tau)) * (d->gain * d->u - d->x);
  d->time += h;
  if (lag_has_fault(m, NOT_A_NUMBER, d->steps)) d->x = NAN;
}

static double *lag_real(Lag *m, unsigned vr) {
  Data *d = &m->data;
  switch (vr) {
    case VR_TIME: return &d->time;
    case VR_U: return &d->u;
    case VR_Y: case VR_X: return &d->x;
    case VR_GAIN: return &d->gain;
    case VR_TAU: return &d->tau;
    case VR_X_START: return &d->x_start;
    case VR_TOLERANCE: return &d->tolerance;
    case VR_STOP_TIME: return &d->stop_time;
    default: return NULL;
  }
}

static int *lag_integer(Lag *m, unsigned vr) {
  Data *d = &m->data;
  static int length;
  switch (vr) {
    case VR_STEPS: return &d->steps;
    case VR_ENABLED: case VR_IS_ON: return &d->enabled;
    case VR_MODE: case VR_MODE_OUT: return &d->mode;
    case VR_FAULT: return &d->fault;
    case VR_FAULT_AT: return &d->fault_at;
    case VR_IS_TRACING: return &m->logging;
    case VR_LEVEL: case VR_LEVEL_OUT: return &d->level;
    case VR_LABEL_LENGTH: length = (int)strlen(m->label); return &length;
    default: return NULL;
  }
}
