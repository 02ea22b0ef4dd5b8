/* One running instance: its state block, its workspace, and what each file of the runtime offers to the others.
 *
 * Everything that an FMU state must hold lies in one array of doubles, so that saving it is a copy and its layout can
 * be documented; the rest can be recomputed from it. There is no static mutable data: instances are independent.
 */
#ifndef COSIM_INSTANCE_H
#define COSIM_INSTANCE_H

#include "model.h"

#include <stddef.h>

enum { STATUS_OK = 0, STATUS_ERROR = 1, STATUS_TERMINATE = 2 };

enum { LOG_WARNING = 0, LOG_ERROR = 1, LOG_DISCARD = 2 };

/* States of the FMI state machines, as bits so that a call can be checked against the set in which it is allowed. */
enum {
    MODE_INSTANTIATED = 1,
    MODE_INITIALIZATION = 2,
    MODE_EVENT = 4,
    MODE_CONTINUOUS = 8,
    MODE_STEP = 16,
    MODE_TERMINATED = 32,
    MODE_FAILED = 64,
    MODE_DISCARDED = 128, /* a step ended early because the model terminated */
    MODE_INTERMEDIATE = 256 /* FMI 3.0: the importer is asked for inputs within a step */
};

/* The scalars at the head of the state block; state_layout.json names them in this order. */
enum {
    S_TIME,
    S_STEP_SIZE,
    S_TOLERANCE,
    S_STOP_TIME,
    S_MODE,
    S_IS_COSIMULATION,
    S_INITIALISED,
    S_INPUTS_CHANGED,
    S_TERMINATED,
    S_EVENT_TIME,
    S_EVENT_INTERVAL,
    S_EVENT_RATIO,
    S_SHRINKING_FROM,
    S_SHRINKING_COUNT,
    S_RAPID_TIME,
    S_RAPID_COUNT,
    S_LAST_SPAN,
    S_INPUTS_MOVE, /* 1 when an input has a derivative that is not zero */
    S_INPUTS_PAST, /* 1 when the derivatives are those of the step that ended: the next one holds its inputs */
    N_SCALARS
};

/* Derivatives that an input may have: a cubic, as from values and slopes at both ends of a step. */
#define INPUT_ORDERS 3
#define OUTPUT_ORDERS 2

typedef struct Instance Instance;
typedef void (*LogSink)(Instance *instance, int level, const char *text);

typedef struct {
    double *jac, *dfdt;            /* of the current step */
    double *f0, *k[6], *stage, *f; /* Rosenbrock stages */
    double *x_new, *cont3, *cont4, *x_dense, *rhs_permuted;
    double *lu, *lu_row, *z_saved;
    int *pivot;
} SolverWork;

typedef struct {
    double *residual, *scaled, *step, *trial, *damping, *norm, *last_step, *jac, *dense;
    int *pivot, *done;
    int failed_block; /* the block that did not converge last, or -1 */
} NewtonWork;

struct Instance {
    const Model *model;
    double *block;   /* the FMU state: scalars, then the vectors below, in this order */
    size_t n_block;
    double *x, *z, *u, *p, *d, *r, *c;
    double *u_rate[INPUT_ORDERS];                    /* derivatives of the inputs, orders 1, 2, 3 */
    double *x_start, *x_is_set, *d_start, *d_is_set; /* start values given by the user */
    double *r_scale;                                 /* magnitude of each relation, for its hysteresis */
    double *assert_seen;                             /* 1 when the violation of a warning has been reported */
    double *f, *y;                                   /* caches of the values at the current point */
    int f_is_valid, y_is_valid;
    double *g, *te, *r_before, *d_new, *x_event, *c_new, *fired, *asserted;
    double *init_residual, *init_jac, *dx, *du, *dp, dt, *df, *dy;
    int *init_pivot;
    double *u_begin;             /* inputs at the start of the step, or where they are kept aside */
    double input_begin, input_time; /* time of u_begin, and of u, while a step moves the inputs */
    int inputs_move;
    double *f_rate[OUTPUT_ORDERS], *y_rate[OUTPUT_ORDERS]; /* derivatives with respect to time of f and y */
    int may_be_outside; /* 1 until inputs and parameters are known to lie within their ranges */
    int rates_valid;             /* highest order that holds at the current point */
    SolverWork solver;
    NewtonWork newton;
    double span; /* length of the communication step being taken */
    double t_argument, initial_argument;
    const double **arg;
    double **res;
    int *iw;
    double *w;
    void *workspace;
    char *name;
    LogSink sink;
    void *logger, *environment;
    int logging_on;
    void *intermediate_update; /* FMI 3.0: the importer's callback, if it wants to set inputs within a step */
    int may_return_early; /* FMI 3.0: a step that ends in termination may say so */
};

