/* The co-simulation solver: from the current time to the end of the communication step, through all events.
 *
 * S_STEP_SIZE keeps the step that the error control wants across communication steps, also when the communication step
 * is shorter, so that a flowsheet which calls often pays one solver step per call. Only events start it afresh.
 */
#include "instance.h"

#include <float.h>
#include <math.h>
#include <string.h>

#define MAX_REJECTIONS 60
/* What is left of a step that was refused for another reason than its error, or was rejected twice. */
#define SHORTEN 0.25
/* Steps per communication step after which something is wrong. */
#define MAX_STEPS 5000000
/* A step that takes a state below its minimum is shortened down to this part. If that does not help, the equations
 * themselves take it there, and no step size can stop them. */
#define SHORTEST_PART 1e-7
#define TIME_PRECISION 1e-13
/* Brackets of the event search are refined to this fraction of the solver step. */
#define EVENT_PRECISION 1e-13
#define MAX_ROOT_ITERATIONS 200
/* Without states no error control looks at what conditions do with time: look this often per communication step. */
#define STATELESS_STEPS 16

static int is_reached(double t, double t_end)
{
    return t >= t_end - 4.0 * DBL_EPSILON * fabs(t_end);
}

static int explain(Instance *in, const char *what)
{
    messages_explain(in);
    instance_log(in, LOG_ERROR,
                 "%s at t = %.12g s in '%s'. Check the inputs and parameters set last; a division by a quantity that "
                 "reaches zero is the usual cause.",
                 what, in->block[S_TIME], in->model->name);
    return STATUS_ERROR;
}

/* The step to try: what the error control wants, but never a sliver before the end. */
static double choose_step(const Instance *in, double rest)
{
    double h = in->block[S_STEP_SIZE];
    if (in->model->nx == 0 && in->model->n_indicators > 0) h = fmin(h, in->span / STATELESS_STEPS);
    if (h >= rest * (1.0 - 1e-10)) return rest;
    return h > 0.5 * rest ? 0.5 * rest : h;
}

/* h was tried (perhaps cut short by the end of the communication step) and accepted with this error. */
static void keep_step_size(Instance *in, double h, double error, int was_rejected)
{
    double wanted = in->block[S_STEP_SIZE], next = rosenbrock_next_step(h, error);
    if (was_rejected && next > h) next = h;
    if (h < wanted * (1.0 - 1e-10)) {
        double allowed = h * 0.9 * pow(fmax(error, 1e-20), -0.25);
        next = fmax(next, fmin(wanted, allowed));
    }
    in->block[S_STEP_SIZE] = next;
}

static void restore_z(Instance *in)
{
    memcpy(in->z, in->solver.z_saved, (size_t)in->model->nz * sizeof(double));
}

/* What to try after a rejected step. Where the error does not fall as its order promises (fast parts that die out within
 * the step) the second try and those after it must not creep. */
static double shorten(double h, double error, int is_refused, int rejections)
{
    if (is_refused) return SHORTEN * h;
    return fmin(rosenbrock_next_step(h, error), rejections > 0 ? SHORTEN * h : h);
}

/* Try steps from the current point until the error control accepts one; *h is its length. */
static int attempt(Instance *in, double rest, double *h)
{
    double t = in->block[S_TIME], error, tolerated = 0.0;
    memcpy(in->solver.z_saved, in->z, (size_t)in->model->nz * sizeof(double));
    *h = choose_step(in, rest);
    for (int rejections = 0; rejections < MAX_REJECTIONS; rejections++) {
        int failed = rosenbrock_step(in, t, *h, &error), is_exact = !failed && error <= 1.0;
        if (is_exact && (*h <= tolerated || !rosenbrock_breaks_minimum(in))) {
            keep_step_size(in, *h, error, rejections > 0);
            return STATUS_OK;
        }
        restore_z(in);
        if (is_exact && tolerated == 0.0) tolerated = SHORTEST_PART * *h;
        *h = shorten(*h, error, failed || is_exact, rejections);
        in->block[S_STEP_SIZE] = *h;
        if (*h < 4.0 * TIME_PRECISION * (1.0 + fabs(t)) && *h < 1e-12 * rest) break;
    }
    return explain(in, "No step, however short, meets the tolerance");
}

static double margin_inside(Instance *in, double h, double theta, int *failed)
{
    rosenbrock_dense(in, theta, in->solver.x_dense);
    return events_margin(in, in->block[S_TIME] + theta * h, in->solver.x_dense, failed);
}

/* Smallest part of the step after which a relation has switched: Illinois on the margin between low and high. */
static double find_crossing(Instance *in, double h, double low, double f_low, double high, double f_high)
{
    int side = 0;
    for (int i = 0; i < MAX_ROOT_ITERATIONS && (high - low) > EVENT_PRECISION; i++) {
        int failed;
        double theta = f_low > 0.0 && f_low < HUGE_VAL ? (low * f_high - high * f_low) / (f_high - f_low) : 0.5 * (low + high);
        if (!(theta > low && theta < high) || i % 8 == 7) theta = 0.5 * (low + high);
        double value = margin_inside(in, h, theta, &failed);
        if (failed || value < 0.0) {
            if (side == -1) f_low *= 0.5;
            high = theta;
            f_high = failed ? -1.0 : value;
            side = -1;
        } else {
            if (side == 1) f_high *= 0.5;
            low = theta;
            f_low = value;
            side = 1;
        }
    }
    return high;
}

