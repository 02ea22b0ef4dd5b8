/* RODAS: a stiffly accurate, L-stable Rosenbrock method of order 4 with an embedded solution of order 3.
 *
 * Six stages, one factorisation and no iteration per step: a co-simulation FMU mostly takes one solver step per
 * communication step, and with a Rosenbrock method such a step needs nothing from the one before.
 *
 * Source: E. Hairer, G. Wanner, Solving Ordinary Differential Equations II, 2nd ed., Springer 1996, section IV.7
 * (method) and their code RODAS, method 1 (coefficients in the transformed variables of (7.25), dense output).
 */
#include "instance.h"

#include <math.h>
#include <string.h>

#define STAGES 6
#define GAMMA 0.25

static const double A[STAGES][STAGES - 1] = {
    {0},
    {1.544},
    {0.9466785280815826, 0.2557011698983284},
    {3.314825187068521, 2.896124015972201, 0.9986419139977817},
    {1.221224509226641, 6.019134481288629, 12.53708332932087, -0.6878860361058950},
    {1.221224509226641, 6.019134481288629, 12.53708332932087, -0.6878860361058950, 1.0},
};
static const double C[STAGES][STAGES - 1] = {
    {0},
    {-5.6688},
    {-2.430093356833875, -0.2063599157091915},
    {-0.1073529058151375, -9.594562251023355, -20.47028614809616},
    {7.496443313967647, -10.24680431464352, -33.99990352819905, 11.70890893206160},
    {8.083246795921522, -7.981132988064893, -31.52159432874371, 16.31930543123136, -6.058818238834054},
};
static const double ALPHA[STAGES] = {0.0, 0.386, 0.21, 0.63, 1.0, 1.0};
static const double D_GAMMA[STAGES] = {0.25, -0.1043, 0.1035, -0.03620000000000023, 0.0, 0.0};
static const double DENSE3[STAGES - 1] = {10.12623508344586, -7.487995877610167, -34.80091861555747,
                                          -7.992771707568823, 1.025137723295662};
static const double DENSE4[STAGES - 1] = {-0.6762803392801253, 6.087714651680015, 16.43084320892478,
                                          24.76722511418386, -6.594389125716872};

/* Step size control of RODAS: safety factor and the largest change of h in one step. */
#define SAFETY 0.9
#define GROW_MOST 6.0
#define SHRINK_MOST 0.2
/* Below its minimum by this part of its nominal, a state is as good as at it. */
#define UNDERSHOOT 1e-11

/* f and its Jacobian at the start of a step; they serve every attempt at it. */
int rosenbrock_prepare(Instance *in, double t)
{
    SolverWork *s = &in->solver;
    if (in->model->nx == 0) return solve_blocks(in, t, in->x);
    if (evaluate_rhs(in, t, in->x, s->f0)) return STATUS_ERROR;
    return evaluate_jacobian(in, t, in->x, s->jac, s->dfdt);
}

/* out = base + sum of weight[j] k[j] over j < n, where weights of zero are skipped. */
static void combine(const Instance *in, const double *base, const double *weight, double scale, int n, double *out)
{
    int nx = in->model->nx;
    memcpy(out, base, (size_t)nx * sizeof(double));
    for (int j = 0; j < n; j++) {
        double q = weight[j] * scale;
        const double *k = in->solver.k[j];
        if (q == 0.0) continue;
        for (int i = 0; i < nx; i++) out[i] += q * k[i];
    }
}

static int stage(Instance *in, double t, double h, int j)
{
    SolverWork *s = &in->solver;
    const double *f = s->f0;
    combine(in, in->x, A[j], 1.0, j, s->stage);
    if (j > 0) {
        if (evaluate_rhs(in, t + ALPHA[j] * h, s->stage, s->f)) return STATUS_ERROR;
        f = s->f;
    }
    combine(in, f, C[j], 1.0 / h, j, s->k[j]);
    for (int i = 0; i < in->model->nx; i++) s->k[j][i] += h * D_GAMMA[j] * s->dfdt[i];
    linear_solve(in, s->k[j], s->k[j]);
    return STATUS_OK;
}

/* Root mean square of the error, each state against tolerance * (nominal + its size). */
static double error_norm(const Instance *in)
{
    const SolverWork *s = &in->solver;
    double sum = 0.0, tolerance = in->block[S_TOLERANCE];
    for (int i = 0; i < in->model->nx; i++) {
        double size = fmax(fabs(in->x[i]), fabs(s->x_new[i]));
        double q = s->k[STAGES - 1][i] / (tolerance * (in->model->state_nominal[i] + size));
        sum += q * q;
    }
    return sqrt(sum / in->model->nx);
}

