/* State and time events: relations with hysteresis, event iteration, the guard against endless events.
 *
 * Between events relations are frozen in r. A relation that is true stays true until its value falls below minus its
 * hysteresis, a false one until it exceeds plus it; without that, round-off would switch a relation that rests at zero.
 */
#include "instance.h"

#include <math.h>
#include <string.h>

/* Hysteresis over the relation's magnitude: above round-off, below any tolerance in use. */
#define HYSTERESIS 1e-10
/* Relative precision of a time: events closer than this are one. */
#define TIME_PRECISION 1e-12
#define MAX_EVENT_ITERATIONS 100
/* Intervals between reinitialisations that shrink by a constant ratio converge to a point (Zeno): so many ratios in a
 * row that agree to this part, and this much shorter than the first. */
#define ZENO_COUNT 2
#define ZENO_AGREEMENT 0.1
#define ZENO_SHRINK 1e-3
/* This many events within this time [s, part of the time, part of the communication step] are chattering. */
#define RAPID_COUNT 1000
#define RAPID_SPAN 1e-6
#define RAPID_RELATIVE 1e-10
#define RAPID_PART 1e-3

int events_time_reached(double t, double te)
{
    return t >= te - TIME_PRECISION * (1.0 + fabs(te));
}

double events_indicator(const Instance *in, int relation)
{
    double hysteresis = HYSTERESIS * in->r_scale[relation];
    return in->g[relation] + (in->r[relation] > 0.0 ? hysteresis : -hysteresis);
}

/* Distance of the closest state relation to switching, scaled; negative when one has switched. */
double events_margin(Instance *in, double t, const double *x, int *failed)
{
    const Model *m = in->model;
    double margin = HUGE_VAL;
    *failed = evaluate_relations(in, t, x);
    if (*failed) return -1.0;
    for (int i = 0; i < m->n_indicators; i++) {
        int k = m->indicator_relation[i];
        double value = events_indicator(in, k) / in->r_scale[k];
        value = in->r[k] > 0.0 ? value : -value;
        if (value == 0.0 && in->r[k] > 0.0) value = -1e-300; /* a true relation switches at zero, a false one above */
        if (value < margin) margin = value;
    }
    return margin;
}

double events_next_time(Instance *in, int *failed)
{
    const Model *m = in->model;
    double next = 1e300;
    *failed = 0;
    if (m->nr == m->n_indicators) return next;
    *failed = evaluate_relations(in, in->block[S_TIME], in->x);
    for (int i = 0; i < m->nr && !*failed; i++)
        if (m->relation_is_time[i] && !events_time_reached(in->block[S_TIME], in->te[i]) && in->te[i] < next)
            next = in->te[i];
    return next;
}

static double relation_value(const Instance *in, int i, int with_hysteresis)
{
    const Model *m = in->model;
    if (m->relation_is_time[i]) return events_time_reached(in->block[S_TIME], in->te[i]);
    if (with_hysteresis) return events_indicator(in, i) > 0.0;
    return m->relation_strict[i] ? in->g[i] > 0.0 : in->g[i] >= 0.0;
}

/* Initialisation knows no previous value, hence no hysteresis; evaluate_relations has set g and te. */
void events_set_relations(Instance *in)
{
    for (int i = 0; i < in->model->nr; i++) in->r[i] = relation_value(in, i, 0);
}

/* How much a relation changes when everything that it may depend on changes by its nominal: its own nominal. */
void events_scale_relations(Instance *in)
{
    const Model *m = in->model;
    double *x = in->solver.x_dense, *u = in->du;
    if (m->n_indicators == 0 || evaluate_relations(in, in->block[S_TIME], in->x)) return;
    for (int i = 0; i < m->nr; i++) in->r_scale[i] = fabs(in->g[i]);
    memcpy(in->solver.z_saved, in->z, (size_t)m->nz * sizeof(double));
    memcpy(u, in->u, (size_t)m->nu * sizeof(double));
    for (int i = 0; i < m->nx; i++) x[i] = in->x[i] + m->state_nominal[i] * (1.0 + 0.1 * (i % 7));
    for (int i = 0; i < m->nu; i++) in->u[i] += m->input_nominal[i] * (1.0 + 0.1 * (i % 5));
    if (evaluate_relations(in, in->block[S_TIME], x) == STATUS_OK)
        for (int i = 0; i < m->nr; i++) in->r_scale[i] = fmax(in->r_scale[i], fabs(in->g[i]));
    for (int i = 0; i < m->nr; i++)
        if (!(in->r_scale[i] > 0.0)) in->r_scale[i] = 1.0;
    memcpy(in->u, u, (size_t)m->nu * sizeof(double));
    memcpy(in->z, in->solver.z_saved, (size_t)m->nz * sizeof(double));
    evaluate_relations(in, in->block[S_TIME], in->x);
}

static int replace(double *old, const double *new_values, int n)
{
    int changed = 0;
    for (int i = 0; i < n; i++) {
        changed |= old[i] != new_values[i];
        old[i] = new_values[i];
    }
    return changed;
}

static int update_relations(Instance *in)
{
    int changed = 0;
    for (int i = 0; i < in->model->nr; i++) {
        double value = relation_value(in, i, 1);
        changed |= value != in->r[i];
        in->r[i] = value;
    }
    return changed;
}

