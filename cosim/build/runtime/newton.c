/* Solving the torn algebraic blocks for z at (t, x): damped Newton, all blocks of one level together.
 *
 * One call of m_alg evaluates every block, so blocks that do not depend on each other (a pH in each cell of a column)
 * cost one sweep. Each keeps its own damping and stops on its own.
 */
#include "instance.h"

#include <math.h>
#include <string.h>

#define MAX_ITERATIONS 100
#define MAX_HALVINGS 40
/* A relative correction below CONVERGED leaves an error of its square: Newton converges quadratically. */
#define CONVERGED 1e-9
/* Below STALLED a correction that no longer shrinks is round-off of the residual, not divergence. */
#define STALLED 1e-6
/* Corrections this small need no line search. */
#define SMALL_STEP 1e-2

static double relative_step(const Instance *in, const Block *b)
{
    double largest = 0.0;
    for (int i = b->offset; i < b->offset + b->size; i++) {
        double weight = fabs(in->z[i]) + 1e-10 * in->model->z_nominal[i];
        double q = fabs(in->newton.step[i]) / weight;
        if (!(q <= largest)) largest = q; /* also takes NaN over */
    }
    return largest;
}

static double scaled_norm(const Instance *in, const Block *b, const double *residual)
{
    double sum = 0.0;
    for (int i = b->offset; i < b->offset + b->size; i++) {
        double q = residual[i] * in->newton.scaled[i];
        sum += q * q;
    }
    return sum;
}

/* Rows differ in unit and size: weigh each by the change that its variables can make in it. */
static void scale_rows(Instance *in, const Block *b)
{
    NewtonWork *n = &in->newton;
    for (int i = b->offset; i < b->offset + b->size; i++) n->scaled[i] = 0.0;
    for (int e = b->jac_start; e < b->jac_end; e++) {
        int j = in->model->z_column[e];
        n->scaled[in->model->z_row[e]] += fabs(n->jac[e]) * (fabs(in->z[j]) + 1e-6 * in->model->z_nominal[j]);
    }
    for (int i = b->offset; i < b->offset + b->size; i++) n->scaled[i] = n->scaled[i] > 0.0 ? 1.0 / n->scaled[i] : 1.0;
}

static int newton_direction(Instance *in, const Block *b)
{
    NewtonWork *n = &in->newton;
    size_t size = (size_t)b->size;
    if (b->size == 1 && b->jac_end == b->jac_start + 1) {
        n->step[b->offset] = n->residual[b->offset] / n->jac[b->jac_start];
        return STATUS_OK;
    }
    memset(n->dense, 0, size * size * sizeof(double));
    for (int e = b->jac_start; e < b->jac_end; e++)
        n->dense[(in->model->z_row[e] - b->offset) + (in->model->z_column[e] - b->offset) * b->size] = n->jac[e];
    if (dense_factor(n->dense, n->pivot, b->size)) return STATUS_ERROR;
    memcpy(n->step + b->offset, n->residual + b->offset, size * sizeof(double));
    dense_solve(n->dense, n->pivot, n->step + b->offset, b->size);
    return STATUS_OK;
}

/* z = start of the step - damping * direction, stopping half way to a bound that it would cross. */
static void take_step(Instance *in, const Block *b, double damping)
{
    NewtonWork *n = &in->newton;
    for (int i = b->offset; i < b->offset + b->size; i++) {
        double low = in->model->z_minimum[i], high = in->model->z_maximum[i];
        double q = n->trial[i] - damping * n->step[i];
        if (q < low) q = 0.5 * (n->trial[i] + low);
        if (q > high) q = 0.5 * (n->trial[i] + high);
        in->z[i] = q;
    }
}

