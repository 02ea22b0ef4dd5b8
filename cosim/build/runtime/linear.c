/* Factorising (diagonal) I - J for the Rosenbrock method, and small dense systems for Newton.
 *
 * Banded: LU with partial pivoting in LAPACK's band storage, rows and columns in reverse Cuthill-McKee order.
 * Sparse: row-by-row LU in a minimum-degree order whose fill was computed when the FMU was built, without pivoting:
 * a short enough step makes the matrix diagonally dominant, so a small pivot is answered by a shorter step.
 */
#include "instance.h"

#include <math.h>
#include <string.h>

/* A pivot this small against the diagonal that it came from has lost its digits to cancellation. (Comparing it with its
 * row would depend on the units of the states.) */
#define PIVOT_MINIMUM 1e-8

static int factor_banded(Instance *in)
{
    const LinearPlan *plan = &in->model->linear;
    int n = in->model->nx, ml = plan->lower, mu = plan->upper, ld = 2 * ml + mu + 1;
    double *lu = in->solver.lu;
    for (int k = 0; k < n; k++) {
        int last_row = k + ml < n - 1 ? k + ml : n - 1, last_col = k + ml + mu < n - 1 ? k + ml + mu : n - 1;
        double *column = lu + (size_t)k * (size_t)ld + (ml + mu - k); /* column[i] is element (i, k) */
        int p = k;
        for (int i = k + 1; i <= last_row; i++)
            if (fabs(column[i]) > fabs(column[p])) p = i;
        in->solver.pivot[k] = p;
        if (!(fabs(column[p]) > 0.0)) return STATUS_ERROR;
        double swap = column[k];
        column[k] = column[p];
        column[p] = swap;
        double inverse = 1.0 / column[k];
        for (int i = k + 1; i <= last_row; i++) column[i] *= inverse;
        for (int j = k + 1; j <= last_col; j++) {
            double *other = lu + (size_t)j * (size_t)ld + (ml + mu - j);
            double factor = other[p];
            other[p] = other[k];
            other[k] = factor;
            if (factor == 0.0) continue;
            for (int i = k + 1; i <= last_row; i++) other[i] -= column[i] * factor;
        }
    }
    return STATUS_OK;
}

static void solve_banded(const Instance *in, double *b)
{
    const LinearPlan *plan = &in->model->linear;
    int n = in->model->nx, ml = plan->lower, mu = plan->upper, ld = 2 * ml + mu + 1;
    for (int k = 0; k < n; k++) {
        const double *column = in->solver.lu + (size_t)k * (size_t)ld + (ml + mu - k);
        int last = k + ml < n - 1 ? k + ml : n - 1, p = in->solver.pivot[k];
        double value = b[p];
        b[p] = b[k];
        b[k] = value;
        for (int i = k + 1; i <= last; i++) b[i] -= column[i] * value;
    }
    for (int k = n - 1; k >= 0; k--) {
        const double *column = in->solver.lu + (size_t)k * (size_t)ld + (ml + mu - k);
        int first = k - ml - mu > 0 ? k - ml - mu : 0;
        double value = b[k] / column[k];
        b[k] = value;
        for (int i = first; i < k; i++) b[i] -= column[i] * value;
    }
}

/* lu_row is all zero between rows; the diagonal is stored inverted. */
static int factor_sparse(Instance *in)
{
    const LinearPlan *plan = &in->model->linear;
    const int *start = plan->row_start, *column = plan->column, *diag = plan->diag_slot;
    double *lu = in->solver.lu, *row = in->solver.lu_row;
    for (int i = 0; i < in->model->nx; i++) {
        double before = fabs(lu[diag[i]]);
        for (int e = start[i]; e < start[i + 1]; e++) row[column[e]] = lu[e];
        for (int e = start[i]; e < diag[i]; e++) {
            int k = column[e];
            double factor = row[k] * lu[diag[k]];
            row[k] = factor;
            if (factor == 0.0) continue;
            for (int q = diag[k] + 1; q < start[k + 1]; q++) row[column[q]] -= factor * lu[q];
        }
        for (int e = start[i]; e < start[i + 1]; e++) {
            lu[e] = row[column[e]];
            row[column[e]] = 0.0;
        }
        if (!(fabs(lu[diag[i]]) > PIVOT_MINIMUM * before)) return STATUS_ERROR;
        lu[diag[i]] = 1.0 / lu[diag[i]];
    }
    return STATUS_OK;
}

