/* Initialisation: start values, the initial equations for states without a fixed start, the first event iteration. */
#include "instance.h"

#include <math.h>
#include <string.h>

#define MAX_ITERATIONS 100
#define MAX_HALVINGS 40
#define CONVERGED 1e-12
/* Relations may switch as the initial equations move the states: repeat until they agree, at most this often. */
#define MAX_PASSES 20

static void apply_start_values(Instance *in)
{
    evaluate_start(in, in->x, in->d, in->z);
    for (int i = 0; i < in->model->nx; i++)
        if (in->x_is_set[i] != 0.0) in->x[i] = in->x_start[i];
    for (int i = 0; i < in->model->nd; i++)
        if (in->d_is_set[i] != 0.0) in->d[i] = in->d_start[i];
}

static int starts_are_finite(const Instance *in)
{
    return evaluate_is_finite(in->x, in->model->nx) && evaluate_is_finite(in->d, in->model->nd);
}

static int initial_residual(Instance *in, double *norm)
{
    double sum = 0.0;
    if (solve_blocks(in, in->block[S_TIME], in->x)) return STATUS_ERROR;
    evaluate_initial_equations(in);
    for (int i = 0; i < in->model->ni; i++) sum += in->init_residual[i] * in->init_residual[i];
    *norm = sum;
    return sum < HUGE_VAL ? STATUS_OK : STATUS_ERROR;
}

/* x = start - damping * direction for the free states, halved until the residual falls. */
static int damped_step(Instance *in, const double *start, const double *direction, double norm)
{
    const Model *m = in->model;
    double damping = 1.0, trial;
    for (int halving = 0; halving < MAX_HALVINGS; halving++, damping *= 0.5) {
        for (int i = 0; i < m->ni; i++) in->x[m->free_state[i]] = start[i] - damping * direction[i];
        if (initial_residual(in, &trial) == STATUS_OK && (trial < norm || trial == 0.0)) return STATUS_OK;
    }
    return STATUS_ERROR;
}

static int solve_initial_equations(Instance *in)
{
    const Model *m = in->model;
    double *start = in->df, *direction = in->dx, norm;
    if (m->ni == 0) return STATUS_OK;
    if (initial_residual(in, &norm)) return STATUS_ERROR;
    for (int iteration = 0; iteration < MAX_ITERATIONS; iteration++) {
        double largest = 0.0;
        if (norm == 0.0) return STATUS_OK;
        if (dense_factor(in->init_jac, in->init_pivot, m->ni)) return STATUS_ERROR;
        memcpy(direction, in->init_residual, (size_t)m->ni * sizeof(double));
        dense_solve(in->init_jac, in->init_pivot, direction, m->ni);
        for (int i = 0; i < m->ni; i++) {
            start[i] = in->x[m->free_state[i]];
            largest = fmax(largest, fabs(direction[i]) / (fabs(start[i]) + m->state_nominal[m->free_state[i]]));
        }
        if (largest < CONVERGED) return STATUS_OK;
        if (damped_step(in, start, direction, norm)) return largest < 1e-8 ? STATUS_OK : STATUS_ERROR;
        if (initial_residual(in, &norm)) return STATUS_ERROR;
    }
    return STATUS_ERROR;
}

/* Set the relations from the current point; *changed tells whether one differs from before. */
static int settle_relations(Instance *in, int *changed)
{
    *changed = 0;
    if (evaluate_relations(in, in->block[S_TIME], in->x)) return STATUS_ERROR;
    memcpy(in->r_before, in->r, (size_t)in->model->nr * sizeof(double));
    events_set_relations(in);
    for (int i = 0; i < in->model->nr; i++) *changed |= in->r_before[i] != in->r[i];
    return STATUS_OK;
}

static int solve_start(Instance *in)
{
    int changed = 1;
    for (int pass = 0; pass < MAX_PASSES && changed; pass++) {
        if (settle_relations(in, &changed)) return STATUS_ERROR;
        if (pass > 0 && !changed) return STATUS_OK;
        if (solve_initial_equations(in)) return STATUS_ERROR;
        if (in->model->ni == 0) changed = 0;
        if (in->model->ni > 0 && pass == 0) changed = 1;
    }
    return changed ? STATUS_ERROR : STATUS_OK;
}

static int fail(Instance *in)
{
    messages_explain(in);
    range_check(in);
    instance_log(in, LOG_ERROR,
                 "The initial values of '%s' cannot be computed at t = %.9g s: its initial equations or algebraic loops "
                 "have no solution near the start values. Check parameters, inputs and start values.",
                 in->model->name, in->block[S_TIME]);
    return STATUS_ERROR;
}

/* Compute everything at the start time; called again whenever something was set in initialisation mode. */
int initialise(Instance *in)
{
    in->block[S_INITIALISED] = 0.0;
    in->block[S_TERMINATED] = 0.0;
    in->newton.failed_block = -1;
    memset(in->c, 0, (size_t)in->model->nc * sizeof(double));
    memset(in->r, 0, (size_t)in->model->nr * sizeof(double));
    memset(in->assert_seen, 0, (size_t)in->model->na * sizeof(double));
    instance_touch(in);
    apply_start_values(in);
    if (!starts_are_finite(in) || solve_start(in)) return fail(in);
    int status = events_update(in, 1);
    if (status == STATUS_ERROR) return fail(in);
    if (evaluate_derivatives(in) || evaluate_outputs(in) || !evaluate_is_finite(in->y, in->model->ny)) return fail(in);
    events_scale_relations(in);
    in->block[S_INITIALISED] = 1.0;
    in->block[S_INPUTS_CHANGED] = 0.0;
    in->block[S_STEP_SIZE] = 0.0;
    in->block[S_EVENT_TIME] = in->block[S_TIME];
    in->block[S_EVENT_INTERVAL] = 1e300;
    in->block[S_EVENT_RATIO] = 0.0;
    in->block[S_SHRINKING_COUNT] = 0.0;
    in->block[S_RAPID_TIME] = in->block[S_TIME];
    in->block[S_RAPID_COUNT] = 0.0;
    return STATUS_OK;
}
