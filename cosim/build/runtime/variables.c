/* Reading and writing variables by value reference, and derivatives with respect to them. */
#include "instance.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Part of its size by which a known is moved for a difference: the cube root of the round-off. */
#define INITIAL_MOVE 6e-6

static const char *const TYPE_NAME[] = {"Real", "Integer", "Boolean", "Enumeration"};

const Variable *variables_find(Instance *in, const char *function, unsigned reference, unsigned types)
{
    if (reference >= (unsigned)in->model->nv) {
        instance_log(in, LOG_ERROR, "%s: there is no variable with value reference %u.", function, reference);
        return NULL;
    }
    const Variable *v = &in->model->variables[reference];
    if (types & (1u << v->type)) return v;
    instance_log(in, LOG_ERROR, "%s: variable '%s' has type %s; use the function for that type.", function, v->name,
                 TYPE_NAME[v->type]);
    return NULL;
}

static int refresh(Instance *in, int slot)
{
    switch (slot) {
    case SLOT_DERIVATIVE:
        return evaluate_derivatives(in);
    case SLOT_OUTPUT:
        return evaluate_outputs(in);
    case SLOT_INDICATOR:
        return evaluate_relations(in, in->block[S_TIME], in->x);
    default:
        return STATUS_OK;
    }
}

/* In initialisation mode whatever is read must follow from whatever was set so far. */
static int ensure_initialised(Instance *in)
{
    if ((int)in->block[S_MODE] != MODE_INITIALIZATION || in->block[S_INITIALISED] != 0.0) return STATUS_OK;
    return initialise(in);
}

/* What is not finite, or not an Integer of FMI, must not reach the importer as if it were. */
static int check_values(Instance *in, const char *function, const unsigned *references, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        const Variable *v = &in->model->variables[references[i]];
        double value = variables_value(in, references[i]), limit = v->type == TYPE_INTEGER ? 2147483648.0 : HUGE_VAL;
        if (fabs(value) < limit) continue;
        instance_log(in, LOG_ERROR, "%s: variable '%s' is %g at t = %.12g s%s.", function, v->name, value,
                     in->block[S_TIME], fabs(value) < HUGE_VAL ? ", too large for an Integer" : "");
        return STATUS_ERROR;
    }
    return STATUS_OK;
}

int variables_prepare(Instance *in, const char *function, const unsigned *references, size_t n, unsigned types)
{
    unsigned needed = 0;
    for (size_t i = 0; i < n; i++) {
        const Variable *v = variables_find(in, function, references[i], types);
        if (!v) return STATUS_ERROR;
        needed |= 1u << v->slot;
    }
    if (ensure_initialised(in)) return STATUS_ERROR;
    for (int slot = SLOT_DERIVATIVE; slot <= SLOT_INDICATOR; slot++) {
        if (!(needed & (1u << slot)) || refresh(in, slot) == STATUS_OK) continue;
        messages_explain(in);
        instance_log(in, LOG_ERROR, "%s: the variables cannot be evaluated at t = %.12g s.", function, in->block[S_TIME]);
        return STATUS_ERROR;
    }
    return check_values(in, function, references, n);
}

double variables_value(const Instance *in, unsigned reference)
{
    const Variable *v = &in->model->variables[reference];
    switch (v->slot) {
    case SLOT_STATE:
        return in->x[v->index];
    case SLOT_DERIVATIVE:
        return in->f[v->index];
    case SLOT_INPUT:
        return in->u[v->index];
    case SLOT_PARAMETER:
        return in->p[v->index];
    case SLOT_DISCRETE:
        return in->d[v->index];
    case SLOT_OUTPUT:
        return in->y[v->index];
    case SLOT_INDICATOR:
        return events_indicator(in, v->index);
    case SLOT_TIME:
        return in->block[S_TIME];
    default:
        return v->value;
    }
}

static int may_be_set(Instance *in, const char *function, const Variable *v)
{
    int mode = (int)in->block[S_MODE];
    if (mode == MODE_INTERMEDIATE && v->slot != SLOT_INPUT) {
        instance_log(in, LOG_ERROR, "%s: variable '%s' is no input; only inputs can be set within a step.", function,
                     v->name);
        return 0;
    }
    if (v->settable == SET_ALWAYS) return 1;
    if (v->settable == SET_START && (mode & (MODE_INSTANTIATED | MODE_INITIALIZATION))) return 1;
    instance_log(in, LOG_ERROR, "%s: variable '%s' can%s be set%s.", function, v->name,
                 v->settable == SET_START ? "" : "not",
                 v->settable == SET_START ? " only until initialisation ends" : "; the model computes it");
    return 0;
}

