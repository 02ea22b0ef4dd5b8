/* FMI 1.0 front end of heater.h: Model Exchange, and Co-Simulation by the closed form without events. */
#include "heater.h"
#include "fmi1Functions.h"
#define FMI(NAME) heater_fmi##NAME

static void say(Heater *m, fmi1Status status, const char *format, double a) {
  ((fmi1CallbackLogger)m->logger)(m, m->name, status, "error", format, a, m->name);
}
static Heater *make(const char *name, const char *guid, fmi1CallbackFunctions f) {
  Heater *m;
  if (strcmp(guid, "{h}")) {
    f.logger(NULL, name, fmi1Error, "error", "wrong GUID '%s'", guid);
    return NULL;
  }
  m = heater_new(name);
  m->logger = (void *)f.logger;
  return m;
}
fmi1Component FMI(InstantiateModel)(fmi1String name, fmi1String guid, fmi1CallbackFunctions f, fmi1Boolean logging) {
  return make(name, guid, f);
}
fmi1Component FMI(InstantiateSlave)(fmi1String name, fmi1String guid, fmi1String location, fmi1String mime, fmi1Real timeout,
    fmi1Boolean visible, fmi1Boolean interactive, fmi1CallbackFunctions f, fmi1Boolean logging) {
  if (strncmp(location, "file://", 7) || strcmp(mime, "application/x-fmu-sharedlibrary")) return NULL;
  return make(name, guid, f);
}
void FMI(FreeModelInstance)(fmi1Component c) { free(c); }
void FMI(FreeSlaveInstance)(fmi1Component c) { free(c); }
fmi1Status FMI(Terminate)(fmi1Component c) { return fmi1OK; }
fmi1Status FMI(TerminateSlave)(fmi1Component c) { return fmi1OK; }
fmi1Status FMI(ResetSlave)(fmi1Component c) {
  Heater *m = c, *fresh = heater_new(m->name);
  m->data = fresh->data;
  free(fresh);
  return fmi1OK;
}
static void fill(Update *u, fmi1EventInfo *i) {
  *i = (fmi1EventInfo){!u->again, u->nominals, u->values, u->terminate, u->has_next, u->next};
}
fmi1Status FMI(SetTime)(fmi1Component c, fmi1Real t) { ((Heater *)c)->data.time = t; return fmi1OK; }
fmi1Status FMI(Initialize)(fmi1Component c, fmi1Boolean controlled, fmi1Real tolerance, fmi1EventInfo *info) {
  Update u = {0, 0, 0, 0, 0, 0};
  heater_start(c, ((Heater *)c)->data.time);
  fill(&u, info);
  return fmi1OK;
}
fmi1Status FMI(InitializeSlave)(fmi1Component c, fmi1Real start, fmi1Boolean has_stop, fmi1Real stop) {
  heater_start(c, start);
  return fmi1OK;
}
fmi1Status FMI(DoStep)(fmi1Component c, fmi1Real t, fmi1Real h, fmi1Boolean is_new) {
  Heater *m = c;
  Data *d = &m->data;
  double goal = d->ambient + d->power * d->on;
  d->steps++;
  if (d->fault >= DISCARD && d->fault <= FATAL && t + h > d->fault_time) {
    say(m, (fmi1Status)(d->fault + 1), "too hot at %g s in '%s'", t);
    return (fmi1Status)(d->fault + 1);
  }
  d->T = goal + (d->T - goal) * exp(-h / d->tau);
  d->time = t + h;
  return fmi1OK;
}
fmi1Status FMI(EventUpdate)(fmi1Component c, fmi1Boolean intermediate, fmi1EventInfo *info) {
  Update u;
  heater_update(c, &u);
  fill(&u, info);
  return fmi1OK;
}
fmi1Status FMI(CompletedIntegratorStep)(fmi1Component c, fmi1Boolean *asks) {
  ((Heater *)c)->data.steps++;
  *asks = is_faulty(c, STEP_EVENTS);
  return fmi1OK;
}
fmi1Status FMI(SetContinuousStates)(fmi1Component c, const fmi1Real x[], size_t n) { ((Heater *)c)->data.T = x[0]; return fmi1OK; }
fmi1Status FMI(GetContinuousStates)(fmi1Component c, fmi1Real x[], size_t n) { x[0] = ((Heater *)c)->data.T; return fmi1OK; }
fmi1Status FMI(GetNominalContinuousStates)(fmi1Component c, fmi1Real x[], size_t n) { x[0] = 10; return fmi1OK; }
fmi1Status FMI(GetDerivatives)(fmi1Component c, fmi1Real dx[], size_t n) { return heater_derivative(c, dx); }
fmi1Status FMI(GetEventIndicators)(fmi1Component c, fmi1Real z[], size_t n) { return heater_indicators(c, z); }
#define ACCESS(NAME, TYPE, FIND)                                                                             \
  fmi1Status FMI(Get##NAME)(fmi1Component c, const fmi1ValueReference vr[], size_t n, TYPE v[]) {            \
    for (size_t i = 0; i < n; i++) v[i] = *FIND(c, vr[i]);                                                   \
    return fmi1OK;                                                                                           \
  }                                                                                                          \
  fmi1Status FMI(Set##NAME)(fmi1Component c, const fmi1ValueReference vr[], size_t n, const TYPE v[]) {      \
    for (size_t i = 0; i < n; i++) *FIND(c, vr[i]) = v[i];                                                   \
    return fmi1OK;                                                                                           \
  }
ACCESS(Real, fmi1Real, heater_real)
ACCESS(Integer, fmi1Integer, heater_integer)
ACCESS(Boolean, fmi1Boolean, heater_integer)
