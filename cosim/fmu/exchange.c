/* What CVODE calls while it integrates a Model Exchange FMU, and the loop over its steps: exchange.py without Python.
 *
 * Nothing here knows SUNDIALS' or FMI's headers: functions come as addresses, and the versions of FMI differ only in what
 * `complete_step` and `directional` take. States are in CVODE's order, which keeps the band of the Jacobian narrow;
 * `order[k]` is the place among the FMU's states of CVODE's state k.
 */
#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#ifdef _WIN32
#define EXPORT __declspec(dllexport)
#else
#define EXPORT __attribute__((visibility("default")))
#endif

enum { STATUS_WARNING = 1, STATUS_DISCARD = 2 };
enum { RETRY = 1, GIVE_UP = -1 };
enum { ONE_STEP = 2, ROOT_RETURN = 2 };
/* Which function refused; the order of exchange.py. */
enum { SET_TIME = 1, SET_STATES, GET_DERIVATIVES, GET_INDICATORS, COMPLETE_STEP, DIRECTIONAL, NOT_FINITE };
/* Why exchange_advance returned, where it is not a code of CVODE. */
enum { REACHED = 0, ROOT = 1, ASKED = 2, TERMINATED = 3, PAUSED = 4, REFUSED = 5 };

typedef struct {
    /* given */
    int32_t version;
    int32_t has_order;
    void *instance;
    int (*set_time)(void *, double);
    int (*set_states)(void *, const double *, size_t);
    int (*get_derivatives)(void *, double *, size_t);
    int (*get_indicators)(void *, double *, size_t);
    void *complete_step; /* NULL: the FMU does without */
    void *directional;   /* NULL: differences */
    int (*cvode)(void *, double, void *, double *, int);
    double *(*vector_data)(void *);
    double *(*matrix_data)(void *);
    void *memory;
    void *states;
    size_t n_states, n_indicators;
    const int64_t *order;
    double *x, *f, *seed, *sensitivity; /* work, n_states each; `seed` is 1 everywhere where `directional` is there */
    double *accepted;                   /* states at `time` */
    const double *scale;                /* of the states, in CVODE's order, for differences */
    /* Columns of the Jacobian in groups that share no row. Group g has the columns column_begin[g] ... and the entries
       entry_begin[g] ...; `rows` and `columns` are in CVODE's order, references in the FMU's numbers. */
    int64_t n_groups;
    const int64_t *column_begin, *group_columns, *entry_begin, *rows, *columns;
    const uint32_t *known_references, *unknown_references;
    int64_t matrix_stride, matrix_offset; /* element (i, j) is at j * stride + i + offset */
    /* found */
    double time; /* of the last step that was accepted */
    int32_t function, status; /* of the last refusal */
    double refused_at, value;
    int64_t refused_state;
    int64_t n_steps, n_refused;
} Exchange;

static int refuse(Exchange *e, int function, int status, double t)
{
    e->function = function;
    e->status = status;
    e->refused_at = t;
    return status == STATUS_DISCARD ? RETRY : GIVE_UP;
}

#define CALL(function, call)                                                               \
    do {                                                                                   \
        int status_ = (call);                                                              \
        if (status_ < 0 || status_ > STATUS_WARNING) return refuse(e, function, status_, t); \
    } while (0)

static int put(Exchange *e, double t, const double *y)
{
    CALL(SET_TIME, e->set_time(e->instance, t));
    if (!e->n_states) return 0;
    if (e->has_order) {
        for (size_t k = 0; k < e->n_states; k++) e->x[e->order[k]] = y[k];
        y = e->x;
    }
    CALL(SET_STATES, e->set_states(e->instance, y, e->n_states));
    return 0;
}

static int evaluate(Exchange *e, double t, const double *y, double *slopes)
{
    double *f = e->has_order ? e->f : slopes;
    int code = put(e, t, y);
    if (code) return code;
    if (!e->n_states) {
        slopes[0] = 0.0;
        return 0;
    }
    CALL(GET_DERIVATIVES, e->get_derivatives(e->instance, f, e->n_states));
    for (size_t i = 0; i < e->n_states; i++) {
        if (isfinite(f[i])) continue;
        e->refused_state = (int64_t)i;
        e->value = f[i];
        return refuse(e, NOT_FINITE, STATUS_DISCARD, t);
    }
    if (e->has_order)
        for (size_t k = 0; k < e->n_states; k++) slopes[k] = f[e->order[k]];
    return 0;
}

EXPORT int exchange_derivatives(double t, void *y, void *slopes, void *data)
{
    Exchange *e = data;
    return evaluate(e, t, e->vector_data(y), e->vector_data(slopes));
}

EXPORT int exchange_indicators(double t, void *y, double *values, void *data)
{
    Exchange *e = data;
    int code = put(e, t, e->vector_data(y));
    if (code) return code;
    CALL(GET_INDICATORS, e->get_indicators(e->instance, values, e->n_indicators));
    return 0;
}