/* instance.c */
Instance *instance_new(const char *name, int is_cosimulation, LogSink sink, void *logger, void *environment);
void instance_free(Instance *in);
void instance_reset(Instance *in);
void instance_log(Instance *in, int level, const char *format, ...);
void instance_touch(Instance *in); /* the cached derivatives and outputs no longer hold */

/* evaluate.c: the model functions at (t, x); each solves z first where it matters */
int evaluate_rhs(Instance *in, double t, const double *x, double *f);
int evaluate_jacobian(Instance *in, double t, const double *x, double *jac, double *dfdt);
int evaluate_outputs(Instance *in);
int evaluate_derivatives(Instance *in);
int evaluate_relations(Instance *in, double t, const double *x);
int evaluate_is_finite(const double *values, int n);
void evaluate_residuals(Instance *in, double t, const double *x, double *residual, double *jac);
void evaluate_event(Instance *in, int is_initial);
void evaluate_start(Instance *in, double *x, double *d, double *z);
void evaluate_initial_equations(Instance *in);
void evaluate_asserts(Instance *in);
int evaluate_direction(Instance *in, double t, const double *x);

/* inputs.c: inputs that follow polynomials within a communication step */
int inputs_set_rate(Instance *in, const char *function, unsigned reference, int order, double value);
void inputs_begin(Instance *in);
void inputs_at(Instance *in, double t);
void inputs_rate(const Instance *in, double t, double *rate);
void inputs_end(Instance *in);
void inputs_hold(Instance *in);
void inputs_fit(Instance *in, double interval);

/* rates.c: derivatives of outputs with respect to time */
int rates_of(Instance *in, const char *function, const unsigned *references, const int *orders, size_t n, double *rates);

/* newton.c */
int solve_blocks(Instance *in, double t, const double *x);
void newton_explain(Instance *in, double t);

/* linear.c */
int linear_factor(Instance *in, double diagonal);
void linear_solve(Instance *in, const double *b, double *x);
int dense_factor(double *a, int *pivot, int n);
void dense_solve(const double *a, const int *pivot, double *b, int n);

/* rosenbrock.c */
int rosenbrock_prepare(Instance *in, double t);
int rosenbrock_step(Instance *in, double t, double h, double *error);
int rosenbrock_breaks_minimum(const Instance *in);
void rosenbrock_dense(Instance *in, double theta, double *x);
double rosenbrock_initial_step(Instance *in, double t, double span);
double rosenbrock_next_step(double h, double error);

/* events.c */
int events_update(Instance *in, int is_initial);
int events_refresh_inputs(Instance *in);
double events_indicator(const Instance *in, int relation);
double events_margin(Instance *in, double t, const double *x, int *failed);
double events_next_time(Instance *in, int *failed);
int events_time_reached(double t, double te);
void events_set_relations(Instance *in);
void events_scale_relations(Instance *in);

/* messages.c */
int messages_check_asserts(Instance *in);
int messages_report_fired(Instance *in);
void messages_explain(Instance *in); /* why the model cannot be evaluated at the current point, as far as is known */

/* range.c */
int range_is_outside(const Variable *v, double value);
int range_check(Instance *in);

/* initial.c */
int initialise(Instance *in);

/* integrate.c */
int integrate(Instance *in, double t_end);

/* variables.c: checks references against the types a call accepts, then moves values one by one */
const Variable *variables_find(Instance *in, const char *function, unsigned reference, unsigned types);
int variables_prepare(Instance *in, const char *function, const unsigned *references, size_t n, unsigned types);
double variables_value(const Instance *in, unsigned reference);
int variables_set(Instance *in, const char *function, unsigned reference, unsigned types, double value);
int variables_direction(Instance *in, const unsigned *unknowns, size_t n_unknowns, const unsigned *knowns,
                        size_t n_knowns, const double *seed, double *sensitivity);
int variables_adjoint(Instance *in, const unsigned *unknowns, size_t n_unknowns, const unsigned *knowns,
                      size_t n_knowns, const double *seed, double *sensitivity);

/* state.c */
typedef struct FmuState FmuState;
FmuState *state_save(Instance *in, FmuState *into);
int state_restore(Instance *in, const FmuState *state);
size_t state_size(const Instance *in);
int state_serialise(const Instance *in, const FmuState *state, char *bytes, size_t size);
FmuState *state_deserialise(Instance *in, const char *bytes, size_t size);

/* calls.c: what the two FMI front ends share */
int call_allowed(Instance *in, const char *function, int modes);
int call_setup(Instance *in, const char *function, int tolerance_defined, double tolerance, double start,
               int stop_defined, double stop);
int call_exit_initialization(Instance *in);
int call_check_step(Instance *in, const char *function, double t, double h);
int call_update_discrete(Instance *in, int *values_changed, double *next_time);
int call_completed_step(Instance *in);
int call_set_states(Instance *in, const char *function, const double *x, size_t n);
int call_get_derivatives(Instance *in, const char *function, double *f, size_t n);
int call_get_indicators(Instance *in, const char *function, double *g, size_t n);

#endif
