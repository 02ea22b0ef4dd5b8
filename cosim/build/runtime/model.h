/* The compiled model as the runtime sees it: sizes, tables and functions; docs/reference/model-abi.md defines them.
 *
 * The runtime knows no model at compile time: it is compiled once per platform and linked with each model's tables.
 */
#ifndef COSIM_MODEL_H
#define COSIM_MODEL_H

#include <stdint.h>

typedef int (*ModelFunction)(const double **arg, double **res, int *iw, double *w, int mem);
typedef int (*ModelWork)(int *n_arg, int *n_res, int *n_iw, int *n_w);

/* The vector in which a variable lives; the codes are those of cosim.build.model.Slot. */
enum {
    SLOT_STATE = 0,
    SLOT_DERIVATIVE = 1,
    SLOT_INPUT = 2,
    SLOT_PARAMETER = 3,
    SLOT_DISCRETE = 4,
    SLOT_OUTPUT = 5,
    SLOT_INDICATOR = 6,
    SLOT_TIME = 7,
    SLOT_CONSTANT = 8
};

enum { TYPE_REAL = 0, TYPE_INTEGER = 1, TYPE_BOOLEAN = 2, TYPE_ENUMERATION = 3 };

/* When a variable may be set: never, until the end of initialisation, or at any communication point. */
enum { SET_NEVER = 0, SET_START = 1, SET_ALWAYS = 2 };

enum { LEVEL_WARNING = 0, LEVEL_ERROR = 1, LEVEL_TERMINATE = 2 };

enum { LINEAR_BANDED = 0, LINEAR_SPARSE = 1 };

typedef struct {
    const char *name;
    const char *unit;
    double value; /* start value; the value itself for SLOT_CONSTANT */
    double minimum, maximum; /* -1e300 and 1e300 where there are none */
    int slot;
    int index;
    int type;
    int settable;
} Variable;

typedef struct {
    const char *text;
    int level;
} MessageText;

/* How to factorise (1/(h gamma)) I - J; see linear.c. Slots point into the factor's storage. */
typedef struct {
    int method;
    int n_storage;
    const int *position;  /* [nx] place of state i in the elimination order */
    const int *jac_slot;  /* [nnz] where nonzero k of J goes */
    const int *diag_slot; /* [nx], by place: where the diagonal goes */
    int lower, upper;     /* banded: bandwidths */
    const int *row_start; /* sparse: [nx + 1] */
    const int *column;    /* sparse: [n_storage], ascending within a row */
} LinearPlan;

/* Torn block: z[offset .. offset + size), nonzeros jac_start .. jac_end of m_alg's second result. */
typedef struct {
    int offset, size, level;
    int jac_start, jac_end;
} Block;

typedef struct {
    ModelFunction rhs, jac, out, alg, rel, event, start, init, check, dir;
    ModelWork rhs_work, jac_work, out_work, alg_work, rel_work, event_work, start_work, init_work, check_work, dir_work;
} ModelFunctions;

typedef struct {
    const char *name;
    const char *token; /* guid of FMI 2.0, instantiation token of FMI 3.0 */
    uint64_t layout_hash;
    int nx, nz, nu, np, nd, nr, nc, ny, ni, na, nm, nv;
    int jac_nnz, z_nnz, n_blocks, n_levels, largest_block;
    int n_indicators; /* relations that are not time relations */
    const Variable *variables;
    const double *input_start, *parameter_start, *state_nominal, *state_minimum, *input_nominal;
    const double *z_nominal, *z_minimum, *z_maximum;
    const char *const *z_name;
    const int *z_row, *z_column;
    const Block *blocks; /* by ascending level */
    const int *free_state;
    const int *relation_strict, *relation_is_time, *indicator_relation;
    const MessageText *asserts, *fired;
    LinearPlan linear;
    ModelFunctions f;
} Model;

extern const Model cosim_model;

#endif