/* Damping per block: 0 marks a block that takes part in no line search. */
static int line_search(Instance *in, double t, const double *x, int first, int last)
{
    const Block *blocks = in->model->blocks;
    NewtonWork *n = &in->newton;
    for (int halving = 0; halving < MAX_HALVINGS; halving++) {
        int open = 0;
        evaluate_residuals(in, t, x, n->residual, NULL);
        for (int k = first; k < last; k++) {
            if (n->damping[k] == 0.0) continue;
            if (scaled_norm(in, &blocks[k], n->residual) < n->norm[k]) {
                n->damping[k] = 0.0;
                continue;
            }
            n->damping[k] *= 0.5;
            take_step(in, &blocks[k], n->damping[k]);
            open = 1;
        }
        if (!open) return STATUS_OK;
    }
    for (int k = first; k < last; k++)
        if (n->damping[k] != 0.0) n->failed_block = k;
    return STATUS_ERROR;
}

/* One full step of a block; its norm slot holds the last relative step while no line search is open. */
static int iterate_block(Instance *in, int k, double *last_step)
{
    const Block *b = &in->model->blocks[k];
    NewtonWork *n = &in->newton;
    n->damping[k] = 0.0;
    scale_rows(in, b);
    n->norm[k] = scaled_norm(in, b, n->residual);
    if (n->norm[k] == 0.0) {
        n->done[k] = 1;
        return STATUS_OK;
    }
    if (!(n->norm[k] < HUGE_VAL) || newton_direction(in, b)) return STATUS_ERROR;
    double step = relative_step(in, b);
    if (!(step < HUGE_VAL)) return STATUS_ERROR;
    memcpy(n->trial + b->offset, in->z + b->offset, (size_t)b->size * sizeof(double));
    take_step(in, b, 1.0);
    if (step < CONVERGED || (step < STALLED && step > 0.5 * *last_step)) n->done[k] = 1;
    *last_step = step;
    if (step > SMALL_STEP) n->damping[k] = 1.0;
    return STATUS_OK;
}

static int solve_level(Instance *in, double t, const double *x, int first, int last)
{
    NewtonWork *n = &in->newton;
    for (int k = first; k < last; k++) {
        n->done[k] = 0;
        n->last_step[k] = HUGE_VAL;
    }
    for (int iteration = 0; iteration < MAX_ITERATIONS; iteration++) {
        int open = 0, searching = 0;
        evaluate_residuals(in, t, x, n->residual, n->jac);
        for (int k = first; k < last; k++) {
            if (n->done[k]) continue;
            n->failed_block = k;
            if (iterate_block(in, k, &n->last_step[k])) return STATUS_ERROR;
            open |= !n->done[k];
            searching |= n->damping[k] != 0.0;
        }
        if (searching && line_search(in, t, x, first, last)) return STATUS_ERROR;
        if (!open) {
            n->failed_block = -1;
            return STATUS_OK;
        }
    }
    return STATUS_ERROR;
}

static int solve_all_levels(Instance *in, double t, const double *x)
{
    const Block *blocks = in->model->blocks;
    for (int first = 0, last; first < in->model->n_blocks; first = last) {
        for (last = first; last < in->model->n_blocks && blocks[last].level == blocks[first].level;) last++;
        for (int k = first; k < last; k++) in->newton.damping[k] = 0.0;
        if (solve_level(in, t, x, first, last)) return STATUS_ERROR;
    }
    return STATUS_OK;
}

int solve_blocks(Instance *in, double t, const double *x)
{
    if (in->model->nz == 0 || solve_all_levels(in, t, x) == STATUS_OK) return STATUS_OK;
    /* While initialising, the values of a previous attempt may be far off; the model's start values get a second try. */
    if (in->block[S_INITIALISED] != 0.0) return STATUS_ERROR;
    evaluate_start(in, in->x_event, in->d_new, in->z);
    return solve_all_levels(in, t, x);
}

void newton_explain(Instance *in, double t)
{
    int k = in->newton.failed_block;
    if (in->model->nz == 0 || k < 0) return;
    const Block *b = &in->model->blocks[k];
    instance_log(in, LOG_ERROR,
                 "The algebraic loop of %d unknown(s) around '%s' has no solution that Newton's method finds at t = %.9g "
                 "s (%s = %.9g). Check its inputs and parameters, or give the variable a start value nearer to the "
                 "solution.",
                 b->size, in->model->z_name[b->offset], t, in->model->z_name[b->offset], in->z[b->offset]);
}