static int differentiate(Exchange *e, double t, int64_t group, double *sensitivity)
{
    int64_t begin = e->column_begin[group], first = e->entry_begin[group];
    size_t n_columns = (size_t)(e->column_begin[group + 1] - begin), n = (size_t)(e->entry_begin[group + 1] - first);
    const uint32_t *unknowns = e->unknown_references + first, *knowns = e->known_references + begin;
    typedef int (*Fmi2)(void *, const uint32_t *, size_t, const uint32_t *, size_t, const double *, double *);
    typedef int (*Fmi3)(void *, const uint32_t *, size_t, const uint32_t *, size_t, const double *, size_t, double *,
                        size_t);
    if (e->version == 2)
        CALL(DIRECTIONAL, ((Fmi2)e->directional)(e->instance, unknowns, n, knowns, n_columns, e->seed, sensitivity));
    else
        CALL(DIRECTIONAL, ((Fmi3)e->directional)(e->instance, unknowns, n, knowns, n_columns, e->seed, n_columns,
                                                 sensitivity, n));
    return 0;
}

static int exact_jacobian(Exchange *e, double t, const double *y, double *matrix)
{
    int code = put(e, t, y);
    if (code) return code;
    for (int64_t g = 0; g < e->n_groups; g++) {
        if ((code = differentiate(e, t, g, e->sensitivity))) return code;
        for (int64_t i = e->entry_begin[g]; i < e->entry_begin[g + 1]; i++) {
            double value = e->sensitivity[i - e->entry_begin[g]];
            if (!isfinite(value)) return refuse(e, NOT_FINITE, STATUS_DISCARD, t);
            matrix[e->columns[i] * e->matrix_stride + e->rows[i] + e->matrix_offset] = value;
        }
    }
    return 0;
}

/* `base` are the derivatives at y; the increments are CVODE's own (SUNDIALS, cvLsDenseDQJac). */
static int difference_jacobian(Exchange *e, double t, double *y, const double *base, double *matrix)
{
    const double root = 1.4901161193847656e-08; /* of the machine's precision */
    for (int64_t g = 0; g < e->n_groups; g++) {
        for (int64_t k = e->column_begin[g]; k < e->column_begin[g + 1]; k++) {
            int64_t j = e->group_columns[k];
            double size = root * fmax(fabs(y[j]), e->scale[j]);
            e->seed[j] = y[j];
            y[j] += size;
        }
        int code = evaluate(e, t, y, e->sensitivity);
        for (int64_t i = e->entry_begin[g]; i < e->entry_begin[g + 1] && !code; i++) {
            int64_t j = e->columns[i], row = e->rows[i];
            matrix[j * e->matrix_stride + row + e->matrix_offset] =
                (e->sensitivity[row] - base[row]) / (y[j] - e->seed[j]);
        }
        for (int64_t k = e->column_begin[g]; k < e->column_begin[g + 1]; k++)
            y[e->group_columns[k]] = e->seed[e->group_columns[k]];
        if (code) return code;
    }
    return 0;
}

EXPORT int exchange_jacobian(double t, void *y, void *slopes, void *matrix, void *data, void *a, void *b, void *c)
{
    Exchange *e = data;
    double *values = e->matrix_data(matrix);
    (void)a;
    (void)b;
    (void)c;
    if (e->directional) return exact_jacobian(e, t, e->vector_data(y), values);
    return difference_jacobian(e, t, e->vector_data(y), e->vector_data(slopes), values);
}

static int complete(Exchange *e, int *asks, int *ends)
{
    double t = e->time;
    char flag = 0, asks_flag = 0, ends_flag = 0; /* FMI 1.0 and 3.0: one byte */
    *asks = *ends = 0;
    if (!e->complete_step) return 0;
    if (e->version == 1) {
        CALL(COMPLETE_STEP, ((int (*)(void *, char *))e->complete_step)(e->instance, &flag));
        *asks = flag != 0;
    } else if (e->version == 2) {
        CALL(COMPLETE_STEP, ((int (*)(void *, int, int *, int *))e->complete_step)(e->instance, 0, asks, ends));
    } else {
        CALL(COMPLETE_STEP,
             ((int (*)(void *, _Bool, char *, char *))e->complete_step)(e->instance, 0, &asks_flag, &ends_flag));
        *asks = asks_flag != 0;
        *ends = ends_flag != 0;
    }
    return 0;
}

/* Make at most `most` steps, one if the FMU refused something on the way, not beyond `stop`, which CVODE has been told.
   Returns why it ended, or CVODE's error. */
EXPORT int exchange_advance(Exchange *e, double stop, int64_t most)
{
    double *y = e->vector_data(e->states);
    size_t size = (e->n_states ? e->n_states : 1) * sizeof(double);
    memcpy(e->accepted, y, size);
    for (int64_t number = 0; number < most; number++) {
        int asks, ends;
        double reached;
        e->function = 0;
        int code = e->cvode(e->memory, stop, e->states, &reached, ONE_STEP);
        if (code < 0) return code;
        e->time = reached;
        memcpy(e->accepted, y, size);
        e->n_steps++;
        int was_refused = e->function != 0;
        e->n_refused += was_refused;
        if (put(e, e->time, y) || complete(e, &asks, &ends)) return REFUSED;
        if (ends) return TERMINATED;
        if (code == ROOT_RETURN) return ROOT;
        if (asks) return ASKED;
        if (e->time >= stop) return REACHED;
        if (was_refused) return PAUSED;
    }
    return PAUSED;
}