/* From x at t to solver.x_new at t + h; error is 1 at the tolerance. z is left at the solution of the last stage. */
int rosenbrock_step(Instance *in, double t, double h, double *error)
{
    SolverWork *s = &in->solver;
    *error = 0.0;
    if (in->model->nx == 0) return STATUS_OK;
    if (linear_factor(in, 1.0 / (h * GAMMA))) return STATUS_ERROR;
    for (int j = 0; j < STAGES; j++)
        if (stage(in, t, h, j)) return STATUS_ERROR;
    for (int i = 0; i < in->model->nx; i++) s->x_new[i] = s->stage[i] + s->k[STAGES - 1][i];
    *error = error_norm(in);
    if (!(*error < HUGE_VAL)) return STATUS_ERROR;
    if (in->model->nr > 0) {
        memset(s->cont3, 0, (size_t)in->model->nx * sizeof(double));
        combine(in, s->cont3, DENSE4, 1.0, STAGES - 1, s->cont4);
        for (int j = 0; j < STAGES - 1; j++)
            for (int i = 0; i < in->model->nx; i++) s->cont3[i] += DENSE3[j] * s->k[j][i];
    }
    return STATUS_OK;
}

/* Whether a state falls below its minimum: contents below zero, by an error that the tolerance allows, have
 * concentrations and flows without meaning. One that is below already may fall further only where its equation says so. */
int rosenbrock_breaks_minimum(const Instance *in)
{
    const double *minimum = in->model->state_minimum, *nominal = in->model->state_nominal, *x_new = in->solver.x_new;
    for (int i = 0; i < in->model->nx; i++) {
        double slack = UNDERSHOOT * nominal[i], least = minimum[i] - slack;
        if (x_new[i] >= least) continue;
        if (in->x[i] >= least || (x_new[i] < in->x[i] - slack && in->solver.f0[i] >= 0.0)) return 1;
    }
    return 0;
}

/* The solution inside the last step, theta from 0 to 1, of order 3 (only computed for models with relations). */
void rosenbrock_dense(Instance *in, double theta, double *x)
{
    const SolverWork *s = &in->solver;
    double rest = 1.0 - theta;
    for (int i = 0; i < in->model->nx; i++)
        x[i] = in->x[i] * rest + theta * (s->x_new[i] + rest * (s->cont3[i] + theta * s->cont4[i]));
}

double rosenbrock_next_step(double h, double error)
{
    double factor = SAFETY * pow(fmax(error, 1e-10), -0.25);
    return h * fmin(GROW_MOST, fmax(SHRINK_MOST, factor));
}

static double weighted_norm(const Instance *in, const double *v)
{
    double sum = 0.0;
    for (int i = 0; i < in->model->nx; i++) {
        double q = v[i] / (in->block[S_TOLERANCE] * (in->model->state_nominal[i] + fabs(in->x[i])));
        sum += q * q;
    }
    return sqrt(sum / in->model->nx);
}

/* A first step from the size of f and of its rate of change: with tau the time scale on which f changes, the error of
 * a step grows like speed h (h / tau)^3; aim at a hundredth of the tolerance. rosenbrock_prepare has set f0.
 * (The idea is Hairer, Norsett, Wanner, Solving ODEs I, section II.4; theirs depends on the unit of time.) */
double rosenbrock_initial_step(Instance *in, double t, double span)
{
    SolverWork *s = &in->solver;
    int nx = in->model->nx;
    double speed = nx ? weighted_norm(in, s->f0) : 0.0;
    if (speed <= 0.0) return span;
    double probe = fmin(span, 1e-3 / (speed * in->block[S_TOLERANCE])); /* changes x by a thousandth of its scale */
    for (int i = 0; i < nx; i++) s->stage[i] = in->x[i] + probe * s->f0[i];
    memcpy(s->z_saved, in->z, (size_t)in->model->nz * sizeof(double));
    int failed = evaluate_rhs(in, t + probe, s->stage, s->f);
    memcpy(in->z, s->z_saved, (size_t)in->model->nz * sizeof(double));
    if (failed) return 0.01 * probe;
    for (int i = 0; i < nx; i++) s->f[i] = (s->f[i] - s->f0[i]) / probe;
    double change = weighted_norm(in, s->f);
    if (change <= speed / span * 1e-9) return span;
    double tau = speed / change;
    return fmin(span, pow(0.01 * tau * tau * tau / speed, 0.25));
}