static void solve_sparse(const Instance *in, double *b)
{
    const LinearPlan *plan = &in->model->linear;
    const int *start = plan->row_start, *column = plan->column, *diag = plan->diag_slot;
    const double *lu = in->solver.lu;
    int n = in->model->nx;
    for (int i = 0; i < n; i++) {
        double sum = b[i];
        for (int e = start[i]; e < diag[i]; e++) sum -= lu[e] * b[column[e]];
        b[i] = sum;
    }
    for (int i = n - 1; i >= 0; i--) {
        double sum = b[i];
        for (int e = diag[i] + 1; e < start[i + 1]; e++) sum -= lu[e] * b[column[e]];
        b[i] = sum * lu[diag[i]];
    }
}

int linear_factor(Instance *in, double diagonal)
{
    const Model *m = in->model;
    double *lu = in->solver.lu;
    memset(lu, 0, (size_t)m->linear.n_storage * sizeof(double));
    for (int k = 0; k < m->jac_nnz; k++) lu[m->linear.jac_slot[k]] -= in->solver.jac[k];
    for (int i = 0; i < m->nx; i++) lu[m->linear.diag_slot[i]] += diagonal;
    if (m->linear.method == LINEAR_BANDED) return factor_banded(in);
    memset(in->solver.lu_row, 0, (size_t)m->nx * sizeof(double));
    return factor_sparse(in);
}

void linear_solve(Instance *in, const double *b, double *x)
{
    const Model *m = in->model;
    const int *position = m->linear.position;
    double *permuted = in->solver.rhs_permuted;
    for (int i = 0; i < m->nx; i++) permuted[position[i]] = b[i];
    if (m->linear.method == LINEAR_BANDED)
        solve_banded(in, permuted);
    else
        solve_sparse(in, permuted);
    for (int i = 0; i < m->nx; i++) x[i] = permuted[position[i]];
}

/* Column-major LU with partial pivoting, in place. */
int dense_factor(double *a, int *pivot, int n)
{
    for (int k = 0; k < n; k++) {
        double *column = a + (size_t)k * (size_t)n;
        int p = k;
        for (int i = k + 1; i < n; i++)
            if (fabs(column[i]) > fabs(column[p])) p = i;
        pivot[k] = p;
        if (!(fabs(column[p]) > 0.0) || !(fabs(column[p]) < HUGE_VAL)) return STATUS_ERROR;
        for (int j = 0; p != k && j < n; j++) {
            double swap = a[k + (size_t)j * (size_t)n];
            a[k + (size_t)j * (size_t)n] = a[p + (size_t)j * (size_t)n];
            a[p + (size_t)j * (size_t)n] = swap;
        }
        for (int i = k + 1; i < n; i++) column[i] /= column[k];
        for (int j = k + 1; j < n; j++) {
            double *other = a + (size_t)j * (size_t)n;
            for (int i = k + 1; i < n; i++) other[i] -= column[i] * other[k];
        }
    }
    return STATUS_OK;
}

void dense_solve(const double *a, const int *pivot, double *b, int n)
{
    for (int k = 0; k < n; k++) {
        double swap = b[k];
        b[k] = b[pivot[k]];
        b[pivot[k]] = swap;
    }
    for (int k = 0; k < n; k++)
        for (int i = k + 1; i < n; i++) b[i] -= a[i + (size_t)k * (size_t)n] * b[k];
    for (int k = n - 1; k >= 0; k--) {
        b[k] /= a[k + (size_t)k * (size_t)n];
        for (int i = 0; i < k; i++) b[i] -= a[i + (size_t)k * (size_t)n] * b[k];
    }
}
