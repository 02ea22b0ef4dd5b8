/* Making, resetting and freeing an instance: one allocation for all its numbers, sized from the model. */
#include "instance.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A cursor over the workspace; with base == NULL it only counts, so that sizing and carving are the same code. */
typedef struct {
    char *base;
    size_t used;
} Arena;

static void *carve(Arena *arena, size_t count, size_t size)
{
    size_t bytes = (count * size + 15u) & ~(size_t)15u;
    void *place = arena->base ? arena->base + arena->used : NULL;
    arena->used += bytes;
    return place;
}

static double *reals(Arena *arena, int count)
{
    return carve(arena, (size_t)(count > 0 ? count : 1), sizeof(double));
}

static int *integers(Arena *arena, int count)
{
    return carve(arena, (size_t)(count > 0 ? count : 1), sizeof(int));
}

static void carve_block(Instance *in, Arena *arena)
{
    const Model *m = in->model;
    double **parts[] = {&in->x, &in->z, &in->u, &in->p, &in->d, &in->r, &in->c,
                        &in->u_rate[0], &in->u_rate[1], &in->u_rate[2], &in->x_start, &in->x_is_set,
                        &in->d_start, &in->d_is_set, &in->r_scale, &in->assert_seen};
    int sizes[] = {m->nx, m->nz, m->nu, m->np, m->nd, m->nr, m->nc, m->nu, m->nu, m->nu,
                   m->nx, m->nx, m->nd, m->nd, m->nr, m->na};
    size_t n_parts = sizeof(sizes) / sizeof(sizes[0]), offset = N_SCALARS;
    for (size_t i = 0; i < n_parts; i++) offset += (size_t)sizes[i];
    in->n_block = offset;
    in->block = reals(arena, (int)in->n_block);
    offset = N_SCALARS;
    for (size_t i = 0; i < n_parts; i++) {
        *parts[i] = in->block ? in->block + offset : NULL;
        offset += (size_t)sizes[i];
    }
}

static void carve_solver(Instance *in, Arena *arena)
{
    const Model *m = in->model;
    SolverWork *s = &in->solver;
    double **vectors[] = {&s->dfdt, &s->f0, &s->stage, &s->f, &s->x_new, &s->cont3, &s->cont4,
                          &s->x_dense, &s->rhs_permuted, &s->lu_row};
    for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) *vectors[i] = reals(arena, m->nx);
    for (int i = 0; i < 6; i++) s->k[i] = reals(arena, m->nx);
    s->jac = reals(arena, m->jac_nnz);
    s->lu = reals(arena, m->linear.n_storage);
    s->z_saved = reals(arena, m->nz);
    s->pivot = integers(arena, m->nx);
}

static void carve_newton(Instance *in, Arena *arena)
{
    const Model *m = in->model;
    NewtonWork *n = &in->newton;
    double **vectors[] = {&n->residual, &n->scaled, &n->step, &n->trial};
    for (size_t i = 0; i < sizeof(vectors) / sizeof(vectors[0]); i++) *vectors[i] = reals(arena, m->nz);
    n->damping = reals(arena, m->n_blocks);
    n->norm = reals(arena, m->n_blocks);
    n->last_step = reals(arena, m->n_blocks);
    n->done = integers(arena, m->n_blocks);
    n->jac = reals(arena, m->z_nnz);
    n->dense = carve(arena, (size_t)m->largest_block * (size_t)m->largest_block + 1, sizeof(double));
    n->pivot = integers(arena, m->largest_block);
}

static void carve_vectors(Instance *in, Arena *arena)
{
    const Model *m = in->model;
    double **vectors[] = {&in->f, &in->y, &in->g, &in->te, &in->r_before, &in->d_new, &in->x_event, &in->c_new, &in->fired,
                          &in->asserted, &in->init_residual, &in->dx, &in->du, &in->dp, &in->df, &in->dy,
                          &in->u_begin, &in->f_rate[0], &in->f_rate[1], &in->y_rate[0], &in->y_rate[1]};
    int sizes[] = {m->nx, m->ny, m->nr, m->nr, m->nr, m->nd, m->nx, m->nc, m->nm,
                   m->na, m->ni, m->nx, m->nu, m->np, m->nx, m->ny,
                   m->nu, m->nx, m->nx, m->ny, m->ny};
    for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) *vectors[i] = reals(arena, sizes[i]);
    in->init_jac = carve(arena, (size_t)m->ni * (size_t)m->ni + 1, sizeof(double));
    in->init_pivot = integers(arena, m->ni);
}