/* Ever shorter intervals between reinitialisations end in a point of time that no step can pass. */
static int check_zeno(Instance *in)
{
    double *s = in->block, interval = s[S_TIME] - s[S_EVENT_TIME], ratio = interval / s[S_EVENT_INTERVAL];
    if (interval <= TIME_PRECISION * (1.0 + fabs(s[S_TIME]))) return STATUS_OK;
    if (ratio < 1.0 && fabs(ratio - s[S_EVENT_RATIO]) < ZENO_AGREEMENT * ratio) {
        if (s[S_SHRINKING_COUNT] == 0.0) s[S_SHRINKING_FROM] = s[S_EVENT_INTERVAL];
        s[S_SHRINKING_COUNT] += 1.0;
    } else {
        s[S_SHRINKING_COUNT] = 0.0;
    }
    s[S_EVENT_TIME] = s[S_TIME];
    s[S_EVENT_INTERVAL] = interval;
    s[S_EVENT_RATIO] = ratio;
    if (s[S_SHRINKING_COUNT] < ZENO_COUNT || interval > ZENO_SHRINK * s[S_SHRINKING_FROM]) return STATUS_OK;
    instance_log(in, LOG_ERROR,
                 "Events with reinit follow each other ever faster: at t = %.12g s the last interval was %.3g s, %g "
                 "events earlier it was %.3g s. The model cannot pass the point where they meet; let it stop bouncing, "
                 "for instance with a Boolean that is set when the speed falls below a threshold.",
                 s[S_TIME], interval, s[S_SHRINKING_COUNT], s[S_SHRINKING_FROM]);
    return STATUS_ERROR;
}

static int check_chattering(Instance *in)
{
    double *s = in->block, window = RAPID_SPAN + RAPID_RELATIVE * fabs(s[S_TIME]);
    s[S_RAPID_COUNT] += 1.0;
    if (s[S_TIME] - s[S_RAPID_TIME] > fmax(window, RAPID_PART * in->span)) {
        s[S_RAPID_TIME] = s[S_TIME];
        s[S_RAPID_COUNT] = 0.0;
    }
    if (s[S_RAPID_COUNT] < RAPID_COUNT) return STATUS_OK;
    instance_log(in, LOG_ERROR,
                 "%d events within %.3g s at t = %.12g s: a condition switches back and forth (chattering). Give it a "
                 "hysteresis, or write it with noEvent if switching exactly does not matter.",
                 RAPID_COUNT, s[S_TIME] - s[S_RAPID_TIME], s[S_TIME]);
    return STATUS_ERROR;
}

static int has_events(const Model *m)
{
    return m->nr + m->nd + m->nc + m->nm > 0;
}

static int explain_not_finite(Instance *in, int slot, const double *values)
{
    for (int i = 0; i < in->model->nv; i++) {
        const Variable *v = &in->model->variables[i];
        if (v->slot != slot || fabs(values[v->index]) < HUGE_VAL) continue;
        instance_log(in, LOG_ERROR,
                     "The event at t = %.9g s gives '%s' the value %g. A division by zero or the logarithm or root of a "
                     "negative number is the cause. Check the equations of its when clause.",
                     in->block[S_TIME], v->name, values[v->index]);
        break;
    }
    return STATUS_ERROR;
}

/* One pass of the event iteration: relations, then discrete equations with the values before as pre(). */
static int iterate_once(Instance *in, int is_initial, int *changed, int *state_changed)
{
    int moved;
    if (evaluate_relations(in, in->block[S_TIME], in->x)) return STATUS_ERROR;
    *changed = is_initial ? 1 : 0;
    *changed |= is_initial ? 0 : update_relations(in);
    if (solve_blocks(in, in->block[S_TIME], in->x)) return STATUS_ERROR;
    evaluate_event(in, is_initial);
    if (!evaluate_is_finite(in->d_new, in->model->nd))
        return explain_not_finite(in, SLOT_DISCRETE, in->d_new);
    if (!evaluate_is_finite(in->x_event, in->model->nx))
        return explain_not_finite(in, SLOT_STATE, in->x_event);
    *changed |= replace(in->d, in->d_new, in->model->nd);
    *changed |= replace(in->c, in->c_new, in->model->nc);
    moved = replace(in->x, in->x_event, in->model->nx);
    *state_changed |= moved;
    *changed |= moved;
    return messages_report_fired(in);
}

/* Event iteration at the current time until nothing changes. After a change the solver starts afresh. */
int events_update(Instance *in, int is_initial)
{
    int any = 0, state_changed = 0;
    if (!has_events(in->model)) return STATUS_OK;
    for (int iteration = 0; iteration < MAX_EVENT_ITERATIONS; iteration++) {
        int changed, status = iterate_once(in, is_initial, &changed, &state_changed);
        is_initial = 0;
        if (status == STATUS_ERROR) return status;
        any |= changed;
        if (changed) continue;
        instance_touch(in);
        if (any) in->block[S_STEP_SIZE] = 0.0;
        if (any && check_chattering(in)) return STATUS_ERROR;
        if (state_changed && check_zeno(in)) return STATUS_ERROR;
        return in->block[S_TERMINATED] != 0.0 ? STATUS_TERMINATE : STATUS_OK;
    }
    instance_log(in, LOG_ERROR,
                 "The event iteration at t = %.12g s does not settle within %d passes: discrete variables keep changing "
                 "each other. Break the cycle with pre().",
                 in->block[S_TIME], MAX_EVENT_ITERATIONS);
    return STATUS_ERROR;
}

/* Inputs or parameters were set at a communication point: a relation may have switched, a discrete equation changed. */
int events_refresh_inputs(Instance *in)
{
    if (in->block[S_INPUTS_CHANGED] == 0.0) return STATUS_OK;
    in->block[S_INPUTS_CHANGED] = 0.0;
    return events_update(in, 0);
}
