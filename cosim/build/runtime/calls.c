/* What the FMI 2.0 and 3.0 front ends share: the state machine, set-up, stepping, Model Exchange. */
#include "instance.h"

#include <math.h>
#include <string.h>

static const char *mode_name(int mode)
{
    switch (mode) {
    case MODE_INSTANTIATED:
        return "instantiated";
    case MODE_INITIALIZATION:
        return "initialization mode";
    case MODE_EVENT:
        return "event mode";
    case MODE_CONTINUOUS:
        return "continuous-time mode";
    case MODE_STEP:
        return "step mode";
    case MODE_TERMINATED:
        return "terminated";
    case MODE_INTERMEDIATE:
        return "intermediate update mode";
    case MODE_DISCARDED:
        return "step discarded";
    default:
        return "error (reset or free it)";
    }
}

int call_allowed(Instance *in, const char *function, int modes)
{
    if (!in) return 0;
    int mode = (int)in->block[S_MODE];
    if (mode & modes) return 1;
    instance_log(in, LOG_ERROR, "%s must not be called while '%s' is in the state '%s'.", function, in->name,
                 mode_name(mode));
    return 0;
}

int call_setup(Instance *in, const char *function, int tolerance_defined, double tolerance, double start,
               int stop_defined, double stop)
{
    if (!(fabs(start) < HUGE_VAL) || (stop_defined && !(stop >= start))) {
        instance_log(in, LOG_ERROR, "%s: start time %g and stop time %g must be finite and in this order.", function,
                     start, stop_defined ? stop : start);
        return STATUS_ERROR;
    }
    if (tolerance_defined && !(tolerance > 0.0 && tolerance < 1.0)) {
        instance_log(in, LOG_ERROR, "%s: the tolerance %g must lie between 0 and 1.", function, tolerance);
        return STATUS_ERROR;
    }
    in->block[S_TIME] = start;
    in->block[S_STOP_TIME] = stop_defined ? stop : 1e300;
    if (tolerance_defined) in->block[S_TOLERANCE] = fmax(tolerance, 1e-13); /* below that, round-off decides */
    in->block[S_INITIALISED] = 0.0;
    return STATUS_OK;
}

int call_exit_initialization(Instance *in)
{
    if (range_check(in)) return STATUS_ERROR;
    if (in->block[S_INITIALISED] == 0.0 && initialise(in)) return STATUS_ERROR;
    if (messages_check_asserts(in)) return STATUS_ERROR;
    in->block[S_MODE] = in->block[S_IS_COSIMULATION] != 0.0 ? MODE_STEP : MODE_EVENT;
    return STATUS_OK;
}

static int same_time(double a, double b, double h)
{
    return fabs(a - b) <= 1e-9 * (fabs(b) + fabs(h)) + 1e-12;
}

/* A call that cannot be meant is refused without harm; STATUS_OK means that the step may be taken. */
int call_check_step(Instance *in, const char *function, double t, double h)
{
    double now = in->block[S_TIME], stop = in->block[S_STOP_TIME];
    if (!(h > 0.0) || !(h < HUGE_VAL)) {
        instance_log(in, LOG_ERROR, "%s: the communication step size is %g s; it must be positive.", function, h);
        return STATUS_ERROR;
    }
    if (!same_time(t, now, h)) {
        instance_log(in, LOG_ERROR, "%s: the current communication point %.12g s is not where '%s' stands, %.12g s.",
                     function, t, in->name, now);
        return STATUS_ERROR;
    }
    if (t + h > stop && !same_time(t + h, stop, h)) {
        instance_log(in, LOG_ERROR, "%s: the step ends at %.12g s, after the stop time %.12g s given at set-up.",
                     function, t + h, stop);
        return STATUS_ERROR;
    }
    return range_check(in);
}

int call_update_discrete(Instance *in, int *values_changed, double *next_time)
{
    int failed;
    if (range_check(in)) return STATUS_ERROR;
    memcpy(in->solver.x_dense, in->x, (size_t)in->model->nx * sizeof(double));
    in->block[S_INPUTS_CHANGED] = 0.0;
    int status = events_update(in, 0);
    if (status == STATUS_ERROR || messages_check_asserts(in)) return STATUS_ERROR;
    *values_changed = memcmp(in->solver.x_dense, in->x, (size_t)in->model->nx * sizeof(double)) != 0;
    *next_time = events_next_time(in, &failed);
    return failed ? STATUS_ERROR : status;
}

int call_completed_step(Instance *in)
{
    return range_check(in) ? STATUS_ERROR : messages_check_asserts(in);
}

static int check_count(Instance *in, const char *function, size_t n, int expected)
{
    if (n == (size_t)expected) return STATUS_OK;
    instance_log(in, LOG_ERROR, "%s was called with %lu values; this FMU has %d.", function, (unsigned long)n, expected);
    return STATUS_ERROR;
}

int call_set_states(Instance *in, const char *function, const double *x, size_t n)
{
    if (check_count(in, function, n, in->model->nx)) return STATUS_ERROR;
    for (size_t i = 0; i < n; i++) {
        if (fabs(x[i]) < HUGE_VAL) continue;
        instance_log(in, LOG_ERROR, "%s: state number %lu is %g at t = %.9g s.", function, (unsigned long)i + 1, x[i],
                     in->block[S_TIME]);
        return STATUS_ERROR;
    }
    memcpy(in->x, x, n * sizeof(double));
    instance_touch(in);
    return STATUS_OK;
}

int call_get_derivatives(Instance *in, const char *function, double *f, size_t n)
{
    if (check_count(in, function, n, in->model->nx)) return STATUS_ERROR;
    if (evaluate_derivatives(in)) {
        messages_explain(in);
        return STATUS_TERMINATE; /* the importer may try a shorter step */
    }
    memcpy(f, in->f, n * sizeof(double));
    return STATUS_OK;
}

int call_get_indicators(Instance *in, const char *function, double *g, size_t n)
{
    if (check_count(in, function, n, in->model->n_indicators)) return STATUS_ERROR;
    if (evaluate_relations(in, in->block[S_TIME], in->x)) return STATUS_TERMINATE;
    for (size_t i = 0; i < n; i++) g[i] = events_indicator(in, in->model->indicator_relation[i]);
    return STATUS_OK;
}
