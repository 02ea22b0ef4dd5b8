/* Derivatives of outputs with respect to time, orders 1 and 2, along the trajectory at the current point.
 *
 * With v = (f, u', 1), the direction in which (x, u, t) moves, the generated directional derivatives D give
 * y' = Dy v and f' = Df v, exactly. Then y'' = Dy (f', u'', 0) + the change of Dy v along v with v held. Only this last
 * term, which is zero where the model is linear, is a central difference.
 */
#include "instance.h"

#include <float.h>
#include <math.h>
#include <string.h>

/* Part of the scale of a quantity by which a difference moves it: near the cube root of the round-off. */
#define MOVE 1e-5
/* Part of the solver's and of the communication step: quantities change over these by much less than their scale. */
#define PART 1e-3

static void copy(double *to, const double *from, int n)
{
    memcpy(to, from, (size_t)n * sizeof(double));
}

/* D along (dx, u^(order), dt) at (t, x): results in df and dy. */
static int direction(Instance *in, double t, const double *x, const double *dx, int order, double dt)
{
    copy(in->dx, dx, in->model->nx);
    copy(in->du, in->u_rate[order - 1], in->model->nu);
    memset(in->dp, 0, (size_t)in->model->np * sizeof(double));
    in->dt = dt;
    return evaluate_direction(in, t, x);
}

/* A time [s] in which nothing moves far, from what a restored state knows too. */
static double small_time(const Instance *in)
{
    const Model *m = in->model;
    double s = in->block[S_LAST_SPAN] > 0.0 ? PART * in->block[S_LAST_SPAN] : PART;
    if (in->block[S_STEP_SIZE] > 0.0) s = fmin(s, PART * in->block[S_STEP_SIZE]);
    for (int i = 0; i < m->nx; i++)
        if (in->f[i] != 0.0) s = fmin(s, MOVE * (m->state_nominal[i] + fabs(in->x[i])) / fabs(in->f[i]));
    for (int i = 0; i < m->nu; i++)
        if (in->u_rate[0][i] != 0.0) s = fmin(s, MOVE * (m->input_nominal[i] + fabs(in->u[i])) / fabs(in->u_rate[0][i]));
    return s;
}

/* Dy v and Df v at a point moved by s along v, with v as it is here. */
static int moved_direction(Instance *in, double s)
{
    double *x = in->solver.stage;
    for (int i = 0; i < in->model->nx; i++) x[i] = in->x[i] + s * in->f[i];
    for (int i = 0; i < in->model->nu; i++) in->u[i] = in->u_begin[i] + s * in->u_rate[0][i];
    int failed = direction(in, in->block[S_TIME] + s, x, in->f, 1, 1.0);
    copy(in->u, in->u_begin, in->model->nu);
    copy(in->z, in->solver.z_saved, in->model->nz);
    return failed;
}

/* Add sign * (df, dy) of a moved point, or of this point where the model cannot be evaluated there; return |s| used. */
static double add_side(Instance *in, double s, double sign)
{
    int failed = moved_direction(in, sign * s);
    const double *df = failed ? in->f_rate[0] : in->df, *dy = failed ? in->y_rate[0] : in->dy;
    for (int i = 0; i < in->model->nx; i++) in->f_rate[1][i] += sign * df[i];
    for (int i = 0; i < in->model->ny; i++) in->y_rate[1][i] += sign * dy[i];
    return failed ? 0.0 : s;
}

static int second_order(Instance *in)
{
    const Model *m = in->model;
    double s = small_time(in);
    memset(in->f_rate[1], 0, (size_t)m->nx * sizeof(double));
    memset(in->y_rate[1], 0, (size_t)m->ny * sizeof(double));
    copy(in->u_begin, in->u, m->nu);
    copy(in->solver.z_saved, in->z, m->nz);
    double width = add_side(in, s, 1.0) + add_side(in, s, -1.0);
    if (!(width > 0.0) || direction(in, in->block[S_TIME], in->x, in->f_rate[0], 2, 0.0)) return STATUS_ERROR;
    for (int i = 0; i < m->nx; i++) in->f_rate[1][i] = in->f_rate[1][i] / width + in->df[i];
    for (int i = 0; i < m->ny; i++) in->y_rate[1][i] = in->y_rate[1][i] / width + in->dy[i];
    return STATUS_OK;
}

static int evaluate_rates(Instance *in, int order)
{
    if (in->rates_valid >= order) return STATUS_OK;
    if (evaluate_derivatives(in) || direction(in, in->block[S_TIME], in->x, in->f, 1, 1.0)) return STATUS_ERROR;
    copy(in->f_rate[0], in->df, in->model->nx);
    copy(in->y_rate[0], in->dy, in->model->ny);
    if (order > 1 && second_order(in)) return STATUS_ERROR;
    in->rates_valid = order;
    return STATUS_OK;
}

/* Outputs may be states, inputs or discrete variables themselves, not only entries of y. */
static double rate(const Instance *in, const Variable *v, int order)
{
    switch (v->slot) {
    case SLOT_STATE:
        return order == 1 ? in->f[v->index] : in->f_rate[0][v->index];
    case SLOT_DERIVATIVE:
        return in->f_rate[order - 1][v->index];
    case SLOT_OUTPUT:
        return in->y_rate[order - 1][v->index];
    case SLOT_INPUT:
        return in->u_rate[order - 1][v->index];
    case SLOT_TIME:
        return order == 1;
    default:
        return 0.0;
    }
}

static int check(Instance *in, const char *function, unsigned reference, int order)
{
    const Variable *v = variables_find(in, function, reference, 1u << TYPE_REAL);
    if (!v) return STATUS_ERROR;
    if (order >= 1 && order <= OUTPUT_ORDERS) return STATUS_OK;
    instance_log(in, LOG_ERROR, "%s: the derivative of '%s' has order %d; this FMU gives 1 to %d.", function, v->name,
                 order, OUTPUT_ORDERS);
    return STATUS_ERROR;
}

int rates_of(Instance *in, const char *function, const unsigned *references, const int *orders, size_t n, double *rates)
{
    int highest = 0;
    for (size_t i = 0; i < n; i++) {
        if (check(in, function, references[i], orders[i])) return STATUS_ERROR;
        if (orders[i] > highest) highest = orders[i];
    }
    if (highest > 0 && evaluate_rates(in, highest)) {
        messages_explain(in);
        instance_log(in, LOG_ERROR, "%s: the derivatives cannot be evaluated at t = %.12g s.", function,
                     in->block[S_TIME]);
        return STATUS_ERROR;
    }
    for (size_t i = 0; i < n; i++) rates[i] = rate(in, &in->model->variables[references[i]], orders[i]);
    return STATUS_OK;
}
