/* Inputs that move within a communication step, each along a polynomial about its start.
 *
 * The derivatives that the importer sets hold for the next step only; after it they stay, taken at its end, as the slopes
 * from the left that the derivatives of outputs need. Inputs without derivatives take none of these paths.
 */
#include "instance.h"

#include <math.h>
#include <string.h>

/* The next step holds its inputs, unless derivatives are set again. */
void inputs_hold(Instance *in)
{
    for (int k = 0; k < INPUT_ORDERS; k++) memset(in->u_rate[k], 0, (size_t)in->model->nu * sizeof(double));
    in->block[S_INPUTS_MOVE] = in->block[S_INPUTS_PAST] = 0.0;
    in->rates_valid = 0;
}

static int refuse(Instance *in, const char *function, const Variable *v, int order, double value)
{
    if (v->slot != SLOT_INPUT)
        instance_log(in, LOG_ERROR, "%s: variable '%s' is no input.", function, v->name);
    else if (order < 1 || order > INPUT_ORDERS)
        instance_log(in, LOG_ERROR, "%s: the derivative of '%s' has order %d; this FMU takes 1 to %d.", function, v->name,
                     order, INPUT_ORDERS);
    else if (!(fabs(value) < HUGE_VAL))
        instance_log(in, LOG_ERROR, "%s: derivative %d of '%s' cannot be set to %g at t = %.9g s; give a finite number.",
                     function, order, v->name, value, in->block[S_TIME]);
    else
        return 0;
    return 1;
}

int inputs_set_rate(Instance *in, const char *function, unsigned reference, int order, double value)
{
    const Variable *v = variables_find(in, function, reference, 1u << TYPE_REAL);
    if (!v || refuse(in, function, v, order, value)) return STATUS_ERROR;
    if (in->block[S_INPUTS_PAST] != 0.0) inputs_hold(in);
    in->u_rate[order - 1][v->index] = value;
    if (value != 0.0) in->block[S_INPUTS_MOVE] = 1.0;
    in->rates_valid = 0;
    return STATUS_OK;
}

void inputs_begin(Instance *in)
{
    if (in->block[S_INPUTS_PAST] != 0.0) inputs_hold(in);
    in->inputs_move = in->block[S_INPUTS_MOVE] != 0.0;
    in->input_begin = in->input_time = in->block[S_TIME];
    memcpy(in->u_begin, in->u, (size_t)in->model->nu * sizeof(double));
}

/* Bring the inputs to the time t. */
void inputs_at(Instance *in, double t)
{
    double tau = t - in->input_begin;
    if (t == in->input_time) return;
    for (int i = 0; i < in->model->nu; i++) {
        double bend = in->u_rate[1][i] + tau / 3.0 * in->u_rate[2][i];
        in->u[i] = in->u_begin[i] + tau * (in->u_rate[0][i] + tau / 2.0 * bend);
    }
    in->input_time = t;
}

void inputs_rate(const Instance *in, double t, double *rate)
{
    double tau = t - in->input_begin;
    for (int i = 0; i < in->model->nu; i++)
        rate[i] = in->u_rate[0][i] + tau * (in->u_rate[1][i] + tau / 2.0 * in->u_rate[2][i]);
}

/* The step is over, wherever it ended: move the polynomials' origin there. */
void inputs_end(Instance *in)
{
    double tau = in->block[S_TIME] - in->input_begin;
    if (!in->inputs_move) return;
    inputs_at(in, in->block[S_TIME]);
    inputs_rate(in, in->block[S_TIME], in->u_rate[0]);
    for (int i = 0; i < in->model->nu; i++) in->u_rate[1][i] += tau * in->u_rate[2][i];
    in->inputs_move = 0;
    in->block[S_INPUTS_PAST] = 1.0;
}

/* Derivatives from values: u_begin now, and u_rate[k] holding the values k + 1 intervals [s] later, which they replace. */
void inputs_fit(Instance *in, double interval)
{
    for (int i = 0; i < in->model->nu; i++) {
        double a = in->u_begin[i], b = in->u_rate[0][i], c = in->u_rate[1][i], e = in->u_rate[2][i];
        double first = b - a, second = c - 2.0 * b + a, third = e - 3.0 * c + 3.0 * b - a; /* forward differences */
        in->u_rate[0][i] = (first - second / 2.0 + third / 3.0) / interval;
        in->u_rate[1][i] = (second - third) / (interval * interval);
        in->u_rate[2][i] = third / (interval * interval * interval);
    }
    in->block[S_INPUTS_MOVE] = 1.0;
}
