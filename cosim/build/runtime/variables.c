/* Reading and writing variables by value reference, and derivatives with respect to them. */
#include "instance.h"

#include <math.h>
#include <string.h>

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

int variables_direction(Instance *in, const unsigned *unknowns, size_t n_unknowns, const unsigned *knowns,
                        size_t n_knowns, const double *seed, double *sensitivity)
{
    if (check_derivative(in, "GetDirectionalDerivative", unknowns, n_unknowns, knowns, n_knowns)) return STATUS_ERROR;
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
    if (check_derivative(in, "GetAdjointDerivative", unknowns, n_unknowns, knowns, n_knowns)) return STATUS_ERROR;
    for (size_t k = 0; k < n_knowns; k++) {
        clear_seeds(in);
        *seed_of(in, &in->model->variables[knowns[k]]) = 1.0;
        if (evaluate_direction(in, in->block[S_TIME], in->x)) return STATUS_ERROR;
        sensitivity[k] = 0.0;
        for (size_t i = 0; i < n_unknowns; i++)
            sensitivity[k] += seed[i] * sensitivity_of(in, &in->model->variables[unknowns[i]]);
    }
    return STATUS_OK;
}
