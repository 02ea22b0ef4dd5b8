/* Calling the generated functions: put the vectors in place, solve the algebraic blocks first, check for NaN. */
#include "instance.h"

#include <string.h>

static void set_arguments(Instance *in, double t, const double *x)
{
    if (in->inputs_move) inputs_at(in, t);
    in->t_argument = t;
    in->arg[0] = &in->t_argument;
    in->arg[1] = x;
    in->arg[2] = in->z;
    in->arg[3] = in->u;
    in->arg[4] = in->p;
    in->arg[5] = in->d;
    in->arg[6] = in->r;
}

static void call(Instance *in, ModelFunction function)
{
    function(in->arg, in->res, in->iw, in->w, 0);
}

int evaluate_is_finite(const double *values, int n)
{
    double sum = 0.0; /* NaN and infinity survive multiplication by zero as NaN */
    for (int i = 0; i < n; i++) sum += values[i] * 0.0;
    return sum == 0.0;
}

int evaluate_rhs(Instance *in, double t, const double *x, double *f)
{
    if (solve_blocks(in, t, x)) return STATUS_ERROR;
    set_arguments(in, t, x);
    in->res[0] = f;
    call(in, in->model->f.rhs);
    return evaluate_is_finite(f, in->model->nx) ? STATUS_OK : STATUS_ERROR;
}

/* Add to df/dt what moving inputs contribute. */
static int add_input_rates(Instance *in, double t, const double *x, double *dfdt)
{
    memset(in->dx, 0, (size_t)in->model->nx * sizeof(double));
    memset(in->dp, 0, (size_t)in->model->np * sizeof(double));
    inputs_rate(in, t, in->du);
    in->dt = 0.0;
    if (evaluate_direction(in, t, x)) return STATUS_ERROR;
    for (int i = 0; i < in->model->nx; i++) dfdt[i] += in->df[i];
    return STATUS_OK;
}

/* z must have been solved at (t, x), which evaluate_rhs has done for every caller. */
int evaluate_jacobian(Instance *in, double t, const double *x, double *jac, double *dfdt)
{
    set_arguments(in, t, x);
    in->res[0] = jac;
    in->res[1] = dfdt;
    call(in, in->model->f.jac);
    if (in->inputs_move && add_input_rates(in, t, x, dfdt)) return STATUS_ERROR;
    return evaluate_is_finite(jac, in->model->jac_nnz) && evaluate_is_finite(dfdt, in->model->nx) ? STATUS_OK : STATUS_ERROR;
}

int evaluate_outputs(Instance *in)
{
    if (in->y_is_valid) return STATUS_OK;
    if (solve_blocks(in, in->block[S_TIME], in->x)) return STATUS_ERROR;
    set_arguments(in, in->block[S_TIME], in->x);
    in->res[0] = in->y;
    call(in, in->model->f.out);
    in->y_is_valid = 1;
    return STATUS_OK;
}

int evaluate_derivatives(Instance *in)
{
    if (in->f_is_valid) return STATUS_OK;
    if (evaluate_rhs(in, in->block[S_TIME], in->x, in->f)) return STATUS_ERROR;
    in->f_is_valid = 1;
    return STATUS_OK;
}

int evaluate_relations(Instance *in, double t, const double *x)
{
    if (in->model->nr == 0) return STATUS_OK;
    if (solve_blocks(in, t, x)) return STATUS_ERROR;
    set_arguments(in, t, x);
    in->res[0] = in->g;
    in->res[1] = in->te;
    call(in, in->model->f.rel);
    return evaluate_is_finite(in->g, in->model->nr) ? STATUS_OK : STATUS_ERROR;
}

void evaluate_residuals(Instance *in, double t, const double *x, double *residual, double *jac)
{
    set_arguments(in, t, x);
    in->res[0] = residual;
    in->res[1] = jac;
    call(in, in->model->f.alg);
}

/* arg[5] is d before the event and arg[7] the when-conditions before it: the function does not alias its results. */
void evaluate_event(Instance *in, int is_initial)
{
    set_arguments(in, in->block[S_TIME], in->x);
    in->initial_argument = is_initial;
    in->arg[7] = in->c;
    in->arg[8] = &in->initial_argument;
    in->res[0] = in->d_new;
    in->res[1] = in->x_event;
    in->res[2] = in->c_new;
    in->res[3] = in->fired;
    call(in, in->model->f.event);
}

void evaluate_start(Instance *in, double *x, double *d, double *z)
{
    in->arg[0] = in->p;
    in->res[0] = x;
    in->res[1] = d;
    in->res[2] = z;
    call(in, in->model->f.start);
}

void evaluate_initial_equations(Instance *in)
{
    set_arguments(in, in->block[S_TIME], in->x);
    in->res[0] = in->init_residual;
    in->res[1] = in->init_jac;
    call(in, in->model->f.init);
}

void evaluate_asserts(Instance *in)
{
    set_arguments(in, in->block[S_TIME], in->x);
    in->res[0] = in->asserted;
    call(in, in->model->f.check);
}

/* Derivatives of f and y at (t, x) along dx, du, dp, dt. */
int evaluate_direction(Instance *in, double t, const double *x)
{
    if (solve_blocks(in, t, x)) return STATUS_ERROR;
    set_arguments(in, t, x);
    in->arg[7] = in->dx;
    in->arg[8] = in->du;
    in->arg[9] = in->dp;
    in->arg[10] = &in->dt;
    in->res[0] = in->df;
    in->res[1] = in->dy;
    call(in, in->model->f.dir);
    return evaluate_is_finite(in->df, in->model->nx) && evaluate_is_finite(in->dy, in->model->ny) ? STATUS_OK : STATUS_ERROR;
}
