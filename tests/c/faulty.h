/* x' = gain u + 1 - x + drift m, m counting the steps modulo 2, for Co-Simulation and Model Exchange; at `place`, from time
   `at` on, it answers `kind`: FMI's statuses 1 to 4, or NOT_A_NUMBER. `lie` says how its state access is wrong.

   What ends its life is written to the file $FAULTY_TRACE, a line "name function" each; a step takes $FAULTY_NAP ms of
   wall time. Shared by faulty_fmi2.c and faulty_fmi3.c. */
#define _POSIX_C_SOURCE 200809L
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { VR_TIME, VR_X, VR_DER_X, VR_U, VR_GAIN, VR_AT, VR_DRIFT, VR_Y, VR_PLACE, VR_KIND, VR_LIE, VR_CALLS };
enum { NOWHERE, ENTER_INITIALIZATION, EXIT_INITIALIZATION, STEP, GET, SET, GET_STATE, SET_STATE, UPDATE, COMPLETED };
enum { NOT_A_NUMBER = 5 };
enum { HONEST, FORGETS, HALF, HIDDEN };

typedef struct {
  double time, x, u, gain, at, drift;
  int place, kind, lie, in_event_mode, calls;
} Data;

typedef struct {
  Data data;
  int hidden; /* part of the state, that an FMU with lie = HIDDEN keeps when it is told to go back */
  int is_exchange, is_initialised;
  char name[128];
  double derivative;
  void *logger, *environment;
} Faulty;

static void trace(const Faulty *m, const char *function) {
  const char *path = getenv("FAULTY_TRACE");
  FILE *file = path ? fopen(path, "a") : NULL;
  if (!file) return;
  fprintf(file, "%s %s\n", m->name, function);
  fclose(file);
}

static Faulty *faulty_new(const char *name, int is_exchange) {
  Faulty *m = calloc(1, sizeof(Faulty));
  snprintf(m->name, sizeof m->name, "%s", name);
  m->is_exchange = is_exchange;
  m->data = (Data){.gain = 1};
  return m;
}

static void faulty_say(Faulty *m, int status, const char *text);

/* Status of a call at `place`. */
static int faulty_status(Faulty *m, int place) {
  Data *d = &m->data;
  if (d->place != place || d->kind == NOT_A_NUMBER || d->time < d->at - 1e-9) return 0;
  faulty_say(m, d->kind, "the pump is cavitating");
  return d->kind;
}

static double faulty_derivative(Faulty *m) {
  Data *d = &m->data;
  if (d->place == STEP && d->kind == NOT_A_NUMBER && d->time >= d->at - 1e-9) return NAN;
  return d->gain * d->u + 1.0 - d->x + d->drift * (m->hidden % 2);
}

static void faulty_nap(void) {
  const char *text = getenv("FAULTY_NAP");
  double ms = text ? atof(text) : 0;
  struct timespec rest = {(time_t)(ms / 1e3), (long)(fmod(ms, 1e3) * 1e6)};
  if (ms > 0) nanosleep(&rest, NULL);
}

static int faulty_step(Faulty *m, double h) {
  Data *d = &m->data;
  faulty_nap();
  int status = faulty_status(m, STEP);
  d->calls++;
  if (status > 1) return status;
  double goal = d->gain * d->u + 1.0 + d->drift * (m->hidden % 2);
  d->x = d->place == STEP && d->kind == NOT_A_NUMBER && d->time >= d->at - 1e-9 ? NAN : goal + (d->x - goal) * exp(-h);
  d->time += h;
  m->hidden++;
  return status;
}

static Faulty *faulty_copy(const Faulty *m) {
  Faulty *copy = malloc(sizeof(Faulty));
  memcpy(copy, m, sizeof(Faulty));
  return copy;
}

static void faulty_restore(Faulty *m, const Faulty *saved) {
  switch (m->data.lie) {
    case FORGETS: return;
    case HALF: m->data.time = saved->data.time; return;
    case HIDDEN: m->data = saved->data; return;
    default: m->data = saved->data; m->hidden = saved->hidden;
  }
}

static double *faulty_real(Faulty *m, unsigned vr) {
  Data *d = &m->data;
  switch (vr) {
    case VR_TIME: return &d->time;
    case VR_X: case VR_Y: return &d->x;
    case VR_DER_X: m->derivative = faulty_derivative(m); return &m->derivative;
    case VR_U: return &d->u;
    case VR_GAIN: return &d->gain;
    case VR_AT: return &d->at;
    case VR_DRIFT: return &d->drift;
    default: return NULL;
  }
}

static int *faulty_integer(Faulty *m, unsigned vr) {
  Data *d = &m->data;
  switch (vr) {
    case VR_PLACE: return &d->place;
    case VR_KIND: return &d->kind;
    case VR_LIE: return &d->lie;
    case VR_CALLS: return &d->calls;
    default: return NULL;
  }
}

/* An FMU that was told of an error must not be called any more, but for reading its state and freeing it. */
static void faulty_free(Faulty *m) {
  trace(m, "free");
  free(m);
}