static void store(Instance *in, const Variable *v, double value)
{
    switch (v->slot) {
    case SLOT_STATE:
        in->x[v->index] = in->x_start[v->index] = value;
        in->x_is_set[v->index] = 1.0;
        break;
    case SLOT_INPUT:
        in->u[v->index] = value;
        break;
    case SLOT_PARAMETER:
        in->p[v->index] = value;
        break;
    case SLOT_DISCRETE:
        in->d[v->index] = in->d_start[v->index] = value;
        in->d_is_set[v->index] = 1.0;
        break;
    default:
        break;
    }
}

int variables_set(Instance *in, const char *function, unsigned reference, unsigned types, double value)
{
    const Variable *v = variables_find(in, function, reference, types);
    if (!v || !may_be_set(in, function, v)) return STATUS_ERROR;
    if (!(fabs(value) < HUGE_VAL)) {
        instance_log(in, LOG_ERROR, "%s: variable '%s' cannot be set to %g at t = %.9g s; give a finite number.",
                     function, v->name, value, in->block[S_TIME]);
        return STATUS_ERROR;
    }
    if ((v->slot == SLOT_INPUT || v->slot == SLOT_PARAMETER) && variables_value(in, reference) == value) return STATUS_OK;
    store(in, v, value);
    if (range_is_outside(v, value)) in->may_be_outside = 1;
    in->block[S_INPUTS_CHANGED] = 1.0;
    if ((int)in->block[S_MODE] & (MODE_INSTANTIATED | MODE_INITIALIZATION)) in->block[S_INITIALISED] = 0.0;
    instance_touch(in);
    return STATUS_OK;
}

static double *seed_of(Instance *in, const Variable *v)
{
    switch (v->slot) {
    case SLOT_STATE:
        return &in->dx[v->index];
    case SLOT_INPUT:
        return &in->du[v->index];
    case SLOT_PARAMETER:
        return &in->dp[v->index];
    case SLOT_TIME:
        return &in->dt;
    default:
        return NULL;
    }
}

/* Outputs may be states, inputs or discrete variables themselves, not only entries of y. */
static double sensitivity_of(const Instance *in, const Variable *v)
{
    switch (v->slot) {
    case SLOT_DERIVATIVE:
        return in->df[v->index];
    case SLOT_OUTPUT:
        return in->dy[v->index];
    case SLOT_STATE:
        return in->dx[v->index];
    case SLOT_INPUT:
        return in->du[v->index];
    case SLOT_TIME:
        return in->dt;
    default:
        return 0.0;
    }
}

static void clear_seeds(Instance *in)
{
    memset(in->dx, 0, (size_t)in->model->nx * sizeof(double));
    memset(in->du, 0, (size_t)in->model->nu * sizeof(double));
    memset(in->dp, 0, (size_t)in->model->np * sizeof(double));
    in->dt = 0.0;
}

static int check_derivative(Instance *in, const char *function, const unsigned *unknowns, size_t n_unknowns,
                            const unsigned *knowns, size_t n_knowns)
{
    for (size_t i = 0; i < n_unknowns; i++)
        if (!variables_find(in, function, unknowns[i], 1u << TYPE_REAL)) return STATUS_ERROR;
    for (size_t i = 0; i < n_knowns; i++) {
        const Variable *v = variables_find(in, function, knowns[i], 1u << TYPE_REAL);
        if (!v) return STATUS_ERROR;
        if (seed_of(in, v)) continue;
        instance_log(in, LOG_ERROR, "%s: '%s' is no state, input, tunable parameter or time, so nothing can be differentiated "
                     "with respect to it.", function, v->name);
        return STATUS_ERROR;
    }
    return ensure_initialised(in);
}

/* In initialisation, unknowns follow from knowns through start values, initial equations and initial events too. */
static int follows_initially(const Instance *in, const unsigned *knowns, size_t n_knowns)
{
    const Model *m = in->model;
    if ((int)in->block[S_MODE] != MODE_INITIALIZATION) return 0;
    if (m->ni > 0 || m->nd > 0) return 1;
    for (size_t i = 0; i < n_knowns; i++)
        if (m->variables[knowns[i]].slot == SLOT_PARAMETER) return 1;
    return 0;
}