/* Where to look for a switched relation. Right after an event a quantity may leave and come back within the step (a
 * ball that hardly bounces), so the look-outs then crowd at its start. */
static const double AFTER_EVENT[] = {5e-7, 4e-6, 3e-5, 2.5e-4, 2e-3, 0.015, 0.12, 0.5, 1.0};
static const double USUALLY[] = {0.5, 1.0};

/* Part of the step at which the first relation switches; 1 with *has_event = 0 when none does. */
static double locate_event(Instance *in, double h, int is_after_event, int *has_event)
{
    const double *lookouts = is_after_event ? AFTER_EVENT : USUALLY;
    int failed, n = is_after_event ? (int)(sizeof(AFTER_EVENT) / sizeof(double)) : (int)(sizeof(USUALLY) / sizeof(double));
    double low = 0.0, f_low = HUGE_VAL;
    *has_event = 0;
    if (in->model->n_indicators == 0) return 1.0;
    for (int i = 0; i < n; i++) {
        double value = margin_inside(in, h, lookouts[i], &failed);
        if (value < 0.0) {
            *has_event = 1;
            if (i == 0) f_low = margin_inside(in, h, 0.0, &failed);
            return f_low < 0.0 ? 0.0 : find_crossing(in, h, low, f_low, lookouts[i], value);
        }
        low = lookouts[i];
        f_low = value;
    }
    return 1.0;
}

static void accept(Instance *in, double t)
{
    memcpy(in->x, in->solver.x_new, (size_t)in->model->nx * sizeof(double));
    in->block[S_TIME] = t;
    instance_touch(in);
}

/* The accepted step contains an event: repeat it up to there, because the dense output is less exact than a step. By
 * the same inexactness the repeated step may stop just short of the event; it is then lengthened until past it. */
static int step_to_event(Instance *in, double h, double theta)
{
    double t = in->block[S_TIME], least = 4.0 * DBL_EPSILON * (fabs(t) + h), part = fmax(theta * h, least);
    double longer = fmax(1e-12 * h, least), error;
    int failed = 0;
    if (theta <= 0.0) return STATUS_OK; /* switched at the very start: no time passes */
    for (; part < h; part += longer, longer *= 4.0) {
        restore_z(in);
        if (rosenbrock_step(in, t, part, &error)) return explain(in, "The step to an event cannot be computed");
        if (events_margin(in, t + part, in->solver.x_new, &failed) < 0.0 && !failed) break;
    }
    if (part >= h) {
        part = h;
        restore_z(in);
        if (rosenbrock_step(in, t, h, &error)) return explain(in, "The step to an event cannot be computed");
    }
    accept(in, t + part);
    return STATUS_OK;
}

static int advance(Instance *in, double limit)
{
    double h, t = in->block[S_TIME], rest = limit - t;
    int has_event, is_after_event = !(in->block[S_STEP_SIZE] > 0.0);
    in->newton.failed_block = -1;
    if (rosenbrock_prepare(in, t)) return explain(in, "The derivatives cannot be evaluated");
    if (is_after_event) in->block[S_STEP_SIZE] = rosenbrock_initial_step(in, t, rest);
    if (attempt(in, rest, &h)) return STATUS_ERROR;
    double theta = locate_event(in, h, is_after_event, &has_event);
    if (!has_event) {
        accept(in, h == rest ? limit : t + h);
        return STATUS_OK;
    }
    if (step_to_event(in, h, theta)) return STATUS_ERROR;
    return events_update(in, 0);
}

static int integrate_to(Instance *in, double t_end)
{
    int failed, status = events_refresh_inputs(in);
    if (status) return status;
    for (int steps = 0; !is_reached(in->block[S_TIME], t_end); steps++) {
        double next = events_next_time(in, &failed);
        if (failed) return explain(in, "The event conditions cannot be evaluated");
        if (steps >= MAX_STEPS) return explain(in, "The step size stays too small to finish this communication step");
        status = advance(in, fmin(next, t_end));
        if (status == STATUS_OK && events_time_reached(in->block[S_TIME], next)) status = events_update(in, 0);
        if (status == STATUS_ERROR) return status;
        if (messages_check_asserts(in)) return STATUS_ERROR;
        if (status == STATUS_TERMINATE) return status;
    }
    in->block[S_TIME] = t_end;
    if (evaluate_outputs(in) || !evaluate_is_finite(in->y, in->model->ny))
        return explain(in, "The outputs cannot be evaluated");
    return STATUS_OK;
}

int integrate(Instance *in, double t_end)
{
    if (in->block[S_TERMINATED] != 0.0) return STATUS_TERMINATE;
    in->span = in->block[S_LAST_SPAN] = t_end - in->block[S_TIME];
    inputs_begin(in);
    int status = integrate_to(in, t_end);
    inputs_end(in);
    return status;
}
