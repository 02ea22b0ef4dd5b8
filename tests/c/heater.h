/* A room with a thermostat, tau dT/dt = ambient + power on - T, for Model Exchange: state events where T crosses
   `low` and `high`, time events every `period` (0: none) that count `ticks`, and faults on demand.

   Shared by heater_fmi1.c, heater_fmi2.c and heater_fmi3.c. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { VR_TIME, VR_T, VR_DER_T, VR_AMBIENT, VR_POWER, VR_TAU, VR_LOW, VR_HIGH, VR_PERIOD, VR_T_START, VR_FAULT_TIME,
       VR_FAULT, VR_ON, VR_SWITCHES, VR_TICKS, VR_ROUNDS, VR_STEPS, VR_INDICATOR_LOW, VR_INDICATOR_HIGH };

/* From `fault_time` on: derivatives refuse, fail, are not a number; the event indicators refuse; the next event never settles, or ends the simulation; every step asks
   for an event. */
enum { NONE, DISCARD, ERROR, FATAL, NOT_A_NUMBER, UNSETTLED, TERMINATE, STEP_EVENTS, DISCARD_INDICATORS,
       DISCARD_HOT, RESET };

typedef struct {
  double time, T, ambient, power, tau, low, high, period, T_start, fault_time, next_tick;
  int fault, on, switches, ticks, rounds, steps, is_updating;
} Data;

typedef struct {
  Data data;
  char name[128];
  int in_event_mode;
  void *logger, *environment;
} Heater;

typedef struct { int again, terminate, nominals, values, has_next; double next; } Update;

static Heater *heater_new(const char *name) {
  Heater *m = calloc(1, sizeof(Heater));
  snprintf(m->name, sizeof m->name, "%s", name);
  m->data = (Data){.power = 20, .tau = 100, .low = 18, .high = 22, .T_start = 10, .ambient = 10, .on = 1, .fault_time = 1e300};
  return m;
}

static int is_faulty(const Heater *m, int kind) {
  return m->data.fault == kind && m->data.time >= m->data.fault_time;
}

static void heater_start(Heater *m, double time) {
  m->data.time = time;
  m->data.T = m->data.T_start;
  m->data.next_tick = time + m->data.period;
  m->in_event_mode = 1;
}

/* Status of FMI: 0, 2 (Discard), 3 (Error), 4 (Fatal). */
static int heater_derivative(Heater *m, double *result) {
  Data *d = &m->data;
  *result = (d->ambient + d->power * d->on - d->T) / d->tau;
  if (is_faulty(m, NOT_A_NUMBER)) *result = NAN;
  if (d->fault == DISCARD_HOT && d->T > 30) return 2;
  if (is_faulty(m, DISCARD)) return 2;
  if (is_faulty(m, ERROR)) return 3;
  if (is_faulty(m, FATAL)) return 4;
  return 0;
}

static int heater_indicators(Heater *m, double z[2]) {
  Data *d = &m->data;
  z[0] = d->on ? 1.0 : d->T - d->low;
  z[1] = d->on ? d->high - d->T : 1.0;
  if (is_faulty(m, DISCARD_INDICATORS)) return 2;
  return 0;
}

static void heater_update(Heater *m, Update *u) {
  Data *d = &m->data;
  memset(u, 0, sizeof *u);
  d->rounds++;
  if (d->on ? d->T >= d->high - 1e-9 : d->T <= d->low + 1e-9) {
    d->on = !d->on;
    d->switches++;
    u->again = 1; /* a second round finds nothing */
  }
  while (d->period > 0 && d->time >= d->next_tick) {
    d->ticks++;
    d->next_tick += d->period;
    u->again = 1;
    if (d->fault == RESET) {
      d->T = d->T_start;
      u->values = u->nominals = 1;
    }
  }
  u->has_next = d->period > 0;
  u->next = d->next_tick;
  if (is_faulty(m, UNSETTLED)) u->again = 1;
  if (is_faulty(m, TERMINATE)) u->terminate = 1;
}

static double *heater_real(Heater *m, unsigned vr) {
  Data *d = &m->data;
  static double derivative;
  switch (vr) {
    case VR_TIME: return &d->time;
    case VR_T: return &d->T;
    case VR_DER_T: heater_derivative(m, &derivative); return &derivative;
    case VR_AMBIENT: return &d->ambient;
    case VR_POWER: return &d->power;
    case VR_TAU: return &d->tau;
    case VR_LOW: return &d->low;
    case VR_HIGH: return &d->high;
    case VR_PERIOD: return &d->period;
    case VR_T_START: return &d->T_start;
    case VR_FAULT_TIME: return &d->fault_time;
    default: return NULL;
  }
}

static int *heater_integer(Heater *m, unsigned vr) {
  Data *d = &m->data;
  switch (vr) {
    case VR_FAULT: return &d->fault;
    case VR_ON: return &d->on;
    case VR_SWITCHES: return &d->switches;
    case VR_TICKS: return &d->ticks;
    case VR_ROUNDS: return &d->rounds;
    case VR_STEPS: return &d->steps;
    default: return NULL;
  }
}