/* How far the knowns may go along the seed: the cube root of the round-off of the one that moves most. */
static double small_part(const Instance *in, const unsigned *knowns, size_t n_knowns, const double *seed)
{
    const Model *m = in->model;
    double part = HUGE_VAL;
    for (size_t i = 0; i < n_knowns; i++) {
        const Variable *v = &m->variables[knowns[i]];
        double size = fabs(variables_value(in, knowns[i]));
        if (v->slot == SLOT_STATE) size = fmax(size, m->state_nominal[v->index]);
        if (v->slot == SLOT_INPUT) size = fmax(size, m->input_nominal[v->index]);
        if (seed[i] != 0.0) part = fmin(part, INITIAL_MOVE * (size > 0.0 ? size : 1.0) / fabs(seed[i]));
    }
    return part;
}

/* Initialise with the knowns moved by part * seed, and add sign * unknowns; what is moved is the caller's to restore. */
static int add_initial(Instance *in, const unsigned *unknowns, size_t n_unknowns, const unsigned *knowns,
                       size_t n_knowns, const double *seed, double part, double sign, double *sum)
{
    for (size_t i = 0; i < n_knowns; i++)
        store(in, &in->model->variables[knowns[i]], variables_value(in, knowns[i]) + part * seed[i]);
    instance_touch(in);
    if (initialise(in) || evaluate_derivatives(in) || evaluate_outputs(in)) return STATUS_ERROR;
    for (size_t i = 0; i < n_unknowns; i++) sum[i] += sign * variables_value(in, unknowns[i]);
    return STATUS_OK;
}

/* Central difference of whole initialisations, one-sided where there is no solution on the other side. */
static int initial_direction(Instance *in, const unsigned *unknowns, size_t n_unknowns, const unsigned *knowns,
                             size_t n_knowns, const double *seed, double *sensitivity)
{
    double part = small_part(in, knowns, n_knowns, seed), width = 0.0;
    for (size_t i = 0; i < n_unknowns; i++) sensitivity[i] = 0.0;
    if (!(part < HUGE_VAL)) return STATUS_OK;
    FmuState *here = state_save(in, NULL);
    LogSink sink = in->sink;
    if (!here) return STATUS_ERROR;
    in->sink = NULL;
    for (int side = 1; side >= -1; side -= 2) {
        int failed = add_initial(in, unknowns, n_unknowns, knowns, n_knowns, seed, side * part, side, sensitivity);
        width += failed ? 0.0 : part;
        state_restore(in, here);
        if (failed) failed = add_initial(in, unknowns, n_unknowns, knowns, n_knowns, seed, 0.0, side, sensitivity);
        state_restore(in, here);
    }
    in->sink = sink;
    free(here);
    for (size_t i = 0; i < n_unknowns; i++) sensitivity[i] /= width;
    return width > 0.0 ? STATUS_OK : STATUS_ERROR;
}

int variables_direction(Instance *in, const unsigned *unknowns, size_t n_unknowns, const unsigned *knowns,
                        size_t n_knowns, const double *seed, double *sensitivity)
{
    if (check_derivative(in, "GetDirectionalDerivative", unknowns, n_unknowns, knowns, n_knowns)) return STATUS_ERROR;
    if (follows_initially(in, knowns, n_knowns))
        return initial_direction(in, unknowns, n_unknowns, knowns, n_knowns, seed, sensitivity);
    clear_seeds(in);
    for (size_t i = 0; i < n_knowns; i++) *seed_of(in, &in->model->variables[knowns[i]]) += seed[i];
    if (evaluate_direction(in, in->block[S_TIME], in->x)) return STATUS_ERROR;
    for (size_t i = 0; i < n_unknowns; i++) sensitivity[i] = sensitivity_of(in, &in->model->variables[unknowns[i]]);
    return STATUS_OK;
}

/* The transposed product, one direction per known: the generated code has forward derivatives only. */
int variables_adjoint(Instance *in, const unsigned *unknowns, size_t n_unknowns, const unsigned *knowns,
                      size_t n_knowns, const double *seed, double *sensitivity)
{
    double *column = malloc((n_unknowns + 1) * sizeof(double)), one = 1.0;
    int status = column ? STATUS_OK : STATUS_ERROR;
    for (size_t k = 0; k < n_knowns && status == STATUS_OK; k++) {
        status = variables_direction(in, unknowns, n_unknowns, &knowns[k], 1, &one, column);
        sensitivity[k] = 0.0;
        for (size_t i = 0; i < n_unknowns && status == STATUS_OK; i++) sensitivity[k] += seed[i] * column[i];
    }
    free(column);
    return status;
}