/* The generated functions ask for scratch space; they run one after the other, so the largest of each kind serves. */
static void carve_function_space(Instance *in, Arena *arena)
{
    const ModelFunctions *f = &in->model->f;
    ModelWork asks[] = {f->rhs_work, f->jac_work, f->out_work, f->alg_work, f->rel_work,
                        f->event_work, f->start_work, f->init_work, f->check_work, f->dir_work};
    int most[4] = {16, 16, 1, 1};
    for (size_t i = 0; i < sizeof(asks) / sizeof(asks[0]); i++) {
        int n[4] = {0, 0, 0, 0};
        asks[i](&n[0], &n[1], &n[2], &n[3]);
        for (int j = 0; j < 4; j++)
            if (n[j] > most[j]) most[j] = n[j];
    }
    in->arg = carve(arena, (size_t)most[0], sizeof(double *));
    in->res = carve(arena, (size_t)most[1], sizeof(double *));
    in->iw = carve(arena, (size_t)most[2], sizeof(long long)); /* CasADi may be told to use a wider integer */
    in->w = carve(arena, (size_t)most[3], sizeof(double));
}

static void carve_all(Instance *in, Arena *arena)
{
    carve_block(in, arena);
    carve_vectors(in, arena);
    carve_solver(in, arena);
    carve_newton(in, arena);
    carve_function_space(in, arena);
}

static char *copy_text(const char *text)
{
    size_t n = strlen(text) + 1;
    char *copy = malloc(n);
    if (copy) memcpy(copy, text, n);
    return copy;
}

Instance *instance_new(const char *name, int is_cosimulation, LogSink sink, void *logger, void *environment)
{
    Instance *in = calloc(1, sizeof(*in));
    Arena arena = {NULL, 0};
    if (!in) return NULL;
    in->model = &cosim_model;
    carve_all(in, &arena);
    in->workspace = calloc(1, arena.used);
    in->name = copy_text(name ? name : "");
    if (!in->workspace || !in->name) {
        instance_free(in);
        return NULL;
    }
    arena.base = in->workspace;
    arena.used = 0;
    carve_all(in, &arena);
    in->sink = sink;
    in->logger = logger;
    in->environment = environment;
    in->block[S_IS_COSIMULATION] = is_cosimulation;
    instance_reset(in);
    return in;
}

void instance_free(Instance *in)
{
    if (!in) return;
    free(in->workspace);
    free(in->name);
    free(in);
}

void instance_reset(Instance *in)
{
    const Model *m = in->model;
    double is_cosimulation = in->block[S_IS_COSIMULATION];
    memset(in->block, 0, in->n_block * sizeof(double));
    in->block[S_IS_COSIMULATION] = is_cosimulation;
    in->block[S_MODE] = MODE_INSTANTIATED;
    in->block[S_TOLERANCE] = 1e-6; /* relative; the default of the experiment, see docs/reference/fmu.md */
    in->block[S_STOP_TIME] = 1e300;
    in->may_be_outside = 1;
    memcpy(in->u, m->input_start, (size_t)m->nu * sizeof(double));
    memcpy(in->p, m->parameter_start, (size_t)m->np * sizeof(double));
    evaluate_start(in, in->x, in->d, in->z);
    for (int i = 0; i < m->nr; i++) in->r_scale[i] = 1.0;
    instance_touch(in);
}

void instance_touch(Instance *in)
{
    in->f_is_valid = 0;
    in->y_is_valid = 0;
    in->rates_valid = 0;
}

void instance_log(Instance *in, int level, const char *format, ...)
{
    char text[1024];
    va_list arguments;
    if (!in->sink) return;
    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    in->sink(in, level, text);
}
